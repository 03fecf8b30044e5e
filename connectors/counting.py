"""Asks the database for a person who waits: what takes too long is not known."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction
from django.db import connection as database

Answer = TypeVar("Answer")
LIMIT = "SELECT set_config('statement_timeout', %s, true)"


def within(seconds: float, ask: Callable[[], Answer]) -> Answer | None:
    """The answer, or None where a query takes longer; SQLite cannot be told to give up, and is small."""
    if seconds <= 0:
        return None
    if database.vendor != "postgresql":
        return ask()
    try:
        with transaction.atomic(), database.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            [before] = cursor.fetchone() or ["0"]
            cursor.execute(LIMIT, [f"{max(1, round(seconds * 1000))}ms"])
            answer = ask()
            cursor.execute(LIMIT, [before])
    except OperationalError:
        return None
    return answer

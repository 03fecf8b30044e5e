"""Upsert into SQLite: one prepared INSERT ... ON CONFLICT, executed for every row."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from connectors.datasets import Type
from connectors.storing_table import COMMON, Common, Table, Values, document, each, rows_of, text

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


def upsert(
    database: "BaseDatabaseWrapper", table: Table, common: Common, columns: list[Values]
) -> tuple[int, int]:
    """(created, updated). `columns` in the order of table.columns; no key twice. In a transaction."""
    adapted = [
        ADAPT[type](values) if type in ADAPT else values
        for type, values in zip(table.types, columns, strict=True)
    ]
    same = (common.connection_id.hex, common.scope, common.origin, moment(common.seen_at))
    constant = [[value] * len(adapted[0]) for value in same]
    with database.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table.name}")
        last_id = cursor.fetchone()[0]
        before = database.connection.total_changes
        cursor.executemany(_statement(table), rows_of([*constant, *adapted]))
        written = database.connection.total_changes - before
        # Ids only grow (AUTOINCREMENT), and nobody else writes while we hold the transaction.
        cursor.execute(f"SELECT count(*) FROM {table.name} WHERE id > %s", [last_id])
        created = cursor.fetchone()[0]
    return created, written - created


@cache
def _statement(table: Table) -> str:
    holders = ", ".join(["%s"] * (len(COMMON) + len(table.columns)))
    return f"{table.target} VALUES ({holders}) {table.on_conflict('IS NOT')}"


def moment(value: datetime) -> str:
    """As Django writes it: UTC, without the zone."""
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(" ")[: -len("+00:00")]


ADAPT: dict[Type, Callable[[Values], Values]] = {
    Type.TEXT: text,
    Type.LIST: document,
    Type.OBJECT: document,
    Type.DATE_TIME: partial(each, moment),
    Type.DECIMAL: partial(each, str),
}

"""Stores checked rows of a file in bulk, as COPY's text lines: the newest version wins, as in storing.py.

A line is the number of the row in the file, then the columns that the file gives; what a file does not speak
of stays as it is stored. Whoever calls holds the transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection as database
from django.utils import timezone

from connectors.datasets import Dataset
from connectors.storing import Counts
from connectors.storing_sqlite import moment
from connectors.storing_table import Table, table_of

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

COMMON = ("connection_id", "scope", "origin", "seen_at", "file")
PLACED = "file_row"
Common = tuple[UUID, str, str, datetime, UUID]
ROWS = 2_000  # that SQLite is given at once
_UNESCAPED = {"\\\\": "\\", "\\n": "\n", "\\t": "\t", "\\r": "\r"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the rows of a file go. `has_repeats`: a key may stand in it several times."""

    connection_id: UUID
    scope: str
    file: UUID
    has_repeats: bool


def store_lines(dataset: Dataset, columns: tuple[str, ...], lines: bytes, place: Place) -> Counts:
    """Upsert some whole lines. `columns`: what each of them has, in order."""
    table = _given(dataset, columns)
    common = (place.connection_id, place.scope, "file", timezone.now(), place.file)
    count = lines.count(b"\n")
    if database.vendor == "postgresql":
        created, updated = _postgres(database, table, common, lines, place.has_repeats)
    else:
        created, updated = _sqlite(database, table, common, lines)
    return Counts(created=created, updated=updated, unchanged=max(count - created - updated, 0))


@cache
def _given(dataset: Dataset, columns: tuple[str, ...]) -> Table:
    """The table as far as the file speaks of it."""
    types = {column.name: column.type for column in dataset.columns}
    names = ("remote_updated_at" if name == "updated_at" else name for name in columns)
    return replace(
        table_of(dataset), columns=tuple(names), types=tuple(types[name] for name in columns)
    )


def _postgres(
    database: "BaseDatabaseWrapper",
    table: Table,
    common: Common,
    lines: bytes,
    has_repeats: bool,
) -> tuple[int, int]:
    create, copy, merge = _statements(table, has_repeats)
    with database.cursor() as cursor:
        cursor.execute(create)
        with database.wrap_database_errors, cursor.copy(copy) as into:
            into.write(lines)
        cursor.execute(merge, common)
        created, updated = cursor.fetchone()
        cursor.execute("DROP TABLE incoming")
    return created, updated


@cache
def _statements(table: Table, has_repeats: bool) -> tuple[str, str, str]:
    names = ", ".join((PLACED, *table.columns))
    create = (
        "CREATE TEMPORARY TABLE incoming ON COMMIT DROP"
        f" AS SELECT {names} FROM {table.name} WITH NO DATA"
    )
    given = ", ".join(
        f"%s::{type}" for type in ("uuid", "varchar", "varchar", "timestamptz", "uuid")
    )
    merge = (
        f"WITH written AS (INSERT INTO {table.name} ({', '.join(COMMON)}, {names})"
        f" SELECT {given}, {names} FROM {_newest(table) if has_repeats else 'incoming'}"
        f" {table.on_conflict('IS DISTINCT FROM')} RETURNING xmax = 0 AS is_new)"
        " SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written"
    )
    return create, f"COPY incoming ({names}) FROM STDIN", merge


def _newest(table: Table) -> str:
    """ON CONFLICT may not meet a key twice; of equals the last counts."""
    key = ", ".join(table.key)
    dated = "remote_updated_at DESC NULLS LAST, " if "remote_updated_at" in table.columns else ""
    return (
        f"(SELECT DISTINCT ON ({key}) * FROM incoming"
        f" ORDER BY {key}, {dated}{PLACED} DESC) AS incoming"
    )


def _sqlite(
    database: "BaseDatabaseWrapper", table: Table, common: Common, lines: bytes
) -> tuple[int, int]:
    connection_id, scope, origin, seen_at, file = common
    same = (connection_id.hex, scope, origin, moment(seen_at), file.hex)
    with database.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table.name}")
        last_id = cursor.fetchone()[0]
        before = database.connection.total_changes
        rows = ((*same, *values) for values in _parsed(lines))
        while some := list(islice(rows, ROWS)):
            cursor.executemany(_statement(table), some)
        written = database.connection.total_changes - before
        cursor.execute(f"SELECT count(*) FROM {table.name} WHERE id > %s", [last_id])
        created = cursor.fetchone()[0]
    return created, written - created


@cache
def _statement(table: Table) -> str:
    names = (*COMMON, PLACED, *table.columns)
    holders = ", ".join(["%s"] * len(names))
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({holders})"
        f" {table.on_conflict('IS NOT')}"
    )


def _parsed(lines: bytes) -> Iterator[list[str | None]]:
    for line in lines.decode().split("\n")[:-1]:
        cells: list[str | None] = [None if cell == "\\N" else cell for cell in line.split("\t")]
        if "\\" in line:
            cells = [cell and _unescaped(cell) for cell in cells]
        yield cells


def _unescaped(cell: str) -> str:
    if "\\" not in cell:
        return cell
    found, at = [], 0
    while at < len(cell):
        pair = cell[at : at + 2]
        found.append(_UNESCAPED.get(pair, cell[at]))
        at += 2 if pair in _UNESCAPED else 1
    return "".join(found)

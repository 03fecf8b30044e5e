"""Upsert into SQLite: one prepared INSERT ... ON CONFLICT, executed for every row."""

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from connectors.datasets import Type
from connectors.storing_table import COMMON, Common, Table, Values, document, rows_of, text

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
    return value.astimezone(UTC).isoformat(" ")[: -len("+00:00")]


def _moments(values: Values) -> Values:
    """Each moment is written once: the lines of an order share theirs."""
    written = {value: moment(value) for value in set(values) if value is not None}
    return list(map(written.get, values))


def _decimals(values: Values) -> Values:
    return [None if value is None else str(value) for value in values]


ADAPT = {
    Type.TEXT: text,
    Type.LIST: document,
    Type.OBJECT: document,
    Type.DATE_TIME: _moments,
    Type.DECIMAL: _decimals,
}

"""Upsert into PostgreSQL: COPY into a temporary table, then one INSERT ... ON CONFLICT."""

from functools import cache
from typing import TYPE_CHECKING

from connectors.datasets import Type
from connectors.storing_table import COMMON, Common, Table, Values, document, rows_of, text

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ADAPT = {Type.TEXT: text, Type.LIST: document, Type.OBJECT: document}


def upsert(
    database: "BaseDatabaseWrapper", table: Table, common: Common, columns: list[Values]
) -> tuple[int, int]:
    """(created, updated). `columns` in the order of table.columns; no key twice. In a transaction."""
    adapted = [
        ADAPT[type](values) if type in ADAPT else values
        for type, values in zip(table.types, columns, strict=True)
    ]
    create, copy, merge = _statements(table)
    with database.cursor() as cursor:
        cursor.execute(create)
        # Django does not wrap what COPY raises; whoever calls knows Django's exceptions alone.
        with database.wrap_database_errors, cursor.copy(copy) as into:
            for row in rows_of(adapted):
                into.write_row(row)
        cursor.execute(merge, [getattr(common, name) for name in COMMON])
        created, updated = cursor.fetchone()
        # The transaction's end would do, but it may hold more than one page.
        cursor.execute("DROP TABLE incoming")
    return created, updated


@cache
def _statements(table: Table) -> tuple[str, str, str]:
    names = ", ".join(table.columns)
    create = (
        "CREATE TEMPORARY TABLE incoming ON COMMIT DROP"
        f" AS SELECT {names} FROM {table.name} WITH NO DATA"
    )
    given = ", ".join(f"%s::{type}" for type in ("uuid", "varchar", "varchar", "timestamptz"))
    merge = (
        # A row that this statement inserted has no deleting transaction: xmax is 0.
        f"WITH written AS ({table.target} SELECT {given}, {names} FROM incoming"
        f" {table.on_conflict('IS DISTINCT FROM')} RETURNING xmax = 0 AS is_new)"
        " SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written"
    )
    return create, f"COPY incoming ({names}) FROM STDIN", merge

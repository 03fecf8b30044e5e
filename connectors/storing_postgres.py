"""Upsert into PostgreSQL: COPY into a temporary table, then one INSERT ... ON CONFLICT."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from connectors.datasets import Type
from connectors.storing_table import COMMON, Common, Table, Values, document, each, rows_of, text

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

NULL = "\\N"
# What COPY's text format does not take as it is.
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def upsert(
    database: "BaseDatabaseWrapper", table: Table, common: Common, columns: list[Values]
) -> tuple[int, int]:
    """(created, updated). `columns` in the order of table.columns; no key twice. In a transaction."""
    begin, copy, merge = _statements(table)
    lines = copied(table, columns)
    with database.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [f"pg_temp.incoming_{table.name}"])
        if cursor.fetchone()[0]:
            cursor.execute(begin)
        # Django does not wrap what COPY raises; whoever calls knows Django's exceptions alone.
        with database.wrap_database_errors, cursor.copy(copy) as into:
            into.write(lines)
        cursor.execute(merge, [getattr(common, name) for name in COMMON])
        created, updated = cursor.fetchone()
    return created, updated


def copied(table: Table, columns: list[Values]) -> str:
    """The rows in COPY's text format, written column by column: several times faster than value by value."""
    written = [WRITE[type](values) for type, values in zip(table.types, columns, strict=True)]
    return "".join(["\t".join(row) + "\n" for row in rows_of(written)])


def _text(values: Values) -> Values:
    """What needs a backslash is looked for in the whole column at once: it is rare."""
    values = text(values)
    joined = "".join(filter(None, values))
    if any(chr(special) in joined for special in ESCAPES):
        values = [value and value.translate(ESCAPES) for value in values]
    return _with_null(values)


def _plain(values: Values) -> Values:
    return _with_null(each(str, values))


def _with_null(values: Values) -> Values:
    return [NULL if value is None else value for value in values] if None in values else values


def _document(values: Values) -> Values:
    return _text(document(values))


# Numbers, dates and truth values have nothing that would have to be escaped.
WRITE: dict[Type, Callable[[Values], Values]] = dict.fromkeys(Type, _plain) | {
    Type.TEXT: _text,
    Type.LIST: _document,
    Type.OBJECT: _document,
}


@cache
def _statements(table: Table) -> tuple[str, str, str]:
    names, incoming = ", ".join(table.columns), f"incoming_{table.name}"
    begin = (
        # Made once in a session: to make and drop it for each page costs a fifth of the whole.
        f"CREATE TEMPORARY TABLE {incoming} ON COMMIT DELETE ROWS"
        f" AS SELECT {names} FROM {table.name} WITH NO DATA"
    )
    given = ", ".join(f"%s::{type}" for type in ("uuid", "varchar", "varchar", "timestamptz"))
    merge = (
        # A row that this statement inserted has no deleting transaction: xmax is 0.
        f"WITH written AS ({table.target} SELECT {given}, {names} FROM {incoming}"
        f" {table.on_conflict('IS DISTINCT FROM')} RETURNING xmax = 0 AS is_new)"
        " SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written;"
        f" DELETE FROM {incoming}"  # a transaction may hold more than one page
    )
    return begin, f"COPY {incoming} ({names}) FROM STDIN", merge

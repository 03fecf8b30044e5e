"""Stores pages of rows in bulk: the newest version wins, and what differs in nothing is not written.

The statements are made from the dataset's declaration; PostgreSQL and SQLite each have a file of their own
for the way the rows travel. Whoever calls holds the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db import DataError
from django.db import connection as database
from django.utils import timezone

from connectors import storing_postgres, storing_sqlite
from connectors.base import Row
from connectors.datasets import PRODUCTS, Dataset, Type
from connectors.errors import UnexpectedAnswerError
from connectors.models import TABLES, Connection, ProductLink
from connectors.storing_table import Common, Values, table_of

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What became of the rows of a page; a key that came twice counts once."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


def store(
    connection: Connection,
    dataset: Dataset,
    rows: Sequence[Row],
    *,
    scope: str = "",
    origin: str = "api",
) -> Counts:
    """Upsert one page, and the links of the products in it. Rows have every stored column: Dataset.row.

    A row older than the stored one changes nothing; a row marked as deleted lives again. Datetimes are
    aware. Raises UnexpectedAnswerError where a value does not fit its column.
    """
    newest = _newest(dataset, rows)
    if not newest:
        return Counts()
    created, updated = _upsert(connection, dataset, newest, scope=scope, origin=origin)
    if dataset is PRODUCTS:
        _replace_links(connection, [row["variant_id"] for row in newest], scope=scope)
    return Counts(created=created, updated=updated, unchanged=len(newest) - created - updated)


def _newest(dataset: Dataset, rows: Sequence[Row]) -> Sequence[Row]:
    """One row per key: ON CONFLICT may not meet the same key twice. Of equals, the last."""
    key = itemgetter(*dataset.key)
    if len({key(row) for row in rows}) == len(rows):
        return rows
    newest: dict[Any, Row] = {}
    for row in rows:
        other = newest.get(key(row))
        if other is None or _age(row) >= _age(other):
            newest[key(row)] = row
    return list(newest.values())


def _age(row: Row) -> datetime:
    return row.get("updated_at") or BEFORE_ALL


def _upsert(
    connection: Connection, dataset: Dataset, rows: Sequence[Row], *, scope: str, origin: str
) -> tuple[int, int]:
    common = Common(connection_id=connection.pk, scope=scope, origin=origin, seen_at=timezone.now())
    columns = _columns(dataset, rows)
    try:
        if database.vendor == "postgresql":
            return storing_postgres.upsert(database, table_of(dataset), common, columns)
        return storing_sqlite.upsert(database, table_of(dataset), common, columns)
    except (DataError, OverflowError):
        # The database's own words would quote the value.
        raise UnexpectedAnswerError(detail=_misfit(dataset, rows)) from None


def _columns(dataset: Dataset, rows: Sequence[Row]) -> list[Values]:
    """The page column by column: each is then adapted at once, which is several times faster than by row."""
    names = [column.name for column in dataset.stored]
    columns: list[Values] = list(zip(*map(itemgetter(*names), rows), strict=True))
    for column, values in zip(dataset.stored, columns, strict=True):
        if column.type is Type.DATE_TIME and any(value and not value.tzinfo for value in values):
            raise ValueError(f"{dataset.name}.{column.name}: a datetime without a zone")
    return columns


def _misfit(dataset: Dataset, rows: Sequence[Row]) -> str:
    """Which value the database refused, by column and key."""
    for row in rows:
        for column in dataset.stored:
            if not _fits(column.type, row[column.name], is_key=column.name in dataset.key):
                key = "/".join(str(row[name])[:64] for name in dataset.key)
                return f"{column.name} of {dataset.name} {key} does not fit its column"
    return f"a value of {dataset.name} does not fit its column"


def _fits(type: Type, value: Any, *, is_key: bool) -> bool:
    match type:
        case Type.TEXT:
            return not is_key or len(value) <= 255
        case Type.DECIMAL:
            return value is None or abs(Decimal(value)) < 10**14
        case Type.INTEGER:
            return value is None or abs(value) < 2**63
        case _:
            return True


def _replace_links(connection: Connection, ids: list[str], *, scope: str) -> None:
    """The links of these products become what their stored rows say: a page may have held an older one."""
    mine = {"connection": connection, "scope": scope}
    parents = TABLES["products"].objects.filter(**mine, variant_id__in=ids, is_parent=True)
    wanted = {
        id: set(children or ()) for id, children in parents.values_list("variant_id", "children")
    }
    stored: dict[str, set[str]] = {}
    links = ProductLink.objects.filter(**mine, product_id__in=ids)
    for product_id, variant_id in links.values_list("product_id", "variant_id"):
        stored.setdefault(product_id, set()).add(variant_id)
    changed = [id for id in ids if wanted.get(id, set()) != stored.get(id, set())]
    if not changed:
        return
    # A variant that leaves its product is exported as another row than before: see catalogue.variants.
    left = {variant for id in changed for variant in stored.get(id, set()) - wanted.get(id, set())}
    if left:
        variants = TABLES["products"].objects.filter(**mine, variant_id__in=left)
        variants.update(seen_at=timezone.now())
    ProductLink.objects.filter(**mine, product_id__in=changed).delete()
    ProductLink.objects.bulk_create(
        ProductLink(**mine, product_id=id, variant_id=variant_id)
        for id in changed
        for variant_id in sorted(wanted.get(id, ()))
    )

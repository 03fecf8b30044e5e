"""Joins variants with the products they belong to, when they are read: one row per variant, bounded memory.

A shop changes products and variants separately, so they are stored separately (see datasets.PRODUCTS). How
a variant's value joins its product's is each column's own rule, Column.inherit.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from connectors.base import Row
from connectors.datasets import DIMENSIONS, ORDERS, PRODUCTS, Inherit, Type
from connectors.models import TABLES, Connection, Cursor, ProductLink

CHUNK = 1_000  # rows joined at once
SKUS_AT_ONCE = 10_000
FROM_ORDER_LINES = ("order_id", "product_id", "variant_id", "sku", "size_label")

COLUMNS = tuple(column.name for column in PRODUCTS.columns)
MEASURES = tuple(one.name for one in DIMENSIONS.columns if one.type is Type.DECIMAL)
FIELDS = tuple("remote_updated_at" if name == "updated_at" else name for name in COLUMNS)


def variants(
    connection: Connection, scope: str = "", *, since: datetime | None = None
) -> Iterator[Row]:
    """The exported rows of products: every variant that is not deleted, ordered by variant_id.

    A product that is sold only through its variants has no row of its own. `scope` as in canonical().
    `since`: only the rows that differ from what was exported then; those deleted since are not active.
    """
    scope = stored_scope(connection, scope)
    found = _products(connection, scope).exclude(is_parent=True)
    found = _changed(found, connection, scope, since) if since else found.filter(deleted_at=None)
    stream = found.order_by("variant_id").values_list("deleted_at", *FIELDS)
    by_hand = _by_hand(connection)
    is_measured = by_hand.exists()
    for chunk in _chunks(stream.iterator(chunk_size=CHUNK)):
        gone = {values[1 + COLUMNS.index("variant_id")] for values in chunk if values[0]}
        rows = [dict(zip(COLUMNS, values[1:], strict=True)) for values in chunk]
        joined_rows = _joined(connection, scope, rows, gone=gone)
        for row in _with_measures(by_hand, joined_rows) if is_measured else joined_rows:
            yield {**row, "active": False} if row["variant_id"] in gone else row


def _by_hand(connection: Connection) -> QuerySet[Any]:
    """The dimensions that a person filled in, for a catalogue that has none."""
    return TABLES[DIMENSIONS.name].objects.filter(connection=connection, deleted_at=None)


def _with_measures(by_hand: QuerySet[Any], rows: Iterable[Row]) -> Iterator[Row]:
    chunk = list(rows)
    skus = sorted({row["sku"] for row in chunk if row["sku"]})
    found = {
        sku: {
            name: f"{value.normalize():f}"
            for name, value in zip(MEASURES, values, strict=True)
            if value is not None
        }
        for sku, *values in by_hand.filter(sku__in=skus).values_list("sku", *MEASURES)
    }
    for row in chunk:
        measured = {**found.get(row["sku"], {}), **(row["dimensions"] or {})}
        yield {**row, "dimensions": measured or None}


def _changed(
    found: QuerySet[Any], connection: Connection, scope: str, since: datetime
) -> QuerySet[Any]:
    """Variants that changed or went since then, and those of a product, or of measures, that did."""
    new = Q(seen_at__gt=since) | Q(deleted_at__gt=since)
    parents = _products(connection, scope).filter(new, is_parent=True).values("variant_id")
    links = ProductLink.objects.filter(connection=connection, scope=scope, product_id__in=parents)
    measured = TABLES[DIMENSIONS.name].objects.filter(new, connection=connection)
    of_product = Q(variant_id__in=links.values("variant_id"))
    return found.filter(new | of_product | Q(sku__in=measured.values("sku")))


def _joined(
    connection: Connection, scope: str, rows: list[Row], *, gone: set[str]
) -> Iterator[Row]:
    ids = [row["variant_id"] for row in rows]
    # What is gone keeps the product under which it was known, also where that went with it.
    last = _parent_ids(connection, scope, sorted(gone), live=False) if gone else {}
    parent_ids = {**last, **_parent_ids(connection, scope, ids)}
    parents = _parents(connection, scope, set(parent_ids.values()))
    for row in rows:
        parent = parents.get(parent_ids.get(row["variant_id"], ""))
        # A platform that lists variants within their product has stored product_id already.
        yield joined(row, parent) if parent else row


def canonical(connection: Connection, scope: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Order or return lines with the product_id of variants(), and a size where the line names none.

    A line whose variant is no longer for sale keeps the product_id that it was sold under; the size is
    found even then. `scope`: a store view; "" or one that was never pulled means the connection's first.
    """
    scope = stored_scope(connection, scope)
    for chunk in _chunks(rows):
        ids = sorted({row["variant_id"] for row in chunk if row["variant_id"]})
        parents = _parent_ids(connection, scope, ids)
        known = _products(connection, scope).filter(variant_id__in=ids).exclude(is_parent=True)
        sizes = dict(known.values_list("variant_id", "size_label"))
        live = dict(known.filter(deleted_at=None).values_list("variant_id", "product_id"))
        for row in chunk:
            variant_id = row["variant_id"]
            product_id = parents.get(variant_id) or live.get(variant_id)
            filled = {"product_id": product_id or row["product_id"]}
            if not row.get("size_label", True):
                filled["size_label"] = sizes.get(variant_id)
            yield {**row, **filled}


def with_order_lines(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    """Return lines, what they leave blank filled in from the order lines that they name."""
    orders = TABLES[ORDERS.name].objects.filter(connection=connection, scope="")
    for chunk in _chunks(rows):
        ids = {row["order_line_id"] for row in chunk if row["order_line_id"]}
        found = orders.filter(line_id__in=sorted(ids)).values("line_id", *FROM_ORDER_LINES)
        lines = {line["line_id"]: line for line in found}
        for row in chunk:
            line = lines.get(row["order_line_id"], {})
            blank = {name: line.get(name) for name in FROM_ORDER_LINES if _is_blank(row[name])}
            yield {**row, **blank}


def with_variants(connection: Connection, scope: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Stock lines, the variant filled in by its SKU where the shop does not name it.

    Of several products that ever had the SKU, the live one. `scope` as in canonical().
    """
    products = _products(connection, stored_scope(connection, scope)).exclude(is_parent=True)
    # There is no index on the SKU: few large questions, each read once through the products.
    for chunk in _chunks(rows, size=SKUS_AT_ONCE):
        skus = {row["sku"] for row in chunk if not row["variant_id"]}
        found = products.filter(sku__in=sorted(skus)).order_by("deleted_at", "variant_id")
        known: dict[str, str] = {}
        for sku, variant_id, deleted_at in found.values_list("sku", "variant_id", "deleted_at"):
            if deleted_at is None or sku not in known:
                known[sku] = variant_id
        for row in chunk:
            yield {**row, "variant_id": row["variant_id"] or known.get(row["sku"])}


def joined(variant: Row, parent: Row) -> Row:
    """One exported row of a variant and its product, column by column."""
    row = {
        column.name: _inherited(column.inherit, variant[column.name], parent[column.name])
        for column in PRODUCTS.columns
    }
    return {**row, "product_id": parent["variant_id"]}


def stored_scope(connection: Connection, scope: str) -> str:
    """The scope itself where products were pulled for it, else the first one that they were pulled for."""
    scopes = stored_scopes(connection)
    return scope if scope in scopes or not scopes else scopes[0]


def stored_scopes(connection: Connection) -> list[str]:
    """The store views that products were pulled for, the first one first."""
    names = [r.name for r in connection.connector_class.resources if r.dataset is PRODUCTS]
    pulled = Cursor.objects.filter(connection=connection, resource__in=names)
    return list(pulled.order_by("pk").values_list("scope", flat=True))


def _inherited(rule: Inherit, own: Any, parents: Any) -> Any:
    match rule:
        case Inherit.NEVER:
            return own
        case Inherit.IF_BLANK:
            return parents if _is_blank(own) else own
        case Inherit.ALWAYS:
            return own if _is_blank(parents) else parents
        case Inherit.BOTH:
            known = [value for value in (own, parents) if value is not None]
            return all(known) if known else None
        case Inherit.LATER:
            known_dates: list[datetime] = [value for value in (own, parents) if value]
            return max(known_dates, default=None)


def _is_blank(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _parent_ids(
    connection: Connection, scope: str, variant_ids: list[str], *, live: bool = True
) -> dict[str, str]:
    """Product of each variant that belongs to a live one; of several, the one with the smallest id.

    `live` False: also of one that is deleted.
    """
    links = ProductLink.objects.filter(
        connection=connection, scope=scope, variant_id__in=variant_ids
    ).values_list("variant_id", "product_id")
    pairs = list(links)
    parents = _products(connection, scope).filter(
        variant_id__in={product_id for _, product_id in pairs}, is_parent=True
    )
    if live:
        parents = parents.filter(deleted_at=None)
    known_ids = set(parents.values_list("variant_id", flat=True))
    found: dict[str, str] = {}
    for variant_id, product_id in pairs:
        if product_id in known_ids:
            other = found.get(variant_id, product_id)
            found[variant_id] = min(product_id, other, key=_as_number)
    return found


def _as_number(id: str) -> tuple[int, str]:
    """Orders digits as numbers: "9" comes before "10"."""
    return len(id), id


def _parents(connection: Connection, scope: str, ids: set[str]) -> dict[str, Row]:
    found = _products(connection, scope).filter(variant_id__in=ids)
    rows = (dict(zip(COLUMNS, values, strict=True)) for values in found.values_list(*FIELDS))
    return {row["variant_id"]: row for row in rows}


def _products(connection: Connection, scope: str) -> QuerySet[Any]:
    return TABLES[PRODUCTS.name].objects.filter(connection=connection, scope=scope)


def _chunks(rows: Iterable[Any], size: int | None = None) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size or CHUNK)):
        yield chunk

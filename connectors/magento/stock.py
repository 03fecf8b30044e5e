"""Magento's stock as rows: by source where several are kept, else the one quantity of older shops."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from msgspec import Struct

from connectors.base import Page, Position, Row
from connectors.datasets import STOCK
from connectors.magento.context import Context
from connectors.magento.failures import MovingListError
from connectors.magento.probing import STOCK_LIST, stock_list_params
from connectors.magento.question import Criteria, Filter
from connectors.magento.shapes import NOTHING, List
from connectors.magento.values import EPOCH
from connectors.magento.whole import END

DEFAULT_SOURCE = "default"  # what the source is called that a shop without others has
READINGS = 3
MAX_PAGES = 1_000_000
STOCK_ITEM_FIELDS = "items[product_id,qty,is_in_stock,stock_status],total_count"
# What is sold through other products has no quantity of its own, though a row.
WITHOUT_STOCK = frozenset({"configurable", "bundle", "grouped"})


class SourceItem(Struct):
    sku: str
    source_code: str
    quantity: Decimal | None = None
    status: int | None = None


class StockItem(Struct):
    """`stock_status`: what releases before 2.3 give in place of `is_in_stock`."""

    product_id: int
    qty: Decimal | None = None
    is_in_stock: bool | None = None
    stock_status: int | None = None


class ProductSku(Struct):
    id: int
    sku: str | None = None
    type_id: str | None = None


def source_item_rows(item: SourceItem, _context: Context) -> list[Row]:
    return [
        STOCK.row(
            sku=item.sku,
            location=item.source_code,
            quantity=item.quantity or NOTHING,
            in_stock=item.status == 1,
        )
    ]


def stock_item_pages(context: Context, *, since: Position | None, page_size: int) -> Iterator[Page]:
    """Every quantity of a shop without sources; two questions a page, the second for the SKUs.

    The route neither sorts nor filters by id, so its pages may overlap, and what is deleted moves the rest
    forward: it is read again until every product has come that it counts. `since`: after which page to go
    on; what came before is not known then, and a whole reading more has to do. Raises MovingListError.
    """
    if since and since.id == END:
        return
    is_resumed = since is not None and since.at == EPOCH
    reading, before = divmod(since.id if since and is_resumed else 0, MAX_PAGES)
    # Of `seen` some may be gone where the count is another than before: then it begins anew.
    seen, counted, total, is_whole = set[int](), set[int](), 0, False
    for again in range(reading, READINGS):
        number = before
        while number == before or (number * page_size < total and not is_whole):
            number += 1
            listed = _listed(context, number, page_size)
            if listed.total_count != total:
                seen, total = set(), listed.total_count
            fresh = [item for item in listed.items or [] if item.product_id not in seen]
            seen.update(item.product_id for item in fresh)
            is_whole = len(seen) >= total
            if fresh:
                position = Position(EPOCH, END if is_whole else again * MAX_PAGES + number)
                new = {item.product_id for item in fresh} - counted
                counted |= new
                if again and is_resumed:  # counted before the interruption
                    yield replace(_page(fresh, context, position), fetched=0, remaining=0)
                    continue
                left = max(total - before * page_size - len(seen) + len(fresh), len(new))
                yield replace(_page(fresh, context, position), fetched=len(new), remaining=left)
        if is_whole or (again and is_resumed):
            return
        before = 0
    raise MovingListError(detail=f"{STOCK_LIST}: {len(seen)} of {total} products")


def _listed(context: Context, number: int, page_size: int) -> List[StockItem]:
    params = stock_list_params(number, page_size)
    return context.get(STOCK_LIST, List[StockItem], params=params, fields=STOCK_ITEM_FIELDS)


def _page(items: list[StockItem], context: Context, position: Position) -> Page:
    skus = _skus([item.product_id for item in items], context)
    rows = [
        STOCK.row(
            variant_id=str(item.product_id),
            sku=skus[item.product_id],
            location=DEFAULT_SOURCE,
            quantity=item.qty or NOTHING,
            in_stock=item.stock_status == 1 if item.is_in_stock is None else item.is_in_stock,
        )
        for item in items
        if item.product_id in skus
    ]
    return Page(rows=rows, fetched=len(items), position=position)


def _skus(ids: list[int], context: Context) -> dict[int, str]:
    """By product id, of those that have a quantity of their own."""
    wanted = Filter("entity_id", "in", ",".join(map(str, ids)))
    products = context.every(
        "products",
        ProductSku,
        lambda product: product.id,
        criteria=Criteria(filters=(wanted,), sort=("entity_id",), page_size=len(ids)),
        fields="items[id,sku,type_id],total_count",
    )
    return {one.id: one.sku for one in products if one.sku and one.type_id not in WITHOUT_STOCK}

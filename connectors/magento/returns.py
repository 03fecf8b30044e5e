"""Magento's credit memos and Adobe Commerce's returns as rows: one for each returned line."""

from collections.abc import Sequence
from decimal import Decimal

from connectors.base import Row
from connectors.datasets import RETURN_REASONS, RETURNS
from connectors.magento import reasons
from connectors.magento.context import Context
from connectors.magento.return_shapes import Memo, MemoItem, Return, ReturnItem
from connectors.magento.shapes import NOTHING
from connectors.magento.values import utc

MEMO_STATES = {1: "open", 2: "refunded", 3: "canceled"}
# What was decided about one item, whatever became of the return around it.
REFUSED = frozenset({"denied", "rejected"})


def memo_rows(memo: Memo, context: Context) -> list[Row]:
    """One row per line of the order; none for a memo that only adjusts the sum.

    Of a configurable's two items the parent has the money, the child the variant's product id and no total.
    """
    items = memo.items or []
    variants = _variants(items)
    children = {child.entity_id for child in variants.values()}
    return [
        RETURNS.row(
            return_id=f"cm-{memo.entity_id}",
            line_id=str(item.entity_id),
            return_date=utc(memo.created_at),
            order_id=_text(memo.order_id),
            order_line_id=_text(item.order_item_id),
            product_id=_text(item.product_id),
            variant_id=_text(variants.get(item.entity_id, item).product_id),
            sku=variants.get(item.entity_id, item).sku,
            quantity=item.qty or NOTHING,
            status=MEMO_STATES.get(memo.state or 0, _text(memo.state)),
            source="credit_memo",
            updated_at=utc(memo.updated_at),
        )
        for item in items
        if item.entity_id not in children
    ]


def _variants(items: Sequence[MemoItem]) -> dict[int, MemoItem]:
    """The child item of each configurable's item, by the latter's id.

    Items do not say whose child they are. A child has no total and its parent's SKU, to which the parent
    may have a custom option's added; a bundle has no total either, but no item with its SKU beside it.
    """
    found: dict[int, MemoItem] = {}
    for child in items:
        if child.row_total is not None or not child.sku:
            continue
        for item in items:
            is_parent = item.row_total is not None and item.entity_id not in found
            sku = item.sku or ""
            if is_parent and (sku == child.sku or sku.startswith(f"{child.sku}-")):
                found[item.entity_id] = child
                break
    return found


def prepare_returns(returns: Sequence[Return], context: Context) -> None:
    """Ask once for the order lines of all these returns."""
    context.read_order_items(
        item.order_item_id
        for one in returns
        for item in one.items or []
        if item.order_item_id is not None
    )


def return_rows(one: Return, context: Context) -> list[Row]:
    """One row per item; none where the shop gives no items."""
    return [_return_row(one, item, context) for item in one.items or []]


def _return_row(one: Return, item: ReturnItem, context: Context) -> Row:
    """The item points to the parent's line of a configurable or to the child's; orders have the parent's."""
    line = context.order_items.get(item.order_item_id or 0)
    parent = line.configurable if line else None
    is_whole = line is not None and (parent is not None or line.product_type != "configurable")
    return RETURNS.row(
        return_id=f"rma-{one.entity_id}",
        line_id=str(item.entity_id),
        return_date=utc(one.date_requested),
        order_id=_text(one.order_id),
        order_line_id=_text(parent.item_id if parent else item.order_item_id),
        product_id=_text((parent or line).product_id) if line else None,
        variant_id=_text(line.product_id) if line and is_whole else None,
        sku=line.sku if line else None,
        quantity=_quantity(item),
        status=item.status if item.status in REFUSED else one.status,
        reason_code=item.reason or None,
        reason_label=context.reasons.get(item.reason) if item.reason else None,
        source="rma",
    )


def _quantity(item: ReturnItem) -> Decimal:
    """What the shop last said: approved, came back, authorized, and before all that asked for."""
    said = (item.qty_approved, item.qty_returned, item.qty_authorized, item.qty_requested)
    return next((quantity for quantity in said if quantity is not None), NOTHING)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def reason_rows(context: Context) -> list[Row]:
    """Every reason in every language that the shop speaks: one question per language."""
    return [
        RETURN_REASONS.row(code=code, label=label, language=spoken)
        for spoken, store in _languages(context).items()
        for code, label in reasons.labels(context.return_attributes(store)).items()
    ]


def _languages(context: Context) -> dict[str, str | None]:
    """A store view by language: of several with the same one, the oldest."""
    if not context.stores:
        return {reasons.UNKNOWN_LANGUAGE: None}
    newest_first = reversed(context.stores)
    return {reasons.language(store.locale): store.code for store in newest_first}

"""The fields that we read of credit memos and returns, and no others, as in shapes.py."""

from decimal import Decimal

from msgspec import Struct

from connectors.magento.shapes import AttributeOption, Empty


class MemoItem(Struct):
    entity_id: int
    order_item_id: int | None = None
    sku: str | None = None
    product_id: int | None = None
    qty: Decimal | None = None
    row_total: Decimal | None = None


class Memo(Struct):
    entity_id: int
    updated_at: str | None = None
    created_at: str | None = None
    order_id: int | None = None
    state: int | None = None
    items: list[MemoItem] | None = None


MEMO_FIELDS = (
    "items[entity_id,updated_at,created_at,order_id,state,"
    "items[entity_id,order_item_id,sku,product_id,qty,row_total]],total_count"
)


class ReturnItem(Struct):
    """`reason` is an option's id; "0" is what the shopper wrote in words of their own."""

    entity_id: int
    order_item_id: int | None = None
    qty_requested: Decimal | None = None
    qty_authorized: Decimal | None = None
    qty_approved: Decimal | None = None
    qty_returned: Decimal | None = None
    reason: str | None = None
    status: str | None = None


class Return(Struct):
    """Comments, addresses and the customer's own e-mail are not read."""

    entity_id: int
    order_id: int | None = None
    date_requested: str | None = None
    status: str | None = None
    items: list[ReturnItem] | None = None


RETURN_FIELDS = (
    "items[entity_id,order_id,date_requested,status,items[entity_id,order_item_id,qty_requested,"
    "qty_authorized,qty_approved,qty_returned,reason,status]],total_count"
)


class ParentItem(Struct):
    item_id: int
    product_id: int | None = None
    product_type: str | None = None


class OrderLine(Struct):
    item_id: int
    product_id: int | None = None
    product_type: str | None = None
    sku: str | None = None
    parent_item: ParentItem | Empty = None

    @property
    def configurable(self) -> ParentItem | None:
        """The line that stands for this one in an order; parts of a bundle stand for themselves."""
        parent = self.parent_item
        is_variant = isinstance(parent, ParentItem) and parent.product_type == "configurable"
        return parent if is_variant and isinstance(parent, ParentItem) else None


ORDER_LINE_FIELDS = (
    "items[item_id,product_id,product_type,sku,parent_item[item_id,product_id,product_type]],"
    "total_count"
)


class ReturnAttribute(Struct):
    attribute_code: str
    store_label: str | None = None
    frontend_label: str | None = None
    options: list[AttributeOption] | None = None

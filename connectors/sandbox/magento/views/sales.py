"""Orders, credit memos, invoices and shipments."""

from typing import Any

from connectors.sandbox.magento import replies
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.routing import Call, route

ORDERS = "Magento_Sales::actions_view"
MEMOS = "Magento_Sales::sales_creditmemo"
SHIPMENTS = "Magento_Sales::shipment"
INVOICES = "Magento_Sales::sales_invoice"


def _one(call: Call, table: str) -> Json:
    records = call.shop.tables[table].records
    record = records.get(call.number("id"))
    if record is None:
        raise replies.no_entity()
    return call.shop.tables[table].body(record, call.store)


def _comments(call: Call) -> Json:
    """Nobody comments in these shops."""
    number = str(call.number("id"))
    wanted = {"field": "parent_id", "value": number, "condition_type": "eq"}
    return {
        "items": [],
        "search_criteria": {"filter_groups": [{"filters": [wanted]}]},
        "total_count": 0,
    }


@route("orders", ORDERS)
def orders(call: Call) -> Any:
    return call.shop.page("orders", call)


@route("orders/:id", ORDERS)
def order(call: Call) -> Any:
    return _one(call, "orders")


@route("orders/:id/statuses", ORDERS)
def status(call: Call) -> Any:
    return _one(call, "orders")["status"]


@route("orders/:id/comments", ORDERS)
def order_comments(call: Call) -> Any:
    return _comments(call)


@route("orders/items", ORDERS)
def order_items(call: Call) -> Any:
    return call.shop.page("order_items", call)


@route("orders/items/:id", ORDERS)
def order_item(call: Call) -> Any:
    return _one(call, "order_items")


@route("creditmemos", MEMOS)
def creditmemos(call: Call) -> Any:
    return call.shop.page("creditmemos", call)


@route("creditmemo/:id", MEMOS)
def creditmemo(call: Call) -> Any:
    return _one(call, "creditmemos")


@route("creditmemo/:id/comments", MEMOS)
def creditmemo_comments(call: Call) -> Any:
    return _comments(call)


@route("invoices", INVOICES)
def invoices(call: Call) -> Any:
    return call.shop.page("invoices", call)


@route("invoices/:id", INVOICES)
def invoice(call: Call) -> Any:
    return _one(call, "invoices")


@route("shipments", SHIPMENTS)
def shipments(call: Call) -> Any:
    return call.shop.page("shipments", call)


@route("shipment/:id", SHIPMENTS)
def shipment(call: Call) -> Any:
    return _one(call, "shipments")


@route("transactions", "Magento_Sales::transactions_fetch")
def transactions(call: Call) -> Any:
    return call.shop.fixed_list(call, [])

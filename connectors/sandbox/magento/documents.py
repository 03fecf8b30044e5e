"""How Magento prints the invoice and the shipment of an order: gross rows, and no discount taken off them."""

from datetime import timedelta

from connectors.sandbox.magento import order_totals
from connectors.sandbox.magento.lines import Line
from connectors.sandbox.magento.order_json import sums_of
from connectors.sandbox.magento.order_totals import Sums, both
from connectors.sandbox.magento.orders import Order
from connectors.sandbox.magento.people import moment
from connectors.sandbox.magento.refunds import Refunds
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.shipping import shipping
from connectors.sandbox.magento.tables import Columns


def columns(order: Order, *, days: float) -> Columns:
    """An order has one of each at most, under its own number."""
    created = moment(order.at(days))
    return {
        "entity_id": order.id,
        "order_id": order.id,
        "increment_id": order.number,
        "store_id": order.store.id,
        "created_at": created,
        "updated_at": created,
    }


def invoice_json(order: Order, lines: list[Line]) -> Json:
    sums = sums_of(order, lines, shipping(order, lines), Refunds(()))
    body = columns(order, days=1) | {
        "base_currency_code": "EUR",
        "base_to_global_rate": 1,
        "base_to_order_rate": order.store.rate,
        "billing_address_id": order.id * 2,
        "can_void_flag": 0,
        "global_currency_code": "EUR",
        "order_currency_code": order.store.currency,
        "shipping_address_id": order.id * 2 - 1,
        "state": 2,
        "store_currency_code": "EUR",
        "store_to_base_rate": 0,
        "store_to_order_rate": 0,
        "total_qty": sum(line.quantity * (1 + line.is_pair) for line in lines),
        **_sums(sums),
        "items": [],
        "comments": [],
    }
    if order.coupon:
        body["discount_description"] = "Bienvenue"
    for top in lines:
        for line in (top, *top.parts):
            body["items"].append(_invoice_item(order, line))
            if line.is_pair:
                body["items"].append(_invoice_child(order, line))
    return body


def _sums(sums: Sums) -> Json:
    dropped = ("shipping_discount_amount", "base_shipping_discount_amount")
    every = order_totals.ordered(sums)
    return {name: amount for name, amount in every.items() if name not in dropped}


def _item(order: Order, line: Line) -> Json:
    return {
        "entity_id": line.item_id,
        "name": line.product.name(order.store.code),
        "parent_id": order.id,
        "product_id": line.product.id,
        "sku": line.bought.sku,
        "order_item_id": line.item_id,
        "qty": line.quantity,
    }


def _invoice_item(order: Order, line: Line) -> Json:
    item = _item(order, line) | both("price", line.order.price, line.base.price)
    if line.parts:
        return item
    for name, of in (
        ("price_incl_tax", "price_incl_tax"),
        ("row_total", "row"),
        ("row_total_incl_tax", "row_incl_tax"),
        ("tax_amount", "tax"),
        ("discount_tax_compensation_amount", "compensation"),
    ):
        item |= both(name, getattr(line.order, of), getattr(line.base, of))
    if line.order.discount:
        item |= both("discount_amount", line.order.discount, line.base.discount)
    return item


def _invoice_child(order: Order, line: Line) -> Json:
    return _item(order, line) | {
        **both("price", 0, 0),
        "base_cost": round(line.bought.price * 0.0038, 4),
        "entity_id": line.child_id,
        "name": line.bought.name(order.store.code),
        "product_id": line.bought.id,
        "order_item_id": line.child_id,
    }


def shipment_json(order: Order, lines: list[Line]) -> Json:
    sent = lines if order.situation.shipped == "all" else lines[:1]
    sent = [line for line in sent if line.product.kind != "virtual"]
    created = columns(order, days=2)
    return created | {
        "billing_address_id": order.id * 2,
        "packages": [],
        "shipping_address_id": order.id * 2 - 1,
        "total_qty": sum(line.quantity for line in sent),
        "items": [_shipment_item(order, line) for line in sent],
        "tracks": [_track(order)],
        "comments": [],
        "extension_attributes": {"source_code": "default"},
    }


def _shipment_item(order: Order, line: Line) -> Json:
    return _item(order, line) | {
        "price": both("price", line.order.price, 0)["price"],
        "weight": line.product.weight,
    }


def _track(order: Order) -> Json:
    at = moment(order.at(2) + timedelta(minutes=9))
    return {
        "order_id": order.id,
        "created_at": at,
        "updated_at": at,
        "entity_id": order.id,
        "parent_id": order.id,
        "weight": None,
        "qty": None,
        "description": None,
        "track_number": f"SB{order.id:09}",
        "title": "Colissimo",
        "carrier_code": "custom",
    }

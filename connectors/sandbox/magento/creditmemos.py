"""How Magento prints a credit memo. Its rows are gross of the discount, unlike those of an order."""

from dataclasses import dataclass

from connectors.sandbox.magento import refunds
from connectors.sandbox.magento.lines import Line
from connectors.sandbox.magento.money import euros
from connectors.sandbox.magento.order_totals import both
from connectors.sandbox.magento.orders import Order
from connectors.sandbox.magento.people import moment
from connectors.sandbox.magento.refunds import Given, Refund
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.shipping import shipping
from connectors.sandbox.magento.tables import Columns


@dataclass(frozen=True)
class Memo:
    """`at`: which of its order's refunds it is."""

    id: int
    order: Order
    at: int

    @property
    def columns(self) -> Columns:
        changed = moment(self.order.at(10 + self.at))
        return {
            "entity_id": self.id,
            "order_id": self.order.id,
            "increment_id": f"{self.order.store.prefix}{self.id:09}",
            "created_at": moment(self.order.at(9 + self.at)),
            "updated_at": changed,
            "state": 2,
            "store_id": self.order.store.id,
        }


def memo_json(memo: Memo, lines: list[Line]) -> Json:
    order = memo.order
    refund = refunds.refunds(order, lines).every[memo.at]
    sent = shipping(order, lines)
    rate = order.store.rate
    given, base = (
        refunds.given(refund, lines, sent, rate=rate, in_base=in_base) for in_base in (False, True)
    )
    return {
        **memo.columns,
        **_adjustments(refund, given, base),
        "base_currency_code": "EUR",
        "base_to_global_rate": 1,
        "base_to_order_rate": rate,
        "billing_address_id": order.id * 2,
        "global_currency_code": "EUR",
        "order_currency_code": order.store.currency,
        "shipping_address_id": order.id * 2 - 1,
        "store_currency_code": "EUR",
        "store_to_base_rate": 0,
        "store_to_order_rate": 0,
        **_sums(given, base),
        **({"discount_description": "Bienvenue"} if order.coupon else {}),
        "items": _items(memo, refund, lines),
        "comments": [],
    }


def _adjustments(refund: Refund, given: Given, base: Given) -> Json:
    made = both("adjustment", given.positive - given.negative, base.positive - base.negative)
    if refund.positive or refund.negative:
        made |= both("adjustment_positive", given.positive, base.positive)
        made |= both("adjustment_negative", given.negative, base.negative)
    return made


def _sums(given: Given, base: Given) -> Json:
    return {
        **both("grand_total", given.total, base.total),
        **both("subtotal", given.subtotal, base.subtotal),
        **both("subtotal_incl_tax", given.subtotal_incl_tax, base.subtotal_incl_tax),
        **both("tax_amount", given.tax, base.tax),
        **both("discount_amount", -given.discount, -base.discount),
        **both("discount_tax_compensation_amount", given.compensation, base.compensation),
        **both("shipping_amount", given.shipping, base.shipping),
        **both("shipping_incl_tax", given.shipping_incl_tax, base.shipping_incl_tax),
        **both("shipping_tax_amount", given.shipping_tax, base.shipping_tax),
    }


def _items(memo: Memo, refund: Refund, lines: list[Line]) -> list[Json]:
    made: list[Json] = []
    for top in lines:
        for line in (top, *top.parts):
            quantity = refund.quantities.get(line.item_id)
            if not quantity:
                continue
            made.append(_item(memo, refund, line))
            if line.is_pair:
                made.append(_child(memo, line, quantity))
    for at, item in enumerate(made, start=1):
        item["entity_id"] = memo.id * 50 + at
    return made


def _item(memo: Memo, refund: Refund, line: Line) -> Json:
    order, base = refunds.refunded_parts(refund, line)
    item: Json = {
        "base_cost": None,
        "name": line.product.name(memo.order.store.code),
        "order_item_id": line.item_id,
        "parent_id": memo.id,
        "product_id": line.product.id,
        "qty": refund.quantities[line.item_id],
        "sku": line.bought.sku,
        **both("price", order.price, base.price),
    }
    if line.parts:  # a bundle's own row has no totals
        return item
    item |= {
        **both("price_incl_tax", order.price_incl_tax, base.price_incl_tax),
        **both("row_total", order.row, base.row),
        **both("row_total_incl_tax", order.row_incl_tax, base.row_incl_tax),
        **both("tax_amount", order.tax, base.tax),
        **both("discount_tax_compensation_amount", order.compensation, base.compensation),
        "weee_tax_applied": "[]",
        "weee_tax_applied_row_amount": 0,
        "weee_tax_row_disposition": 0,
        "base_weee_tax_row_disposition": 0,
    }
    if order.discount:
        item |= both("discount_amount", order.discount, base.discount)
    return item


def _child(memo: Memo, line: Line, quantity: int) -> Json:
    return {
        "base_cost": round(line.bought.price * 0.0038, 4),
        "base_price": 0,
        "name": line.bought.name(memo.order.store.code),
        "order_item_id": line.child_id,
        "parent_id": memo.id,
        "price": euros(0),
        "product_id": line.bought.id,
        "qty": quantity,
        "sku": line.bought.sku,
    }

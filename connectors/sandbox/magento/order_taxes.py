"""The taxes of an order, which Magento prints in four places."""

from collections.abc import Sequence

from connectors.sandbox.magento.lines import Line
from connectors.sandbox.magento.money import euros
from connectors.sandbox.magento.order_totals import Sums
from connectors.sandbox.magento.orders import Order
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.stores import TAX_CODES, TAXES


def itemized(order: Order, line: Line) -> Json:
    """The tax of one line, as the line itself carries it."""
    return _itemized(order, line.order.tax, line.base.tax) | {
        "tax_item_id": line.item_id,
        "item_id": line.item_id,
        "taxable_item_type": "product",
    }


def order_taxes(order: Order, lines: Sequence[Line], sums: Sums) -> Json:
    """The part of an order's extension attributes that speaks of taxes."""
    money = [line for top in lines for line in top.money_lines()]
    tax, base_tax = sums.order.tax, sums.base.tax
    shipped = sums.order.shipping_tax, sums.base.shipping_tax
    by_item: list[Json] = [{"type": "shipping", "applied_taxes": [_applied(order, *shipped)]}]
    by_item += [
        {
            "type": "product",
            "item_id": line.item_id,
            "applied_taxes": [_applied(order, line.order.tax, line.base.tax)],
        }
        for line in money
    ]
    return {
        "applied_taxes": [_applied(order, tax, base_tax)],
        "item_applied_taxes": by_item,
        "taxes": [
            {
                **_applied(order, tax, base_tax),
                "tax_id": order.id,
                "order_id": order.id,
                "base_real_amount": euros(base_tax),
                "priority": 0,
                "position": 0,
                "process": 0,
            }
        ],
        "additional_itemized_taxes": [
            _itemized(order, *shipped)
            | {"tax_item_id": order.id * 20, "taxable_item_type": "shipping"}
        ],
    }


def _itemized(order: Order, amount: int, base: int) -> Json:
    return {
        "tax_id": order.id,
        "tax_code": TAX_CODES[order.person.country],
        "tax_percent": TAXES[order.person.country],
        "amount": euros(amount),
        "base_amount": euros(base),
        "real_amount": euros(amount),
        "real_base_amount": euros(base),
    }


def _applied(order: Order, amount: int, base: int) -> Json:
    code = TAX_CODES[order.person.country]
    return {
        "code": code,
        "title": code,
        "percent": TAXES[order.person.country],
        "amount": euros(amount),
        "base_amount": euros(base),
    }

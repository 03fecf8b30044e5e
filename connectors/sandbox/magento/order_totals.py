"""The sums of an order, and of what was given back of it, under the names that Magento prints."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from connectors.sandbox.magento.lines import Line
from connectors.sandbox.magento.money import euros
from connectors.sandbox.magento.refunds import Given
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.shipping import Shipping

PAID = ("subtotal", "tax", "discount", "shipping")


def both(name: str, order: int, base: int) -> Json:
    """An amount in the order's currency and in the website's, in cents."""
    return {name: euros(order), f"base_{name}": euros(base)}


@dataclass(frozen=True, kw_only=True)
class Totals:
    """In one currency, in cents."""

    subtotal: int
    subtotal_incl_tax: int
    tax: int
    discount: int
    compensation: int
    shipping: int
    shipping_incl_tax: int

    @property
    def shipping_tax(self) -> int:
        return self.shipping_incl_tax - self.shipping

    @property
    def grand(self) -> int:
        return self.subtotal + self.tax + self.shipping - self.discount + self.compensation


@dataclass(frozen=True)
class Sums:
    """What an order costs and what came back, each in the order's currency and in the website's."""

    order: Totals
    base: Totals
    refunded: tuple[Given, Given] | None = None


def totals(lines: Sequence[Line], sent: Shipping, *, in_base: bool) -> Totals:
    amounts = [line.base if in_base else line.order for top in lines for line in top.money_lines()]
    net, gross = sent.base if in_base else sent.order
    return Totals(
        subtotal=sum(one.row for one in amounts),
        subtotal_incl_tax=sum(one.row_incl_tax for one in amounts),
        tax=sum(one.tax for one in amounts) + gross - net,
        discount=sum(one.discount for one in amounts),
        compensation=sum(one.compensation for one in amounts),
        shipping=net,
        shipping_incl_tax=gross,
    )


def together(parts: Sequence[Given]) -> Given:
    """Several refunds of one order as one."""
    return Given(
        **{one.name: sum(getattr(part, one.name) for part in parts) for one in fields(Given)}
    )


def ordered(sums: Sums) -> Json:
    order, base = sums.order, sums.base
    return {
        **both("grand_total", order.grand, base.grand),
        **both("subtotal", order.subtotal, base.subtotal),
        **both("subtotal_incl_tax", order.subtotal_incl_tax, base.subtotal_incl_tax),
        **both("tax_amount", order.tax, base.tax),
        **both("discount_amount", -order.discount, -base.discount),
        **both("discount_tax_compensation_amount", order.compensation, base.compensation),
        **shipping_total(sums, is_invoiced=False),
    }


def shipping_total(sums: Sums, *, is_invoiced: bool) -> Json:
    """As the order repeats it beside its shipping address."""
    order, base = sums.order, sums.base
    made = {
        **both("shipping_amount", order.shipping, base.shipping),
        **both("shipping_incl_tax", order.shipping_incl_tax, base.shipping_incl_tax),
        **both("shipping_tax_amount", order.shipping_tax, base.shipping_tax),
        **both("shipping_discount_amount", 0, 0),
        "shipping_discount_tax_compensation_amount": 0,
        # Cut to the length of a column's name, long ago.
        "base_shipping_discount_tax_compensation_amnt": 0,
    }
    return made | both("shipping_invoiced", order.shipping, base.shipping) if is_invoiced else made


def invoiced(sums: Sums) -> Json:
    order, base = sums.order, sums.base
    return {
        **both("total_invoiced", order.grand, base.grand),
        **both("total_paid", order.grand, base.grand),
        **both("subtotal_invoiced", order.subtotal, base.subtotal),
        **both("tax_invoiced", order.tax, base.tax),
        **both("discount_invoiced", -order.discount, -base.discount),
        **both("discount_tax_compensation_invoiced", order.compensation, base.compensation),
        **both("shipping_invoiced", order.shipping, base.shipping),
    }


def canceled(sums: Sums) -> Json:
    order, base = sums.order, sums.base
    amounts = {name: (getattr(order, name), getattr(base, name)) for name in PAID}
    amounts["total"] = (order.grand, base.grand)
    return {
        name: amount
        for paid, (ours, theirs) in amounts.items()
        for name, amount in both(f"{paid}_canceled", ours, theirs).items()
    }


def given_back(sums: Sums) -> Json:
    if sums.refunded is None:
        return {}
    order, base = sums.refunded
    return {
        **both("total_refunded", order.total, base.total),
        **both("total_offline_refunded", order.total, base.total),
        **both("adjustment_positive", order.positive, base.positive),
        **both("adjustment_negative", order.negative, base.negative),
        **both("subtotal_refunded", order.subtotal, base.subtotal),
        **both("tax_refunded", order.tax, base.tax),
        **both("discount_refunded", -order.discount, -base.discount),
        **both("discount_tax_compensation_refunded", order.compensation, base.compensation),
        **both("shipping_refunded", order.shipping, base.shipping),
        **both("shipping_tax_refunded", order.shipping_tax, base.shipping_tax),
    }

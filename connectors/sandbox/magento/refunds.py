"""What was given back of an order: whole orders, single lines, twice, or just an adjustment."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.sandbox.magento.lines import Amounts, Line
from connectors.sandbox.magento.orders import Order
from connectors.sandbox.magento.shipping import Shipping

ADJUSTMENT = 500  # cents of the website's currency, given on top
RESTOCKING = 200  # kept back
NO_QUANTITIES: dict[int, int] = {}


@dataclass(frozen=True, kw_only=True)
class Refund:
    """One credit memo. `quantities` by item id; adjustments in cents of the website's currency."""

    at: int  # first or second of its order
    quantities: dict[int, int] = field(default_factory=dict)
    shipping: bool = False
    positive: int = 0
    negative: int = 0


@dataclass(frozen=True)
class Refunds:
    """All refunds of one order."""

    every: tuple[Refund, ...]

    def quantity(self, item_id: int) -> int:
        return sum(one.quantities.get(item_id, 0) for one in self.every)


def refunds(order: Order, lines: Sequence[Line]) -> Refunds:
    first = lines[0]
    match order.situation.refund:
        case "everything":
            whole = {one.item_id: one.quantity for line in lines for one in _with_parts(line)}
            return Refunds((Refund(at=0, quantities=whole, shipping=True),))
        case "one line":
            # Were all of it given back, the order would be closed.
            is_all = order.free_shipping and sum(line.quantity for line in lines) == 1
            negative = RESTOCKING if is_all else 0
            return Refunds((Refund(at=0, quantities=_piece(first), negative=negative),))
        case "two times":
            kept_back = Refund(at=0, quantities=_piece(first), negative=RESTOCKING)
            rest = _piece(lines[-1]) if len(lines) > 1 else NO_QUANTITIES
            return Refunds((kept_back, Refund(at=1, quantities=rest, shipping=True)))
        case "adjustment":
            return Refunds((Refund(at=0, positive=ADJUSTMENT),))
    return Refunds(())


def memo_count(order: Order) -> int:
    """How many credit memos an order has, known before its lines are drawn."""
    return {"": 0, "two times": 2}.get(order.situation.refund, 1)


def _with_parts(line: Line) -> tuple[Line, ...]:
    return (line, *line.parts)


def _piece(line: Line) -> dict[int, int]:
    """One piece of a line; of a bundle, all of it."""
    if line.parts:
        return {one.item_id: one.quantity for one in _with_parts(line)}
    return {line.item_id: 1}


@dataclass(frozen=True, kw_only=True)
class Given:
    """The money of a refund, in one currency, in cents."""

    subtotal: int
    subtotal_incl_tax: int
    tax: int
    discount: int
    compensation: int
    shipping: int
    shipping_incl_tax: int
    positive: int
    negative: int

    @property
    def shipping_tax(self) -> int:
        return self.shipping_incl_tax - self.shipping

    @property
    def total(self) -> int:
        goods = self.subtotal + self.tax - self.discount + self.compensation
        return goods + self.shipping + self.positive - self.negative


def given(
    refund: Refund, lines: Sequence[Line], shipping: Shipping, *, rate: float, in_base: bool
) -> Given:
    parts = [
        (line.base if in_base else line.order).part(refund.quantities[line.item_id], line.quantity)
        for top in lines
        for line in top.money_lines()
        if refund.quantities.get(line.item_id)
    ]
    net, gross = shipping.base if in_base else shipping.order
    shipped = (net, gross) if refund.shipping else (0, 0)
    factor = 1 if in_base else rate
    return Given(
        subtotal=sum(one.row for one in parts),
        subtotal_incl_tax=sum(one.row_incl_tax for one in parts),
        tax=sum(one.tax for one in parts) + shipped[1] - shipped[0],
        discount=sum(one.discount for one in parts),
        compensation=sum(one.compensation for one in parts),
        shipping=shipped[0],
        shipping_incl_tax=shipped[1],
        positive=int(refund.positive * factor + 0.5),
        negative=int(refund.negative * factor + 0.5),
    )


def refunded_parts(refund: Refund, line: Line) -> tuple[Amounts, Amounts]:
    """What one line of a credit memo gives back: in the order's currency, in the website's."""
    quantity = refund.quantities[line.item_id]
    return line.order.part(quantity, line.quantity), line.base.part(quantity, line.quantity)

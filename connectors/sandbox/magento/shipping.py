"""What sending an order costs: a flat price for each piece, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.sandbox.magento.lines import CATALOGUE_TAX, Line
from connectors.sandbox.magento.money import exchanged, with_tax, without_tax
from connectors.sandbox.magento.orders import Order
from connectors.sandbox.magento.stores import TAXES

FLAT_RATE = 500  # cents for each piece, French tax included


@dataclass(frozen=True)
class Shipping:
    """(without tax, with tax) in cents, in the website's currency and in the order's."""

    base: tuple[int, int]
    order: tuple[int, int]

    @property
    def method(self) -> str:
        return "flatrate_flatrate" if self.base[1] else "freeshipping_freeshipping"

    @property
    def description(self) -> str:
        return "Flat Rate - Fixed" if self.base[1] else "Free Shipping - Free"


def shipping(order: Order, lines: Sequence[Line]) -> Shipping:
    if order.free_shipping:
        return Shipping((0, 0), (0, 0))
    pieces = sum(line.quantity for line in lines)
    net = without_tax(FLAT_RATE * pieces, CATALOGUE_TAX)
    gross = with_tax(net, TAXES[order.person.country])
    rate = order.store.rate
    return Shipping((net, gross), (exchanged(net, rate), exchanged(gross, rate)))

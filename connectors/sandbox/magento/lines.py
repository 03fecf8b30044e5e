"""What an order buys: its lines and what they cost, in the website's currency and in the order's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.sandbox.magento.catalogue import Product
from connectors.sandbox.magento.money import exchanged, share, with_tax, without_tax
from connectors.sandbox.magento.stores import TAXES

CATALOGUE_TAX = 20  # percent, included in the catalogue's prices
COUPON_PERCENT = 10
ITEMS_PER_ORDER = 20  # item ids of an order begin at its own number times this


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """One line in one currency, in cents. Rows are gross of the discount, as the database has them."""

    price: int
    price_incl_tax: int
    row: int
    row_incl_tax: int
    tax: int
    discount: int
    compensation: int  # the tax within the discount

    @property
    def row_after_discount(self) -> int:
        """What REST calls row_total: without tax, minus a discount that contains tax."""
        return max(0, self.row - self.discount)

    @property
    def row_incl_tax_after_discount(self) -> int:
        return max(0, self.row_incl_tax - self.discount)

    def part(self, quantity: int, whole: int) -> "Amounts":
        """The same for some of the pieces."""
        return Amounts(
            price=self.price,
            price_incl_tax=self.price_incl_tax,
            row=share(self.row, quantity, whole),
            row_incl_tax=share(self.row_incl_tax, quantity, whole),
            tax=share(self.tax, quantity, whole),
            discount=share(self.discount, quantity, whole),
            compensation=share(self.compensation, quantity, whole),
        )


def amounts(net: int, gross: int, *, quantity: int, tax: int, discount: int) -> Amounts:
    """`tax` and `discount` in percent."""
    row_gross = gross * quantity
    row = without_tax(row_gross, tax)
    taken = share(row_gross, discount, 100)
    compensation = taken - without_tax(taken, tax)
    return Amounts(
        price=net,
        price_incl_tax=gross,
        row=row,
        row_incl_tax=row_gross,
        tax=row_gross - row - compensation,
        discount=taken,
        compensation=compensation,
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """`bought` is the variant of a configurable `product`, else the product itself.

    `parts`: the lines within a bundle, which carry its money; the bundle's own repeats their sum.
    """

    item_id: int
    product: Product
    bought: Product
    quantity: int
    base: Amounts
    order: Amounts
    tax_percent: int
    discount_percent: int
    parts: tuple["Line", ...] = field(default=())

    @property
    def child_id(self) -> int:
        return self.item_id + 1

    @property
    def is_pair(self) -> bool:
        return self.product.kind == "configurable"

    def money_lines(self) -> Sequence["Line"]:
        return self.parts or (self,)


@dataclass
class Basket:
    """Fills an order with lines, always the same ones for the same order."""

    order_id: int
    country: str
    rate: float
    discount: int
    _used: int = 0

    def line(self, product: Product, bought: Product, quantity: int) -> Line:
        item_id = self.order_id * ITEMS_PER_ORDER + self._used + 1
        self._used += 2 if product.kind == "configurable" else 1
        return self._priced(item_id, product, bought, quantity)

    def bundle(self, product: Product, parts: Sequence[Product]) -> Line:
        item_id = self.order_id * ITEMS_PER_ORDER + self._used + 1
        self._used += 1
        inside = tuple(self.line(part, part, at) for at, part in enumerate(parts, start=1))
        return Line(
            item_id=item_id,
            product=product,
            bought=product,
            quantity=1,
            base=_sum(part.base for part in inside),
            order=_sum(part.order for part in inside),
            tax_percent=0,
            discount_percent=0,
            parts=inside,
        )

    def _priced(self, item_id: int, product: Product, bought: Product, quantity: int) -> Line:
        tax = TAXES[self.country]
        net = without_tax(bought.price, CATALOGUE_TAX)
        gross = bought.price if tax == CATALOGUE_TAX else with_tax(net, tax)
        base, order = (
            amounts(
                exchanged(net, rate),
                exchanged(gross, rate),
                quantity=quantity,
                tax=tax,
                discount=self.discount,
            )
            for rate in (1.0, self.rate)
        )
        return Line(
            item_id=item_id,
            product=product,
            bought=bought,
            quantity=quantity,
            base=base,
            order=order,
            tax_percent=tax,
            discount_percent=self.discount,
        )


def _sum(parts: Iterator[Amounts]) -> Amounts:
    """A bundle's own line: its parts together, the discount left with them."""
    every = list(parts)
    row, row_incl_tax = sum(one.row for one in every), sum(one.row_incl_tax for one in every)
    return Amounts(
        price=row,
        price_incl_tax=row_incl_tax,
        row=row,
        row_incl_tax=row_incl_tax,
        tax=sum(one.tax for one in every),
        discount=0,
        compensation=0,
    )

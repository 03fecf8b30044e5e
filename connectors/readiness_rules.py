"""How good the data must be: every threshold in one place, and what is said of each measure.

Kleep publishes no such numbers: all of them are our assumption, to be confirmed with Kleep.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Verdict(StrEnum):
    GOOD = "good"
    DOES_NOT_BLOCK = "does_not_block"
    BLOCKS = "blocks_go_live"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`good` and `blocks` are still good and still not blocking; `blocks` None: it never blocks."""

    good: float
    blocks: float | None = None
    more_is_better: bool = False

    def judge(self, value: float) -> Verdict:
        if self._is_within(value, self.good):
            return Verdict.GOOD
        if self.blocks is None or self._is_within(value, self.blocks):
            return Verdict.DOES_NOT_BLOCK
        return Verdict.BLOCKS

    def _is_within(self, value: float, limit: float) -> bool:
        return value >= limit if self.more_is_better else value <= limit


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing to measure, a share of something or a number, and its words.

    `empty` is said, with the verdict `when_empty`, where there is nothing to measure. The sentences take
    %(number)s, %(of)s and %(share)s.
    """

    name: str
    limits: Limits
    sentence: str | Promise
    next_step: str | Promise
    empty: str | Promise = ""
    when_empty: Verdict = Verdict.DOES_NOT_BLOCK


RULES = (
    Rule(
        name="variants_without_size",
        limits=Limits(good=0.02, blocks=0.20),
        sentence=_("Variants without a size: %(number)s of %(of)s (%(share)s)."),
        next_step=_(
            "Tell us which attribute of your shop holds the size, or fill it in for these variants;"
            " then pull again."
        ),
        empty=_("No variant of a product has arrived."),
        when_empty=Verdict.BLOCKS,
    ),
    Rule(
        name="products_with_one_variant",
        limits=Limits(good=0.20, blocks=0.80),
        sentence=_("Products with one variant only: %(number)s of %(of)s (%(share)s)."),
        next_step=_(
            "Kleep takes a product with one variant for one-size and switches itself off there. Look"
            " whether its sizes are separate products in your shop, or are hidden from the access that"
            " you gave us."
        ),
        empty=_("No product has arrived."),
        when_empty=Verdict.BLOCKS,
    ),
    Rule(
        name="order_lines_of_unknown_products",
        limits=Limits(good=0.10, blocks=0.50),
        sentence=_(
            "Order lines of a product that is not in the catalogue: %(number)s of %(of)s (%(share)s)."
        ),
        next_step=_(
            "Products that you no longer sell are normal here. Others: make sure that the access sees"
            " the whole catalogue, also what is out of stock or disabled; then pull the products again."
        ),
        empty=_("No order has arrived."),
        when_empty=Verdict.BLOCKS,
    ),
    Rule(
        name="months_of_history",
        limits=Limits(good=12, blocks=3, more_is_better=True),
        sentence=_("Months with orders: %(number)s."),
        next_step=_(
            "Twelve months cover every season. If your shop has older orders, ask Kleep to read them"
            " too; a young shop may go on with what it has."
        ),
    ),
    Rule(
        name="returns_matched_to_an_order_line",
        limits=Limits(good=0.95, blocks=0.50, more_is_better=True),
        sentence=_("Returns that belong to a known order line: %(number)s of %(of)s (%(share)s)."),
        next_step=_(
            "A return counts only with its order line. Pull the older orders too, or send the number of"
            " the order line with each return."
        ),
        empty=_("No return has arrived."),
    ),
    Rule(
        name="returns_with_a_reason",
        limits=Limits(good=0.50, more_is_better=True),
        sentence=_("Returns with a reason: %(number)s of %(of)s (%(share)s)."),
        next_step=_(
            "“Too small” and “too large” teach Kleep the most. If a return tool or your logistics know"
            " the reasons, send them as a file: where your returns are read from the shop, choose that"
            " under “Products” first."
        ),
        empty=_("No return has arrived: send them as a file if your shop does not keep them."),
    ),
)

# Hours since the shop was last read to the end. Only what Kleep cannot do without holds the go-live up.
FRESH = Limits(good=48)
FRESH_BLOCKING = Limits(good=48, blocks=24 * 7)
NEEDED_FRESH = ("products", "orders")
FRESHNESS_NEXT = _("Open the pull and see what stopped it, or start it again.")


def percent(share: float) -> str:
    """0.0042 -> "0.4%", 0.5 -> "50%"; what is not all is never shown as all, nor what is some as none."""
    value = 100 * share
    digits = 1 if 0 < value < 10 or 90 < value < 100 else 0
    if 0 < value < 0.1:
        value = 0.1
    if 99.9 < value < 100:
        value = 99.9
    return str(_("%(number)s%%")) % {"number": number_format(round(value, digits), digits)}


def whole(number: int) -> str:
    """1234 -> "1,234", as the active language writes it."""
    return str(number_format(number, force_grouping=True))

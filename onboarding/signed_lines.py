"""The lines of the checklist that people sign: what they say, who signs, and what makes a signature void."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class By(StrEnum):
    """Who proves a line."""

    MACHINE = "machine"
    MERCHANT = "merchant"
    KLEEP = "kleep"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A line that a person signs. `of_page`: it is about the page, and is void when that changes."""

    key: str
    by: By
    title: Promise
    why: Promise
    of_page: bool


SIGNED = (
    Wanted(
        key="look",
        by=By.MERCHANT,
        title=gettext_lazy("The button looks right on a computer and on a telephone"),
        why=gettext_lazy(
            "Look at the pictures that our browser took, or at the page itself: place, colour, font."
        ),
        of_page=True,
    ),
    Wanted(
        key="advice",
        by=By.MERCHANT,
        title=gettext_lazy("The drawer speaks your visitors' language and advises sensible sizes"),
        why=gettext_lazy("Open it for a product that you know well, and answer as you would."),
        of_page=True,
    ),
    Wanted(
        key="privacy",
        by=By.MERCHANT,
        title=gettext_lazy("Your consent tool and your privacy notice name Kleep"),
        why=gettext_lazy("Visitors must read whom they agree to, before they agree."),
        of_page=False,
    ),
    Wanted(
        key="data",
        by=By.KLEEP,
        title=gettext_lazy("The shop's data is good enough to advise sizes"),
        why=gettext_lazy("The readiness page says what is missing."),
        of_page=False,
    ),
    Wanted(
        key="tuned",
        by=By.KLEEP,
        title=gettext_lazy("The advice was compared with the shop's own returns and size guides"),
        why=gettext_lazy("Only Kleep's own tools show it."),
        of_page=False,
    ),
)
WANTED = {one.key: one for one in SIGNED}

"""The questions about the products: answered by the merchant, or left to Kleep."""

from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onboarding import platforms
from onboarding.models import ProductConfiguration, Shop
from onboarding.phases.base import Facts, Party, Phase, State, Task


class Configuration:
    """What is known of the products of a shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    @cached_property
    def answers(self) -> ProductConfiguration | None:
        return ProductConfiguration.objects.filter(shop=self.shop).first()


def _configuration(facts: Facts) -> Task:
    answers = facts.of(Configuration).answers
    state, fact = _state(facts.shop, answers)
    return Task(
        key="configuration",
        short=_("Products"),
        title=_("Tell Kleep how your products are described"),
        why=_(
            "Which attribute is the size, what the colours of one model have in common, which languages you"
            " sell in: seven questions, each with an example. “I do not know” is an answer."
        ),
        action=_("Answer the questions"),
        url=reverse("configuration", args=[facts.shop.slug]),
        state=state,
        fact=fact,
        waiting_on=Party.KLEEP if answers and answers.unknown else Party.MERCHANT,
        since=answers.saved_at if answers else None,
    )


def _state(shop: Shop, answers: ProductConfiguration | None) -> tuple[State, str]:
    if shop.connection is None and shop.platform != platforms.OTHER:
        return State.LOCKED, _("Comes after the access")
    if answers is None:
        return State.INCOMPLETE, _("Not answered yet")
    if answers.unknown:
        number = len(answers.unknown)
        text = ngettext(
            "%(number)s answer is left to Kleep", "%(number)s answers are left to Kleep", number
        )
        return State.INCOMPLETE, text % {"number": number}
    return State.COMPLETED, _("Answered")


PHASE = Phase(
    key="configuration",
    title=gettext_lazy("Your products"),
    short=gettext_lazy("Products"),
    make=(_configuration,),
)

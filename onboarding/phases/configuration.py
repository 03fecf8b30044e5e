"""The questions about the products: answered by the merchant, or left to Kleep."""

from functools import cached_property
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors.datasets import DIMENSIONS
from connectors.models import TABLES, Connection
from onboarding import platforms
from onboarding.models import ProductConfiguration, Shop
from onboarding.phases.base import Facts, Party, Phase, State, Task
from onboarding.together import Together


class Configuration:
    """What is known of the products of a shop."""

    def __init__(self, shop: Shop, together: Together) -> None:
        self.shop, self.together = shop, together

    @cached_property
    def lacks_dimensions(self) -> bool:
        """They were to come in a file, and none did."""
        if self.answers is None or not self.answers.dimensions_in_files:
            return False
        return self.shop.connection_id not in self.together.read(_measured)

    @property
    def answers(self) -> ProductConfiguration | None:
        return self.together.read(_answers).get(self.shop.pk)


def _answers(together: Together) -> dict[int, ProductConfiguration]:
    answers = ProductConfiguration.objects.filter(shop__in=together.shops)
    return {one.shop_id: one for one in answers}


def _measured(together: Together) -> set[UUID]:
    """Connections of which there are dimensions."""
    dimensions = TABLES[DIMENSIONS.name].objects.filter(connection=OuterRef("pk"))
    known = Connection.objects.filter(pk__in=[one.pk for one in together.connections])
    return set(known.filter(Exists(dimensions)).values_list("pk", flat=True))


def _configuration(facts: Facts) -> Task:
    known = facts.of(Configuration)
    answers = known.answers
    state, fact = _state(known)
    return Task(
        key="configuration",
        short=gettext_lazy("Products"),
        title=_("Tell Kleep how your products are described"),
        why=gettext_lazy(
            "Which attribute is the size, what the colours of one model have in common, which languages you"
            " sell in. We propose answers where we can; what you do not know about your products, Kleep finds"
            " out with you."
        ),
        action=gettext_lazy("Answer the questions"),
        url=reverse(
            "dimensions" if known.lacks_dimensions else "configuration", args=[facts.shop.slug]
        ),
        state=state,
        fact=fact,
        waiting_on=_waiting_on(known),
        since=answers.saved_at if answers else None,
    )


def _waiting_on(known: Configuration) -> Party:
    is_left_to_kleep = known.answers is not None and bool(known.answers.unknown)
    return Party.KLEEP if is_left_to_kleep and not known.lacks_dimensions else Party.MERCHANT


def _state(known: Configuration) -> tuple[State, str]:
    shop, answers = known.shop, known.answers
    if shop.connection is None and shop.platform != platforms.OTHER:
        return State.LOCKED, _("Comes after the access")
    if answers is None:
        return State.INCOMPLETE, _("Not answered yet")
    if known.lacks_dimensions:
        return State.INCOMPLETE, _("Your file with the dimensions has not arrived yet")
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

"""The button on the product pages: chosen, put on a page, and found there."""

from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding import page_runs
from onboarding.models import PageLook, ProductPage, Shop
from onboarding.phases.base import Facts, Phase, State, Task
from onboarding.together import Together
from onboarding.widget.detect import Finding, Tone, tone


class Widget:
    """What is known of the button on a shop's pages."""

    def __init__(self, shop: Shop, together: Together) -> None:
        self.shop, self.together = shop, together

    @property
    def _site(self) -> page_runs.Site:
        return self.shop.pk, self.shop.environment

    @property
    def pages(self) -> list[ProductPage]:
        """Of the site that the shop is at."""
        return self.together.read(page_runs.pages).get(self._site, [])

    @property
    def looks(self) -> list[PageLook]:
        """The newest of each page that has one."""
        return self.together.read(page_runs.looks).get(self._site, [])

    @property
    def is_looking(self) -> bool:
        return any(look.finished_at is None for look in self.looks)

    @cached_property
    def worst(self) -> Tone | None:
        """Over all pages; None where not all of them were looked at."""
        if not self.pages or len(self.looks) < len(self.pages) or self.is_looking:
            return None
        order = list(Tone)
        return max((worst_of(look) for look in self.looks), key=order.index)


def worst_of(look: PageLook) -> Tone:
    order = list(Tone)
    tones = [tone(Finding(one["code"], one["params"])) for one in look.findings]
    return max(tones, key=order.index, default=Tone.WRONG)


def _widget(facts: Facts) -> Task:
    state, fact = _state(facts.of(Widget))
    return Task(
        key="widget",
        short=gettext_lazy("Button"),
        title=_("Add the button to a product page"),
        why=gettext_lazy(
            "Choose how the button looks, copy the snippet or install the module on your test site, and let"
            " us look at a product page. Your developer can do it: hand the task on."
        ),
        action=gettext_lazy("Add the button"),
        url=reverse("widget", args=[facts.shop.slug]),
        state=state,
        fact=fact,
    )


def _state(known: Widget) -> tuple[State, str]:
    if not known.shop.widget:
        return State.INCOMPLETE, _("Not chosen yet")
    if not known.pages:
        return State.INCOMPLETE, _("No product page to look at yet")
    if known.is_looking:
        return State.WORKING, _("Looking at your pages")
    match known.worst:
        case None:
            return State.INCOMPLETE, _("Not looked at yet")
        case Tone.WRONG:
            return State.PROBLEM, _("Something is wrong on a product page")
    return State.COMPLETED, _("The button's code is on your product pages")


PHASE = Phase(
    key="widget",
    title=gettext_lazy("The button on your pages"),
    short=gettext_lazy("Button"),
    make=(_widget,),
)

"""Phase 4: check the pages, sign, and go live."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onboarding.checklist import Checklist
from onboarding.golive import GoLive, Stage
from onboarding.models import Decision
from onboarding.phases.base import Facts, Party, Phase, State, Task

OVER = (Stage.APPROVED, Stage.LIVE)


def _validate(facts: Facts) -> Task:
    known = facts.of(GoLive)
    state, fact, party = _validate_state(known)
    newest = known.newest
    return Task(
        key="validate",
        short=gettext_lazy("Check and sign"),
        title=_("Check the button and sign"),
        why=gettext_lazy(
            "Our browser opens your product pages like a visitor, on a computer and on a telephone, and says"
            " what to change. Then you sign for what only you can see."
        ),
        action=gettext_lazy("Open the checklist"),
        url=reverse("validate", args=[facts.shop.slug]),
        state=state,
        fact=fact,
        waiting_on=party,
        since=newest.at if newest and party is Party.KLEEP else None,
    )


def _validate_state(known: GoLive) -> tuple[State, str, Party]:
    checklist, mine = known.preprod, Party.MERCHANT
    if known.stage in OVER:
        return State.COMPLETED, _("Signed by both sides"), mine
    if known.stage is Stage.CONFIRMED:
        return State.INCOMPLETE, _("Signed by you; Kleep looks at it"), Party.KLEEP
    if not checklist.urls:
        return State.LOCKED, _("Comes after the button"), mine
    if checklist.is_running:
        return State.WORKING, _("Our browser looks at your pages"), mine
    if known.sent_back:
        return State.PROBLEM, _("Kleep sent it back to you"), mine
    if failing := checklist.failing:
        said = ngettext("%(number)s line to mend", "%(number)s lines to mend", failing)
        return State.PROBLEM, said % {"number": failing}, mine
    if not checklist.is_complete:
        return State.INCOMPLETE, _("Not looked at yet"), mine
    return State.INCOMPLETE, _open_lines(checklist), mine


def _open_lines(checklist: Checklist) -> str:
    number = len(checklist.merchant_blockers)
    if not number:
        return _("Everything is there: sign it")
    said = ngettext("%(number)s line to sign", "%(number)s lines to sign", number)
    return said % {"number": number}


def _golive(facts: Facts) -> Task:
    known = facts.of(GoLive)
    state, fact = _golive_state(known)
    return Task(
        key="golive",
        short=gettext_lazy("Live"),
        title=_("Go live"),
        why=gettext_lazy(
            "Put the same button into your real shop. Our browser looks at it there; as soon as everything is"
            " as it was, you are live."
        ),
        action=gettext_lazy("Open the go-live"),
        url=reverse("golive", args=[facts.shop.slug]),
        state=state,
        fact=fact,
    )


def _golive_state(known: GoLive) -> tuple[State, str]:
    production = known.production
    match known.stage:
        case Stage.LIVE if production.failing:
            return State.PROBLEM, _("Live, and something on your page broke")
        case Stage.LIVE:
            verified = known.last(Decision.Kind.VERIFIED)
            since = date_format(verified.at, "j F Y") if verified else ""
            return State.COMPLETED, _("Live since %(date)s") % {"date": since}
        case Stage.APPROVED if not production.urls:
            return State.INCOMPLETE, _("Enter a product page of your real shop")
        case Stage.APPROVED if production.is_running:
            return State.WORKING, _("Our browser looks at your pages")
        case Stage.APPROVED if production.failing:
            return State.PROBLEM, _("Not yet as it was before")
        case Stage.APPROVED:
            return State.INCOMPLETE, _("Approved: put it into your real shop")
        case Stage.UNDONE:
            return State.PROBLEM, _("The go-live was undone")
    return State.LOCKED, _("Comes after Kleep's approval")


PHASE = Phase(
    key="golive",
    title=gettext_lazy("Check and go live"),
    short=gettext_lazy("Go live"),
    make=(_validate, _golive),
)

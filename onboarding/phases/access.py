"""Phase 1: the access to the shop's data, its check, the first pull."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.models import PullRun
from onboarding import platforms
from onboarding.models import Shop
from onboarding.phases.access_facts import Access
from onboarding.phases.base import Facts, Party, Phase, State, Task

SEE_IT, OPEN_IT = gettext_lazy("See it arrive"), gettext_lazy("Open the pull")


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where a task stands: what Task takes of it."""

    state: State
    fact: str
    waiting_on: Party = Party.MERCHANT
    since: datetime | None = None


def _access(facts: Facts) -> Task:
    known = facts.of(Access)
    connector = platforms.connector_of(facts.shop)
    if connector is None:
        return _platform(facts.shop, known)
    stand = _access_stand(known)
    return Task(
        key="access",
        short=gettext_lazy("Access"),
        title=_("Give Kleep access to your %(platform)s") % {"platform": connector.label},
        why=gettext_lazy(
            "Make an access for Kleep in your shop and enter it here. A guide stands beside the form; it"
            " takes about five minutes."
        ),
        action=gettext_lazy("Enter the credentials"),
        url=reverse("access", args=[facts.shop.slug]),
        **vars(stand),
    )


def _access_stand(known: Access) -> Stand:
    if known.is_refused:
        return Stand(state=State.PROBLEM, fact=_("Your shop no longer accepts the credentials"))
    if known.is_given and known.connection is not None:
        return Stand(state=State.COMPLETED, fact=str(known.connection.config.get("url", "")))
    since = known.shop.created_at
    return Stand(state=State.INCOMPLETE, fact=_("Not given yet"), since=since)


def _platform(shop: Shop, known: Access) -> Task:
    """Before there is anything to give access to."""
    return Task(
        key="access",
        short=gettext_lazy("Access"),
        title=_("Say what your shop runs on"),
        why=gettext_lazy("Everything else depends on it. If you do not know, we go on together."),
        action=gettext_lazy("Choose the platform"),
        url=reverse("platform", args=[shop.slug]),
        state=State.COMPLETED if known.is_by_files else State.INCOMPLETE,
        fact=_("Your data comes in files") if known.is_by_files else _("Not chosen yet"),
        since=None if known.is_by_files else shop.created_at,
    )


def _check(facts: Facts) -> Task | None:
    known = facts.of(Access)
    if known.is_by_files:
        return None
    return Task(
        key="check",
        short=gettext_lazy("Check"),
        title=_("Check what Kleep can read"),
        why=gettext_lazy(
            "We ask your shop for each kind of data once, and tell you which permission is missing and"
            " where to tick it."
        ),
        action=gettext_lazy("Open the check"),
        url=reverse("check", args=[facts.shop.slug]),
        **vars(_check_stand(known)),
    )


def _check_stand(known: Access) -> Stand:
    if not known.is_given:
        return Stand(state=State.LOCKED, fact=_("Comes after the access"))
    if known.check is None:
        return Stand(state=State.INCOMPLETE, fact=_("Not tested yet"))
    if known.check.finished_at is None:
        return Stand(state=State.WORKING, fact=_("Running now"), since=known.check.started_at)
    if known.check_is_ok:
        return Stand(state=State.COMPLETED, fact=_("Everything that is needed can be read"))
    fact = _("Something that is needed cannot be read")
    return Stand(state=State.PROBLEM, fact=fact, since=known.check.finished_at)


def _pull(facts: Facts) -> Task | None:
    known = facts.of(Access)
    if known.is_by_files:
        return None
    stand = _pull_stand(known)
    return Task(
        key="pull",
        short=gettext_lazy("First pull"),
        title=_("Bring in your data"),
        why=gettext_lazy(
            "We read your catalogue, orders and customers, gently and in small pages, so that your"
            " visitors notice nothing. You may close the page meanwhile."
        ),
        action=SEE_IT if stand.state is State.WORKING else OPEN_IT,
        url=reverse("pull", args=[facts.shop.slug]),
        **vars(stand),
    )


def _pull_stand(known: Access) -> Stand:
    states = {run.state for run in known.runs}
    since = min((run.started_at for run in known.runs), default=None)
    if known.is_waiting or known.is_beginning or PullRun.State.RUNNING in states:
        if known.try_at:
            return Stand(state=State.WORKING, fact=_("Your shop does not answer"), since=since)
        return Stand(state=State.WORKING, fact=_("Running now"), since=since)
    if PullRun.State.FAILED in states:
        return Stand(state=State.PROBLEM, fact=_("One part stopped"), since=since)
    if PullRun.State.HELD in states:
        fact = _("Held: much less came than before")
        return Stand(state=State.PROBLEM, fact=fact, waiting_on=Party.KLEEP, since=since)
    if states:
        return Stand(state=State.COMPLETED, fact=_("Complete"))
    if known.check is None or known.check.finished_at is None:
        return Stand(state=State.LOCKED, fact=_("Comes after the check"))
    return Stand(state=State.INCOMPLETE, fact=_("Not started yet"), since=known.check.finished_at)


def _data(facts: Facts) -> Task:
    known = facts.of(Access)
    comes_after = _("Comes after the first file") if known.is_by_files else ""
    return Task(
        key="data",
        short=gettext_lazy("Your data"),
        title=_("Look at what arrived"),
        why=gettext_lazy("See how many products and orders Kleep has, and a few of them."),
        action=gettext_lazy("Open the data"),
        url=reverse("data", args=[facts.shop.slug]),
        state=State.COMPLETED if known.has_data else State.LOCKED,
        fact=_("Counts, a preview and files to download")
        if known.has_data
        else comes_after or _("Comes after the first pull"),
    )


PHASE = Phase(
    key="access",
    title=gettext_lazy("Access to your data"),
    short=gettext_lazy("Data"),
    make=(_access, _check, _pull, _data),
)

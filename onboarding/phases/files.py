"""Phase 3: what the shop's API does not give is sent as files."""

from functools import cached_property

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.models import ReceivedFile
from onboarding import owing
from onboarding.models import Shop
from onboarding.phases.base import Facts, Phase, State, Task
from onboarding.together import Together


class Files:
    """What is known of the files that a shop owes."""

    def __init__(self, shop: Shop, together: Together) -> None:
        self.shop, self.together = shop, together

    @cached_property
    def due(self) -> list[owing.Due]:
        return owing.due(self.shop, self.together)

    @property
    def needed(self) -> list[owing.Due]:
        return [one for one in self.due if one.is_needed]


def _files(facts: Facts) -> Task | None:
    known = facts.of(Files)
    if not known.needed:
        return None
    state, fact = _state(known)
    return Task(
        key="files",
        short=gettext_lazy("Files"),
        title=owing.title(known.due),
        why=gettext_lazy(
            "Kleep needs this and cannot read it from your shop. Start from a template, check your file here"
            " first, then upload it or let your shop send it every night."
        ),
        action=gettext_lazy("Open the files"),
        url=reverse("files", args=[facts.shop.slug]),
        state=state,
        fact=fact,
    )


def _state(known: Files) -> tuple[State, str]:
    stuck = {ReceivedFile.State.REFUSED, ReceivedFile.State.NEEDS_ANSWER, ReceivedFile.State.FAILED}
    busy = {
        ReceivedFile.State.RECEIVED,
        ReceivedFile.State.CHECKING,
        ReceivedFile.State.STORING,
    }
    newest = [one.last for one in known.needed if one.last is not None]
    if any(file.state in stuck for file in newest):
        return State.PROBLEM, _("A file needs a look from you")
    if any(file.state in busy for file in newest):
        return State.WORKING, _("A file is being checked")
    owed = [one.label for one in known.needed if not one.is_done]
    if owed:
        return State.INCOMPLETE, _("Still owed: %(files)s") % {"files": ", ".join(owed)}
    last = max(one.since for one in known.needed if one.since is not None)
    return State.COMPLETED, _("Last file on %(date)s") % {"date": date_format(last, "j F Y")}


PHASE = Phase(
    key="files",
    title=gettext_lazy("Missing data, as files"),
    short=gettext_lazy("Files"),
    make=(_files,),
)

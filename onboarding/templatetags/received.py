"""How a file that came looks in a list: good only where every row of it is."""

from typing import Any

from django import template
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models import ReceivedFile

register = template.Library()

State = ReceivedFile.State
TONES = {
    State.TAKEN: "good",
    State.CHECKED: "calm",  # nothing is stored yet
    State.NEEDS_ANSWER: "warn",
    State.REFUSED: "bad",
    State.FAILED: "bad",
}


@register.inclusion_tag("_partials/status.html")
def file_status(file: ReceivedFile, *, dated: bool = False) -> dict[str, Any]:
    """Its state and how many of its rows are wrong. `dated`: with the day on which it came."""
    text = file.get_state_display()
    if dated:
        date = date_format(file.received_at, "j N Y")
        text = _("%(state)s on %(date)s") % {"state": text, "date": date}
    state = State(file.state)
    if not file.rejected or state not in (State.TAKEN, State.CHECKED):
        return {"tone": TONES.get(state, "busy"), "text": text}
    wrong = ngettext(
        "%(text)s, %(number)s row wrong", "%(text)s, %(number)s rows wrong", file.rejected
    )
    return {
        "tone": "warn",
        "text": wrong % {"text": text, "number": number_format(file.rejected, force_grouping=True)},
    }

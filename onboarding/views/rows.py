"""How the lines of a checklist look on a page: a tone and a word for each state, a sentence for the whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onboarding.browser import sentences
from onboarding.browser.lines import Line
from onboarding.checklist import OF_STATUS, OPTIONAL, Checklist, Row, State
from onboarding.models import PageRun

LOOKS: dict[State, tuple[str, Promise]] = {
    State.DONE: ("good", gettext_lazy("Right")),
    State.NOTED: ("warn", gettext_lazy("Right, with a note")),
    State.FAILED: ("bad", gettext_lazy("To mend")),
    State.NOT_TESTED: ("calm", gettext_lazy("Not tested")),
    State.WAITING: ("calm", gettext_lazy("Not looked at yet")),
    State.OPEN: ("calm", gettext_lazy("To sign")),
    State.STALE: ("warn", gettext_lazy("The page changed: sign again")),
}
SIGNED = gettext_lazy("Signed")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A row with its look."""

    row: Row
    tone: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    tone: str
    title: str
    text: str


def shown(rows: Iterable[Row]) -> list[Shown]:
    return [_shown(row) for row in rows]


def _shown(row: Row) -> Shown:
    tone, text = LOOKS[row.state]
    if row.who and row.state is State.DONE:
        text = SIGNED
    if row.is_optional and row.state is State.NOT_TESTED:
        tone = "calm"
    return Shown(row=row, tone=tone, text=str(text))


def of_lines(lines: Iterable[Line]) -> list[Shown]:
    """The lines of one run."""
    return [
        _shown(
            Row(
                key=line.item,
                by="machine",  # type: ignore[arg-type]  # a By, of which it is a value
                title=sentences.title(line.item),
                state=OF_STATUS[line.status],
                findings=tuple(map(sentences.sentence, line.findings)),
                is_optional=line.item in OPTIONAL,
            )
        )
        for line in lines
    ]


def summary(checklist: Checklist) -> Summary:
    """The machine's lines in one sentence."""
    if checklist.is_running:
        return Summary(
            tone="busy",
            title=_("Our browser looks at your pages…"),
            text=_(
                "It takes about half a minute for each page. You may close this page meanwhile."
            ),
        )
    if not checklist.is_complete:
        return Summary(
            tone="calm",
            title=_("Not looked at yet"),
            text=_("The check opens the pages in our browser and changes nothing in the shop."),
        )
    failing = sum(row.state is State.FAILED for row in checklist.machine)
    if failing:
        title = ngettext(
            "%(number)s thing has to be mended.", "%(number)s things have to be mended.", failing
        )
        return Summary(
            tone="bad",
            title=title % {"number": failing},
            text=_("Each line says what to change. Then run the check again."),
        )
    if any(row.blocks for row in checklist.machine):
        return Summary(
            tone="warn",
            title=_("Something could not be tested."),
            text=_("Run the check again."),
        )
    return Summary(tone="good", title=_("Our browser found everything as it should be."), text="")


def details(run: PageRun) -> list[dict[str, Any]]:
    """What a person who looks closer reads, screen by screen."""
    return [
        {
            "screen": str(sentences.SCREENS[name]),
            "times": [seen[key] for key in ("load_ms", "button_ms", "drawer_ms")],
            **seen,
        }
        for name, seen in run.details.get("views", {}).items()
    ]

"""How far the pulls are, in the merchant's words: one line per resource and a summary."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.base import Resource
from connectors.models import Cursor, PullRun

STATUS_TONES = {
    PullRun.State.RUNNING: "busy",
    PullRun.State.DONE: "good",
    PullRun.State.FAILED: "bad",
    PullRun.State.STOPPED: "warn",
    PullRun.State.HELD: "warn",
}


def _resource(cursor: Cursor) -> Resource:
    return cursor.connection.connector_class.resource(cursor.resource)


def label_of(cursor: Cursor) -> str:
    """What it reads, in the reader's language, and of which store view: "Orders (fr)"."""
    name = _resource(cursor).label
    return f"{name} ({cursor.scope})" if cursor.scope else str(name)


@dataclass(frozen=True, kw_only=True)
class Line:
    """The newest run of one resource (in one store view). `counted`: of what, where it is not plain."""

    label: str
    tone: str
    status_text: str
    is_running: bool
    is_held: bool
    fetched: int
    expected: int | None
    counted: str
    created: int
    updated: int
    unchanged: int
    message: str

    @property
    def percent(self) -> int | None:
        """None where the shop does not say how much there is."""
        if not self.expected:
            return None
        return min(100, 100 * self.fetched // self.expected)

    @property
    def outcome(self) -> list[str]:
        """What became of the rows that were read; what did not happen is not said."""
        said = (
            (self.created, ngettext("%(number)s new row", "%(number)s new rows", self.created)),
            (self.updated, ngettext("%(number)s changed", "%(number)s changed", self.updated)),
            (
                self.unchanged,
                ngettext("%(number)s as before", "%(number)s as before", self.unchanged),
            ),
        )
        return [text % {"number": intcomma(number)} for number, text in said if number]

    @classmethod
    def of(cls, run: PullRun) -> "Line":
        state = PullRun.State(run.state)
        return cls(
            label=label_of(run.cursor),
            tone=STATUS_TONES[state],
            status_text=str(state.label),
            is_running=state is PullRun.State.RUNNING,
            is_held=state is PullRun.State.HELD,
            fetched=run.fetched,
            expected=run.expected,
            counted=str(_resource(run.cursor).counted),
            created=run.created,
            updated=run.updated,
            unchanged=run.unchanged,
            message=run.message,
        )


@dataclass(frozen=True, kw_only=True)
class Summary:
    tone: str
    title: str
    detail: str
    percent: int | None = None  # of all records that the shop announces

    @property
    def text(self) -> str:
        return f"{self.title} {self.detail}"


def summary(lines: list[Line], *, waiting: int) -> Summary:
    """`waiting`: resources that were asked for and have not started."""
    running = sum(line.is_running for line in lines)
    if running or waiting:
        done = len(lines) - running
        return Summary(
            tone="calm",
            title=_("Your data is arriving."),
            detail=_("%(done)s of %(all)s parts complete.")
            % {"done": done, "all": len(lines) + waiting},
            percent=_percent(lines, waiting=waiting),
        )
    if any(line.tone == "bad" for line in lines):
        return Summary(
            tone="bad",
            title=_("One part stopped."),
            detail=_("What arrived before is kept. The line below says what to do."),
        )
    if any(line.is_held for line in lines):
        return Summary(
            tone="warn",
            title=_("One part is held."),
            detail=_("Much less came than there was before. What arrived before is kept."),
        )
    return Summary(
        tone="good",
        title=_("Everything has arrived."),
        detail=_("From now on, what changes in your shop arrives by itself."),
    )


def _percent(lines: list[Line], *, waiting: int) -> int | None:
    """Each part counts as much as any other: how much a part that waits will bring, nobody knows yet."""
    parts = len(lines) + waiting
    done = sum((line.percent or 0) if line.is_running else 100 for line in lines)
    return done // parts if parts else None

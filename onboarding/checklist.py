"""The checklist of one site of a shop: what the machine proved, what the merchant and Kleep signed.

Nothing is ticked by default: a line of the machine's is done when the newest run of every product page shows
it, a person's line when that person ticked it for the page as it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

import msgspec

from onboarding import page_runs, signatures
from onboarding.browser import fingerprint, sentences
from onboarding.browser.lines import Item, Line, Status
from onboarding.models import PageRun, Shop, Tick
from onboarding.signed_lines import SIGNED, By, Wanted
from onboarding.together import Together


class State(StrEnum):
    DONE = "done"
    NOTED = "noted"  # done, with something to know
    FAILED = "failed"
    NOT_TESTED = "not_tested"
    WAITING = "waiting"  # the machine has not looked yet, or looks now
    OPEN = "open"  # a person has not signed
    STALE = "stale"  # signed for a page that has changed since


# Said, and in nobody's way.
OPTIONAL = {Item.SPEED}
OF_STATUS = {
    Status.PASSED: State.DONE,
    Status.WARNING: State.NOTED,
    Status.FAILED: State.FAILED,
    Status.NOT_TESTED: State.NOT_TESTED,
}
WORST_FIRST = (State.FAILED, State.WAITING, State.NOT_TESTED, State.NOTED, State.DONE)
FAILING = (State.FAILED, State.NOT_TESTED)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line as it stands."""

    key: str
    by: By
    title: str
    state: State
    why: str = ""
    findings: tuple[str, ...] = ()
    who: str = ""
    at: datetime | None = None
    is_optional: bool = False

    @property
    def is_done(self) -> bool:
        return self.state in (State.DONE, State.NOTED)

    @property
    def blocks(self) -> bool:
        return not self.is_done and not self.is_optional


class Checklist:
    """Everything about one site of a shop, read once; `together`: the shops of the same page."""

    def __init__(self, shop: Shop, environment: str, together: Together | None = None) -> None:
        self.shop, self.environment = shop, environment
        self.together = together or Together([shop])

    @cached_property
    def urls(self) -> list[str]:
        pages = self.together.read(page_runs.pages).get((self.shop.pk, self.environment), [])
        return [page.url for page in pages]

    @property
    def runs(self) -> list[PageRun]:
        return self.together.read(page_runs.runs).get((self.shop.pk, self.environment), [])

    @cached_property
    def newest(self) -> dict[str, PageRun]:
        """The newest finished run of each page."""
        found: dict[str, PageRun] = {}
        for run in self.runs:
            if run.state == PageRun.State.FINISHED:
                found.setdefault(run.url, run)
        return found

    @cached_property
    def found(self) -> dict[str, dict[Item, Line]]:
        """What those found, by page and item."""
        runs = self.newest.items()
        return {url: {line.item: line for line in stored_lines(run)} for url, run in runs}

    @property
    def is_running(self) -> bool:
        return any(not run.is_over for run in self.runs)

    @property
    def is_complete(self) -> bool:
        """The machine has looked at every page."""
        return bool(self.urls) and len(self.newest) == len(self.urls)

    @cached_property
    def fingerprint(self) -> str:
        """Of what people sign for; blank until the machine has looked at every page."""
        if not self.is_complete:
            return ""
        return fingerprint.of_pages({url: run.fingerprint for url, run in self.newest.items()})

    @cached_property
    def states(self) -> dict[Item, State]:
        """Of the machine's lines; of several pages the worst one counts."""
        found = {item: {self._state(url, item) for url in self.urls} for item in Item}
        return {
            item: next((one for one in WORST_FIRST if one in states), State.WAITING)
            for item, states in found.items()
        }

    def _state(self, url: str, item: Item) -> State:
        line = self.found.get(url, {}).get(item)
        return State.WAITING if line is None else OF_STATUS[line.status]

    @property
    def failing(self) -> int:
        """How many of the machine's lines keep the shop from going live by what was seen."""
        return sum(self.states[item] in FAILING for item in Item if item not in OPTIONAL)

    @cached_property
    def machine(self) -> list[Row]:
        return [_machine_row(item, self) for item in Item]

    @cached_property
    def signed(self) -> list[Row]:
        ticks: dict[str, Tick] = {}
        for tick in self.together.read(signatures.ticks).get((self.shop.pk, self.environment), []):
            ticks.setdefault(tick.item, tick)
        return [_signed_row(wanted, ticks.get(wanted.key), self) for wanted in SIGNED]

    def of(self, by: By) -> list[Row]:
        return [row for row in [*self.machine, *self.signed] if row.by is by]

    @property
    def merchant_blockers(self) -> list[Row]:
        """What keeps the merchant from confirming."""
        return [row for row in [*self.machine, *self.of(By.MERCHANT)] if row.blocks]

    @property
    def blockers(self) -> list[Row]:
        """What keeps Kleep from approving."""
        return [row for row in [*self.machine, *self.signed] if row.blocks]


def stored_lines(run: PageRun) -> list[Line]:
    return msgspec.convert(run.lines, list[Line])


def _machine_row(item: Item, checklist: Checklist) -> Row:
    findings: dict[str, None] = {}
    at: datetime | None = None
    for url in checklist.urls:
        run = checklist.newest.get(url)
        line = checklist.found.get(url, {}).get(item)
        if run is None or line is None:
            continue
        findings |= dict.fromkeys(_said(line, url, several=len(checklist.urls) > 1))
        at = max(filter(None, (at, run.finished_at)))
    return Row(
        key=item,
        by=By.MACHINE,
        title=sentences.title(item),
        state=checklist.states[item],
        findings=tuple(findings),
        at=at,
        is_optional=item in OPTIONAL,
    )


def _said(line: Line, url: str, *, several: bool) -> Iterable[str]:
    for finding in line.findings:
        said = sentences.sentence(finding)
        yield f"{url} — {said}" if several else said


def _signed_row(wanted: Wanted, tick: Tick | None, checklist: Checklist) -> Row:
    state = State.OPEN
    if tick is not None:
        is_void = wanted.of_page and tick.fingerprint != checklist.fingerprint
        state = State.STALE if is_void else State.DONE
    return Row(
        key=wanted.key,
        by=wanted.by,
        title=str(wanted.title),
        why=str(wanted.why),
        state=state,
        who=str(tick.by or "") if tick else "",
        at=tick.at if tick else None,
    )

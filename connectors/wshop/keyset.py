"""Reading what changed, in order, out of a list that goes on changing.

Every page is asked for anew from the last moment seen, so a record that changes meanwhile only moves to a
later page. Page numbers serve only inside one moment that fills more than a page. There a record that
leaves draws the ones behind it into pages that were read already; so the page before is read once more
after each page, and where it holds something new, that comes first. (Records only ever leave such a
list: it ends at `until`, which is past.)

What a shop does against its table is a TableError: a wrong assumption must never lose a record in silence.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from connectors.base import Position
from connectors.wshop import moments
from connectors.wshop.dialect import Changes, Endpoint
from connectors.wshop.paging import Batch, Fetch, Query, Record, Window


@dataclass(frozen=True, kw_only=True)
class Step:
    """Records that are new to this walk. `is_again`: they were counted before it was interrupted."""

    records: list[Record]
    position: Position  # where a walk may be taken up again
    remaining: int | None = None
    is_again: bool = False


@dataclass(frozen=True)
class _Entry:
    """A record with what orders it."""

    at: datetime
    id: str
    record: Record

    @property
    def number(self) -> int:
        """The id as a number; 0 for one that is none: a later run then reads its whole moment again."""
        return int(self.id) if self.id.isascii() and self.id.isdigit() and len(self.id) < 19 else 0


class Keyset:
    """One walk over the records changed after `since`, up to `until`, by (updated_at, id)."""

    def __init__(
        self,
        fetch: Fetch,
        endpoint: Endpoint,
        changes: Changes,
        *,
        since: Position | None,
        until: datetime,
    ) -> None:
        self._fetch = fetch
        self._endpoint = endpoint
        self._changes = changes
        self._since = since
        self._until = until
        self._position = since
        self._at = moments.safe_start(since.at, endpoint.dates) if since else None
        self._seen: set[str] = set()  # ids of the moment _at that were given
        self._longest = 0  # page so far
        self._bound_is_proved = not changes.inclusive

    def steps(self) -> Iterator[Step]:
        """Ends by itself. Raises TableError."""
        ended = False
        while not ended:
            ended = yield from self._read(self._window(self._at))

    def _window(self, lower: datetime | None) -> Window:
        changes, dates = self._changes, self._endpoint.dates
        bounds: Query = dict(changes.sort)
        if lower is not None:
            lower = lower if changes.inclusive else lower - moments.tick(dates)
            bounds[changes.since] = moments.write(lower, dates)
        if changes.until:
            bounds[changes.until] = moments.write(self._until, dates)
        return Window(self._fetch, self._endpoint, bounds)

    def _read(self, window: Window) -> Generator[Step, None, bool]:
        """Give what is new until time moves on (False: ask from there) or the list ends (True)."""
        start, number, previous = self._at, 0, list[str]()
        while True:
            number, batch = self._steady(window, number)
            entries = self._entries(window, batch)
            due = [entry for entry in entries if entry.at <= self._until]
            fresh = self._fresh(due)
            if batch.records and batch.ids == previous and not fresh:
                raise window.wrong("paging.number", "the same page came twice")
            if number == 0:
                self._prove_bound(window, entries)
            ended = len(due) < len(entries) or window.is_last(number, batch, longest=self._longest)
            self._longest = max(self._longest, len(entries))
            if fresh:
                yield self._give(fresh, window.remaining(number, batch))
            if ended or self._at != start:
                return ended
            number, previous = number + 1, batch.ids

    def _steady(self, window: Window, number: int) -> tuple[int, Batch]:
        """The page, or the first one before it into which unread records have slipped meanwhile."""
        batch = window.page(number)
        while number and window.has_numbers:
            before = window.page(number - 1)
            if before.records and not self._fresh(self._entries(window, before)):
                break
            number, batch = number - 1, before
        return number, batch

    def _entries(self, window: Window, batch: Batch) -> list[_Entry]:
        """The page's records, which must be in order and not before the window's lower bound."""
        entries = [self._entry(window, record) for record in batch.records]
        dates = self._endpoint.dates
        lower = moments.parse(moments.write(self._at, dates), dates) if self._at else None
        if lower and not self._changes.inclusive:
            lower -= moments.tick(dates)
        if lower and any(entry.at < lower for entry in entries):
            raise window.wrong("changes.since", "records older than the lower bound")
        for one, other in pairwise(entries):
            if other.at < one.at:
                raise window.wrong("changes.sort", "records not in the order of updated_at")
            if other.at == one.at and other.number < one.number and self._changes.ties_by_id:
                raise window.wrong("changes.ties_by_id", "records of one moment not in order of id")
        return entries

    def _entry(self, window: Window, record: Record) -> _Entry:
        try:
            at = moments.parse(record.get("updated_at"), self._endpoint.dates)
        except ValueError as error:
            raise window.wrong("dates", f"updated_at is {error}") from None
        if at is None:
            raise window.wrong("fields.updated_at", "a record without updated_at")
        return _Entry(at, str(record["id"]), record)

    def _fresh(self, entries: list[_Entry]) -> list[_Entry]:
        """Those that were not given before, each id once."""
        return list({entry.id: entry for entry in entries if not self._is_given(entry)}.values())

    def _is_given(self, entry: _Entry) -> bool:
        since = self._since
        if since and entry.at == since.at == self._at and 0 < entry.number <= since.id:
            return True
        if self._at is None or entry.at > self._at:
            return False
        return entry.at < self._at or entry.id in self._seen

    def _give(self, fresh: list[_Entry], remaining: int | None) -> Step:
        last = fresh[-1]
        moved = last.at != self._at
        self._at = last.at
        ids = {entry.id for entry in fresh if entry.at == last.at}
        self._seen = ids if moved else self._seen | ids
        at = Position(last.at, last.number if self._changes.ties_by_id else 0)
        self._position = max(self._position or at, at)
        return Step(
            records=[entry.record for entry in fresh],
            position=self._position,
            remaining=remaining,
        )

    def _prove_bound(self, window: Window, entries: list[_Entry]) -> None:
        """Until it is proved: a window from the last moment must give that moment's records again.

        They may all have changed meanwhile; a window that begins one tick earlier tells.
        """
        if self._bound_is_proved or self._at is None or not self._seen:
            return
        if self._has_given(entries):
            self._bound_is_proved = True
            return
        earlier = self._window(self._at - moments.tick(self._endpoint.dates)).page(0)
        if self._has_given([self._entry(window, record) for record in earlier.records]):
            raise window.wrong("changes.inclusive", "the lower bound leaves itself out")

    def _has_given(self, entries: list[_Entry]) -> bool:
        return any(entry.at == self._at and entry.id in self._seen for entry in entries)

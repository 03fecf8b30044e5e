"""Reads a list that changes while it is read, without losing a record or giving one twice.

Page numbers lose rows as soon as a row moves. Here each question starts after the last record seen, in the
order (updated_at, entity_id), and asks for the first page of what is left. Where one second fills a whole
page, that second is read to its end by entity_id. Nothing here knows HTTP: `fetch` answers a Criteria.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from connectors.base import Position
from connectors.magento import failures
from connectors.magento.question import Criteria, Filter

T = TypeVar("T")

SPARE_QUESTIONS = 10  # beyond what the announced number of records explains


@dataclass(frozen=True)
class Listing(Generic[T]):
    """One answer: records in the order asked for, and how many the shop counts for the question."""

    items: Sequence[T]
    total: int
    page_size: int  # what the shop allowed; the client may have had to ask for less


Fetch = Callable[[Criteria], Listing[T]]


@dataclass(frozen=True)
class Batch(Generic[T]):
    """New records, the position after the last of them, and how many the shop had left with them.

    `is_again`: of a reading that repeats another, which has counted them.
    """

    records: list[T]
    position: Position
    remaining: int
    is_again: bool = False


@dataclass(frozen=True, kw_only=True)
class _Ask:
    """What comes next: everything from `after` on, or (`tie`) the rest of the second of `after`.

    What a page has of its last second comes again with the next one and is dropped. It could be left out by
    `nin`, but Magento takes a condition that it does not know for `eq`: then nothing would come, unnoticed.
    """

    after: Position | None
    tie: bool = False
    second_done: bool = False  # every record of the second of `after` has been read

    def criteria(self, until: datetime, page_size: int) -> Criteria:
        if self.tie and self.after is not None:
            filters: tuple[Filter, ...] = (
                Filter("updated_at", "eq", magento_time(self.after.at)),
                Filter("entity_id", "gt", str(self.after.id)),
            )
            return Criteria(filters=filters, sort=("entity_id",), page_size=page_size)
        filters = (Filter("updated_at", "lteq", magento_time(until)),)
        if self.after is not None:
            condition = "gt" if self.second_done else "gteq"
            filters = (Filter("updated_at", condition, magento_time(self.after.at)), *filters)
        return Criteria(filters=filters, sort=("updated_at", "entity_id"), page_size=page_size)


def magento_time(moment: datetime) -> str:
    """UTC without a zone, the one form that Magento compares rightly: it ignores zones."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def walk(
    fetch: Fetch[T],
    key: Callable[[T], Position],
    *,
    since: Position | None,
    until: datetime,
    page_size: int,
) -> Iterator[Batch[T]]:
    """Every record with since < (updated_at, entity_id) and updated_at <= until, each once, ascending.

    A record edited meanwhile leaves the window and belongs to the next run. Asks one question per page, and
    one more where a full page ends the list. Raises FilterIgnoredError, PageRepeatedError and
    TooManyPagesError, all UnexpectedAnswerError, on a shop that does not answer what was asked.
    """
    until = until.replace(microsecond=0)
    ask, asked, allowed = _Ask(after=since), 0, SPARE_QUESTIONS
    while True:
        listing = fetch(ask.criteria(until, page_size))
        asked += 1
        page_size = listing.page_size
        if asked == 1:
            # A shop may give less per page than asked, without a word.
            allowed += 3 * (listing.total // max(min(page_size, len(listing.items)) - 1, 1))
        if asked > allowed:
            raise failures.TooManyPagesError(detail=f"{asked} answers, {allowed} explained")
        fresh = _fresh(listing, key, ask, until)
        if fresh:
            last = key(fresh[-1])
            yield Batch(
                fresh, last, max(listing.total - len(listing.items) + len(fresh), len(fresh))
            )
        following = _next(listing, key, ask, fresh)
        if following is None:
            return
        ask = following


def _fresh(
    listing: Listing[T], key: Callable[[T], Position], ask: _Ask, until: datetime
) -> list[T]:
    """The records not seen before. Raises FilterIgnoredError where the answer is out of order."""
    before: Position | None = None
    fresh = []
    for item in listing.items:
        at = key(item)
        if at.at > until:
            continue  # edited between Magento's query and its reading of the record: the next run's
        if before is not None and at <= before:
            raise failures.FilterIgnoredError(detail=f"record {at.id} is out of order")
        before = at
        if ask.after is None or at > ask.after:
            fresh.append(item)
    return fresh


def _next(
    listing: Listing[T], key: Callable[[T], Position], ask: _Ask, fresh: list[T]
) -> _Ask | None:
    """The next question; None where there is nothing left. Raises where the shop makes no progress."""
    seen = len(listing.items)
    is_full = seen >= listing.page_size
    # A shop may count records that it never gives, or give less per page than it allows.
    goes_on = bool(seen) and (is_full or seen < listing.total)
    last = key(fresh[-1]) if fresh else ask.after
    if ask.tie:
        return _rest_of_second(ask, fresh, last, is_full=is_full, goes_on=goes_on)
    if not goes_on or last is None:
        return None
    first_second, last_second = key(listing.items[0]).at, key(listing.items[-1]).at
    if first_second == last_second == last.at and not ask.second_done:
        return _Ask(after=last, tie=True)
    if fresh:
        return _Ask(after=last)
    if is_full:
        raise failures.PageRepeatedError(detail=f"{seen} records, all seen before")
    return None


def _rest_of_second(
    ask: _Ask, fresh: list[T], last: Position | None, *, is_full: bool, goes_on: bool
) -> _Ask:
    if last is not None and ask.after is not None and last.at != ask.after.at:
        raise failures.FilterIgnoredError(detail="a record of another second")
    if is_full and not fresh:
        raise failures.PageRepeatedError(detail="a full page of one second, all seen before")
    goes_on = goes_on and bool(fresh)
    return _Ask(after=last, tie=goes_on, second_done=not goes_on)

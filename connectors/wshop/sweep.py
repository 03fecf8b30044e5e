"""Reading a whole list that the shop can not sort by its changes.

A record that leaves such a list draws the ones behind it into pages that were read already. So a list of
more than one page is read again until a reading finds nothing new: a record is missed only if it slips
away in two readings running, and then the next pull finds it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.base import Position
from connectors.wshop import moments
from connectors.wshop.dialect import Endpoint
from connectors.wshop.errors import MovingListError
from connectors.wshop.keyset import Step
from connectors.wshop.paging import MAX_PAGES, Batch, Fetch, Query, Record, Window

READINGS = 4
# A sweep knows no time before its end: until then its positions count pages from here.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sweep(
    fetch: Fetch, endpoint: Endpoint, *, since: Position | None, until: datetime
) -> Iterator[Step]:
    """Every record that the filters leave, once; the last step is empty and stands at `until`.

    `since` may be the position of an earlier step: the sweep goes on with that page. Raises
    MovingListError where every reading finds something new, TableError where a page repeats.
    """
    resumed = since is not None and since.at == EPOCH
    first, page = divmod(since.id, MAX_PAGES) if since and resumed else (0, 0)
    bounds = _bounds(endpoint, None if resumed else since, until)
    seen: set[str] = set()
    for reading in range(first, READINGS):
        pages = news = 0
        for number, batch, remaining in _pages(Window(fetch, endpoint, bounds), page):
            fresh = _fresh(batch, seen)
            seen.update(fresh)
            pages, news = pages + 1, news + len(fresh)
            yield Step(
                records=list(fresh.values()),
                position=Position(EPOCH, reading * MAX_PAGES + number),
                remaining=0 if reading else remaining,
                is_again=resumed and reading > 0,
            )
        is_one_page = pages == 1 and page == 0
        # What was seen before a resumption is not known any more: a second reading has to do.
        if is_one_page or (reading and (resumed or not news)):
            yield Step(records=[], position=Position(until))
            return
        page = 0
    raise MovingListError(detail=f"{endpoint.path}: something new in each of {READINGS} readings")


def _fresh(batch: Batch, seen: set[str]) -> dict[str, Record]:
    return {
        id: record for id, record in zip(batch.ids, batch.records, strict=True) if id not in seen
    }


def _bounds(endpoint: Endpoint, since: Position | None, until: datetime) -> Query:
    changes, dates = endpoint.changes, endpoint.dates
    if changes is None:
        return {}
    bounds: Query = dict(changes.sort)
    if since and changes.since:
        lower = moments.safe_start(since.at, dates)
        lower = lower if changes.inclusive else lower - moments.tick(dates)
        bounds[changes.since] = moments.write(lower, dates)
    if changes.until:
        bounds[changes.until] = moments.write(until, dates)
    return bounds


def _pages(window: Window, number: int) -> Iterator[tuple[int, Batch, int | None]]:
    """From a page on, where the shop's pages have numbers."""
    number, longest, previous = number if window.has_numbers else 0, 0, list[str]()
    while True:
        batch = window.page(number)
        if batch.records and batch.ids == previous:
            raise window.wrong("paging.number", "the same page came twice")
        yield number, batch, window.remaining(number, batch)
        if window.is_last(number, batch, longest=longest):
            return
        number, longest, previous = number + 1, max(longest, len(batch.records)), batch.ids

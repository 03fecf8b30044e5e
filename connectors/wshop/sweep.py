"""Reading a whole list that the shop can not sort by its changes.

A record that leaves such a list draws the ones behind it into pages that were read already. So a list of
more than one page is read again until a reading finds nothing new: a record is missed only if it slips
away in two readings running, and then the next pull finds it.
"""

from collections.abc import Iterator
from datetime import datetime

from connectors.base import Position
from connectors.wshop import moments
from connectors.wshop.dialect import Endpoint
from connectors.wshop.errors import MovingListError
from connectors.wshop.keyset import Step
from connectors.wshop.paging import Batch, Fetch, Query, Record, Window

READINGS = 4


def sweep(
    fetch: Fetch, endpoint: Endpoint, *, since: Position | None, until: datetime
) -> Iterator[Step]:
    """Every record that the filters leave, once. Only the last step, which is empty, has a position.

    Raises MovingListError where every reading finds something new, TableError where a page repeats.
    """
    seen: set[str] = set()
    for reading in range(READINGS):
        pages = news = 0
        for batch, remaining in _pages(Window(fetch, endpoint, _bounds(endpoint, since, until))):
            fresh = _fresh(batch, seen)
            seen.update(fresh)
            pages, news = pages + 1, news + len(fresh)
            yield Step(
                records=list(fresh.values()),
                position=None,
                remaining=0 if reading else remaining,
            )
        if pages == 1 or (reading and not news):
            yield Step(records=[], position=Position(until))
            return
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


def _pages(window: Window) -> Iterator[tuple[Batch, int | None]]:
    number, longest, previous = 0, 0, list[str]()
    while True:
        batch = window.page(number)
        if batch.records and batch.ids == previous:
            raise window.wrong("paging.number", "the same page came twice")
        yield batch, window.remaining(number, batch)
        if window.is_last(number, batch, longest=longest):
            return
        number, longest, previous = number + 1, max(longest, len(batch.records)), batch.ids

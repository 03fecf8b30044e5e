"""Reads lists whole that do not say when a record changed: each question begins after the last record seen.

Page numbers would lose a record for every one that is deleted meanwhile. Positions of these lists know no
time: EPOCH, and a number that grows. Nothing here knows HTTP: `fetch` answers a Criteria.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from connectors.base import Position
from connectors.magento import failures
from connectors.magento.keyset import SPARE_QUESTIONS, Batch, Fetch, Listing
from connectors.magento.question import Criteria, Filter
from connectors.magento.values import EPOCH

T = TypeVar("T")
Pair = tuple[str, str]  # a SKU and where it lies

SKU, SOURCE = "sku", "source_code"
END = 2**62  # the number of the last position, after which there is nothing to go on with
AGAIN = 2**61  # numbers from here on are of a second reading


def by_id(
    fetch: Fetch[T],
    id_of: Callable[[T], int],
    *,
    since: Position | None,
    page_size: int,
    field: str = "entity_id",
    end: int | None = None,
) -> Iterator[Batch[T]]:
    """Every record once, in the order of a numeric id that the shop can filter by; up to the id `end`.

    Raises FilterIgnoredError, PageRepeatedError and TooManyPagesError.
    """
    last, guard = _number(since), _Guard()
    ends = () if end is None else (Filter(field, "lteq", str(end)),)
    while True:
        filters = (Filter(field, "gt", str(last)), *ends)
        listing = fetch(Criteria(filters=filters, sort=(field,), page_size=page_size))
        page_size = listing.page_size
        guard.count(listing)
        ids = [id_of(item) for item in listing.items]
        if ids != sorted(set(ids)) or (ids and end is not None and ids[-1] > end):
            raise failures.FilterIgnoredError(detail=f"records not in the order of {field}")
        fresh = [item for item, id in zip(listing.items, ids, strict=True) if id > last]
        last = ids[-1] if fresh else last
        # Ids are whole numbers and come once: after that of `end` there is none.
        goes_on = last != end and _goes_on(listing, fresh)
        found = [Batch(fresh, Position(EPOCH, last), max(listing.total, len(fresh)))]
        if fresh:
            del listing, fresh  # nothing of a page is held here while the next one is asked for
            yield found.pop()
        if not goes_on:
            return


def by_sku(
    fetch: Fetch[T], pair_of: Callable[[T], Pair], *, since: Position | None, page_size: int
) -> Iterator[Batch[T]]:
    """Every record, in the order of SKU and source: the answers carry no id to go on from.

    Positions count the records, and END is the last. After `since` it goes on by page number, a little
    earlier. What was deleted in between may have moved more than that out of sight: so everything is read
    once more then. Raises PageRepeatedError, TooManyPagesError.
    """
    number = _number(since)
    if number == END:
        return
    is_again, before = divmod(number, AGAIN)
    readings = [(AGAIN, before)] if is_again else [(0, before), (AGAIN, 0)] if before else [(0, 0)]
    for offset, start in readings:
        is_last = (offset, start) == readings[-1]
        for found in _by_sku(fetch, pair_of, start, page_size):
            id = found.position.id
            if id != END:
                id += offset
            elif not is_last:
                id = AGAIN  # where the next reading begins
            yield replace(found, position=Position(EPOCH, id), is_again=offset > 0)


def _by_sku(
    fetch: Fetch[T], pair_of: Callable[[T], Pair], before: int, page_size: int
) -> Iterator[Batch[T]]:
    """One reading, from about `before` records on."""
    known, guard = set[Pair](), _Guard()
    ask, listing, given = _begin(fetch, before, page_size)
    while True:
        guard.count(listing)
        pairs = [pair_of(item) for item in listing.items]
        fresh = [item for item, pair in zip(listing.items, pairs, strict=True) if pair not in known]
        known = set(pairs)
        following = ask.following(listing, pairs, fresh)
        given += len(fresh)
        if fresh:
            position = Position(EPOCH, max(given, before) if following else END)
            left = listing.total - len(pairs) + len(fresh)
            yield Batch(fresh, position, max(left, len(fresh)))
        if following is None:
            return
        ask, listing = following, fetch(following.criteria(page_size))
        page_size = listing.page_size


def _begin(fetch: Fetch[T], before: int, page_size: int) -> "tuple[_AskSku, Listing[T], int]":
    """The first question, its answer, and the number of records before that."""
    while True:
        size = _overlapping(before, page_size)
        ask = _AskSku(page=before // size + 1)
        listing = fetch(ask.criteria(size))
        if listing.page_size >= size or not before:
            start = before // size * size
            # With a page number the count is still that of the whole list.
            return ask, replace(listing, total=max(listing.total - start, 0)), start
        page_size = listing.page_size  # smaller pages: this was another one than meant


@dataclass(frozen=True, kw_only=True)
class _AskSku:
    """What comes next: from a SKU on, or (`source`) the rest of that SKU, or everything after it."""

    sku: str | None = None
    source: str | None = None
    after: bool = False
    page: int = 1

    def criteria(self, page_size: int) -> Criteria:
        filters: tuple[Filter, ...] = ()
        if self.sku is not None:
            condition = "eq" if self.source is not None else "gt" if self.after else "gteq"
            filters = (Filter(SKU, condition, self.sku),)
        if self.source is not None:
            filters = (*filters, Filter(SOURCE, "gt", self.source))
        return Criteria(filters=filters, sort=(SKU, SOURCE), page_size=page_size, page=self.page)

    def following(
        self, listing: Listing[T], pairs: Sequence[Pair], fresh: Sequence[T]
    ) -> "_AskSku | None":
        is_full = len(pairs) >= listing.page_size
        if self.source is not None:
            if is_full and fresh:
                return _AskSku(sku=self.sku, source=pairs[-1][1])
            return _AskSku(sku=self.sku, after=True)
        if not pairs:
            return None
        first, (sku, source) = pairs[0][0], pairs[-1]
        # Also where SKUs that are the same to the database, but for their case, fill a page.
        if is_full and (first == sku or not fresh) and not self.after:
            return _AskSku(sku=sku, source=source)
        return _AskSku(sku=sku) if _goes_on(listing, fresh) else None


class _Guard:
    """A shop that never ends is left after as many answers as its first count explains."""

    def __init__(self) -> None:
        self.asked, self.allowed = 0, SPARE_QUESTIONS

    def count(self, listing: "Listing[T]") -> None:
        self.asked += 1
        if self.asked == 1:
            size = max(min(listing.page_size, len(listing.items)) - 1, 1)
            self.allowed += 3 * (listing.total // size)
        if self.asked > self.allowed:
            raise failures.TooManyPagesError(
                detail=f"{self.asked} answers, {self.allowed} explained"
            )


def _goes_on(listing: "Listing[T]", fresh: Sequence[T]) -> bool:
    """Whether more is left. Raises PageRepeatedError for a full page of known records."""
    seen = len(listing.items)
    is_full = seen >= listing.page_size
    if is_full and not fresh:
        raise failures.PageRepeatedError(detail=f"{seen} records, all seen before")
    return bool(fresh) and (seen < listing.total or is_full)


def _overlapping(before: int, page_size: int) -> int:
    """A page size with which some page begins a quarter of a page before, and reaches beyond."""
    if not before:
        return page_size
    sizes = range(page_size // 2 + 1, page_size + 1)
    return min(sizes, key=lambda size: abs(before % size - page_size // 4))


def _number(since: Position | None) -> int:
    """A position with a time is the beginning: this list has none."""
    return since.id if since and since.at == EPOCH else 0

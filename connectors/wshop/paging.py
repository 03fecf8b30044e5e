"""One list of a shop, asked for page by page in the way that its table says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.wshop.dialect import Endpoint, Style
from connectors.wshop.errors import TableError

MAX_PAGES = 20_000
ENOUGH = 20  # records on a page that tell whether a path leads anywhere

Query = dict[str, str | int]
# Our names -> text, number, truth value, translations or a list of them; "lines" -> a list of the same.
Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One answer, decoded."""

    records: list[Record]
    total: int | None = None  # records that match, where the shop tells
    next: str | None = None  # token of the next page

    @property
    def ids(self) -> list[str]:
        return [str(record["id"]) for record in self.records]


Fetch = Callable[[Query], Batch]


class Window:
    """A list within fixed bounds. Pages count from 0."""

    def __init__(self, fetch: Fetch, endpoint: Endpoint, bounds: Mapping[str, str | int]) -> None:
        self._fetch = fetch
        self._endpoint = endpoint
        self._paging = endpoint.paging
        self._bounds = bounds
        self._tokens: dict[int, str] = {}
        self._step = 0  # records per page that the shop really gives; known with the first

    @property
    def has_numbers(self) -> bool:
        """True where any page can be asked for again."""
        return self._paging.style in (Style.PAGE, Style.OFFSET)

    def page(self, number: int) -> Batch:
        """One page. Raises TableError where it contradicts the table."""
        if number >= MAX_PAGES:
            raise self.wrong("paging", "no end after so many pages")
        batch = self._fetch({**self._bounds, **self._parameters(number)})
        if not self._step:
            limit = self._paging.limit
            self._step = min(limit, len(batch.records) or limit) if number == 0 else limit
        if batch.total is not None and batch.total < len(batch.records):
            raise self.wrong("paging.total", "more records than announced")
        if batch.next:
            if batch.next in [self._tokens.get(before) for before in range(number + 1)]:
                raise self.wrong("paging.next", "a token came twice")
            self._tokens[number + 1] = batch.next
        return batch

    def _parameters(self, number: int) -> Query:
        paging = self._paging
        size: Query = {paging.size: paging.limit} if paging.size else {}
        match paging.style:
            case Style.PAGE:
                return {**size, paging.number: paging.first + number}
            case Style.OFFSET:
                return {**size, paging.number: number * (self._step or paging.limit)}
            case Style.CURSOR if number:
                return {**size, paging.number: self._tokens[number]}
            case Style.CURSOR:
                return size
            case Style.NONE:
                return {}

    def is_last(self, number: int, batch: Batch, *, longest: int) -> bool:
        """Whether the list ends with this page.

        A page shorter than asked for is no proof: the shop may give fewer than we ask. A page shorter
        than one that it gave before (`longest`) is, and so is a total that is reached by a short page.
        """
        count = len(batch.records)
        if self._paging.style is Style.NONE or not count:
            return True
        if self._paging.style is Style.CURSOR:
            return not batch.next
        if count < longest:
            return True
        reached = number * self._step + count
        return batch.total is not None and count < self._paging.limit and reached >= batch.total

    def remaining(self, number: int, batch: Batch) -> int | None:
        """Records that the shop still announces, this page included."""
        if batch.total is None:
            return None
        return max(batch.total - number * self._step, len(batch.records))

    def wrong(self, entry: str, what: str) -> TableError:
        """The error of an entry of the table that the shop does not obey."""
        path = self._endpoint.path
        return TableError(endpoint=path, detail=f"{path}: {what}; correct {entry} in dialect.py")


def lacking(endpoint: Endpoint, records: list[Record]) -> str | None:
    """A needed value that none of the records has: then its path in the table is wrong.

    A few records may lack it by themselves; a page of ENOUGH does not.
    """
    if len(records) < ENOUGH:
        return None
    lines = [line for record in records for line in record.get("lines", ())]
    for name in endpoint.needed:
        holders = lines if name in endpoint.line_fields else records
        if all(holder.get(name) is None for holder in holders):
            return name
    return None

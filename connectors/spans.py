"""Reads a resource by id in several spans side by side: a few threads ask, whoever iterates stores.

Threads never touch the database; between them and the storing one stands a bounded queue. How many of them
ask at once is up to the shop: see pace.py. One more than may ask: it does while another one decodes.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from connectors.asking import Asker, OverError, Places, through
from connectors.base import Connector, Extent, Page, Resource, Span
from connectors.errors import RateLimitedError, RetryLaterError
from connectors.handing import Came, End, Hand
from connectors.models import PullSpan
from connectors.pace import Pace
from connectors.steps import Step

PAGE = (
    300  # records: a span has about as many, or a multiple of it, so that its end costs no question
)
REFUSALS = 4  # one after the other, until the run is left to the schedule
LONGEST_WAIT = 30.0  # seconds; a shop that asks for more is left to the schedule
FIRST_WAIT = 1.0
SPARE = 1  # threads beyond those that may ask at once


def split(extent: Extent, readers: int) -> list[Span]:
    """Parts, each of what the ones before it leave: long ones first, short ones last, so that readers who
    began at different times end together. What is new meanwhile is a part of its own, the one without end:
    whether there is any is asked beside the last pages, not after them."""
    first = min(extent.first, extent.last) - 1
    width = extent.last - first
    page = max(width * PAGE // max(extent.total, 1), 1)
    if width <= page:
        return [Span(after=first)]
    bounds = [first]
    while (left := extent.last - bounds[-1]) > 0:
        step = page * max(left // (2 * readers * page), 1)
        bounds.append(min(bounds[-1] + step, extent.last))
    parts = [Span(after=after, last=last) for after, last in pairwise(bounds)]
    parts.insert(max(len(parts) - readers, 0), Span(after=extent.last))
    return parts


@dataclass
class _Part:
    span: PullSpan
    after: int  # as far as its pages were handed over


class Readers:
    """The threads of one slice: SPARE more than `pace.most`."""

    def __init__(
        self,
        connector: Connector,
        resource: Resource,
        scope: str,
        spans: Sequence[PullSpan],
        pace: Pace,
        prepared: "Future[None] | None" = None,
    ) -> None:
        """`prepared`: questions under way already, which take one place until they are answered."""
        self._connector, self._resource, self._scope = connector, resource, scope
        self._waiting = deque(_Part(span, span.reached) for span in spans)
        self._pace = pace
        self._busy = 0
        self._changed = threading.Condition()  # guards everything above
        self._halted = threading.Event()
        self._places = Places(pace, self._changed, self._halted)
        if prepared:
            self._places.take()
            prepared.add_done_callback(lambda _prepared: self._places.leave())
        self._hand = Hand()
        # One thread makes the rows: a reader asks for the next page meanwhile.
        self._mapper = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rows")

    def steps(
        self, is_over: Callable[[], bool], *, every: float, meanwhile: Callable[[], None]
    ) -> Iterator[list[Step]]:
        """What is to be stored, as it comes; after a page and `is_over` what is under way still.

        `meanwhile` is called where nothing came for `every` seconds. Raises what a reader failed at, once
        everything that came is handed over; and what making rows failed at, at once: what came after them
        must not be stored.
        """
        threads = [
            threading.Thread(target=self._work, args=(number,), name=f"pages-{number}", daemon=True)
            for number in range(self._pace.most + SPARE)
        ]
        for thread in threads:
            thread.start()
        left, failure, is_farther = len(threads), None, False
        try:
            while left:
                came = self._hand.take(every, meanwhile)
                if isinstance(came, End):
                    left, failure = left - 1, failure or came.error
                else:
                    is_farther = is_farther or any(step.page for step in came)
                    yield came
                del came  # or its rows would be held until others come
                if failure is not None or (is_farther and is_over()):
                    self._halt()
        finally:
            self._leave(threads)
        if failure is not None:
            raise failure

    def _halt(self) -> None:
        self._halted.set()
        with self._changed:
            self._changed.notify_all()

    def _leave(self, threads: list[threading.Thread]) -> None:
        """Empty the queue until nobody is left who might wait for a place in it."""
        self._halt()
        for thread in threads:
            while thread.is_alive():
                self._hand.drop()
                thread.join(timeout=0.02)
        self._mapper.shutdown(cancel_futures=True)

    # --- in the threads ---

    def _work(self, number: int) -> None:
        error: Exception | None = None
        try:
            while part := self._take(number):
                self._read(part, number)
        except Exception as caught:  # noqa: BLE001  # handed to whoever iterates
            error = caught
        self._hand.put(End(error))

    def _take(self, number: int) -> _Part | None:
        """A part to read, once this reader may; None where nothing is left to be read by anyone."""
        with self._changed:
            while not self._halted.is_set() and (self._waiting or self._busy):
                if self._waiting and number < self._pace.readers + SPARE:
                    self._busy += 1
                    return self._waiting.popleft()
                self._changed.wait(timeout=1.0)
        return None

    def _read(self, part: _Part, number: int) -> None:
        """A part to its end, or until this reader is one too many: then another goes on with it."""
        is_done = False
        try:
            is_done = self._pages(part, number)
        finally:
            with self._changed:
                self._busy -= 1
                if not is_done:
                    self._waiting.append(part)
                self._changed.notify_all()

    def _pages(self, part: _Part, number: int) -> bool:
        """Whether the part was read to its end."""
        refusals = 0
        while not self._halted.is_set():
            span = Span(after=part.after, last=part.span.last)
            pages = self._connector.by_id(self._resource, span=span, scope=self._scope)
            try:
                while (page := self._asked(pages)) is not None:
                    self._hand.put(Came(part.span, self._mapper.submit(self._mapped, page)))
                    part.after, refusals = page.position.id, 0
                    del page  # or its records would be held until others come
                    if self._halted.is_set() or number >= self._pace.readers + SPARE:
                        return False
            except RetryLaterError as error:
                refusals += 1
                self._slow_down(error, refusals)
                continue
            if not self._halted.is_set():
                self._hand.put(Came(part.span, None))
                return True
        return False

    def _asked(self, pages: Iterator[Page]) -> Page | None:
        """The next page, when the shop has had its rest; None also where the slice is over meanwhile."""
        asker = Asker(self._places)
        try:
            with through(asker):
                page = next(pages, None)
        except OverError:
            return None
        if asker.seconds is not None:
            with self._changed:
                self._pace.answered(asker.seconds)
                self._changed.notify_all()
        return page

    def _mapped(self, page: Page) -> Page:
        """With its rows: to make them may mean to ask the shop."""
        refusals = 0
        while True:
            try:
                return page.mapped()
            except RetryLaterError as error:
                refusals += 1
                self._slow_down(error, refusals)
                with self._changed:
                    rest = self._pace.rest(time.monotonic())
                if self._halted.wait(rest):
                    raise

    def _slow_down(self, error: RetryLaterError, refusals: int) -> None:
        """Raises the error where it is not about our pace, or where patience ends."""
        asked = max(error.retry_after or 0.0, FIRST_WAIT * 2 ** (refusals - 1))
        is_about_pace = isinstance(error, RateLimitedError) or error.http_status in {429, 503}
        if not is_about_pace or refusals >= REFUSALS or asked > LONGEST_WAIT:
            raise error
        with self._changed:
            self._pace.refused(time.monotonic(), asked)

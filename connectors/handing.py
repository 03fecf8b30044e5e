"""What readers hand to whoever stores: pages in the order in which they came, between bounded waits."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue

from connectors.base import Page
from connectors.models import PullSpan
from connectors.steps import Step

# Pages, or ends of spans, handed over at once, and as many that may lie here meanwhile; few, as rows are big.
TOGETHER = 4


@dataclass(frozen=True)
class Came:
    """`page`: its rows are being made; None where the span is at its end."""

    span: PullSpan
    page: "Future[Page] | None"

    @property
    def is_made(self) -> bool:
        """Whether nothing has to be waited for, and nothing failed."""
        return not self.page or (self.page.done() and self.page.exception() is None)


@dataclass(frozen=True)
class End:
    """A reader has left, with what it failed at."""

    error: Exception | None


class Hand:
    """Who brings more than TOGETHER waits. `meanwhile` is called where nothing came for `every` seconds."""

    def __init__(self) -> None:
        self._ready: Queue[Came | End] = Queue(maxsize=TOGETHER)
        self._put_off: Came | End | None = None  # taken from there already, and next

    def put(self, came: Came | End) -> None:
        self._ready.put(came)

    def drop(self) -> None:
        """Everything that lies here."""
        with suppress(Empty):
            while True:
                self._ready.get_nowait()

    def take(self, every: float, meanwhile: Callable[[], None]) -> list[Step] | End:
        """What comes next, and what is there already behind it. Raises what making rows failed at."""
        came = self._next(every, meanwhile)
        if isinstance(came, End):
            return came
        found = [Step(_made(came.page, every, meanwhile) if came.page else None, came.span)]
        while len(found) < TOGETHER:
            try:
                came = self._ready.get_nowait()
            except Empty:
                break
            if isinstance(came, End) or not came.is_made:
                self._put_off = came
                break
            found.append(Step(came.page.result() if came.page else None, came.span))
        return found

    def _next(self, every: float, meanwhile: Callable[[], None]) -> Came | End:
        came, self._put_off = self._put_off, None
        while came is None:
            try:
                came = self._ready.get(timeout=every)
            except Empty:
                meanwhile()
        return came


def _made(page: "Future[Page]", every: float, meanwhile: Callable[[], None]) -> Page:
    while True:
        try:
            return page.result(timeout=every)
        except TimeoutError:
            if page.done():  # in the moment between, or by a time limit of its own
                return page.result()
            meanwhile()

"""Places among the questions that a shop has to answer: taken with a question, left when its answer begins.

What a shop works on is bounded, not what we read and decode meanwhile: while one thread does that, another
one has its place. Whoever asks without places is not held up.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from connectors.pace import Pace

HANDOVER = 0.01  # seconds that a place is offered before we go on with our own work


class OverError(Exception):
    """Nothing more is to be asked. Not for a caller of the connector: whoever gave the places catches it."""


class Places:
    """As many as the pace allows. `changed` guards the pace; `halted`: nobody may ask any more."""

    def __init__(self, pace: Pace, changed: threading.Condition, halted: threading.Event) -> None:
        self._pace, self._changed, self._halted = pace, changed, halted
        self._taken = self._waiting = 0

    def take(self) -> None:
        """Raises OverError."""
        with self._changed:
            self._waiting += 1
            while not self._halted.is_set() and self._taken >= self._pace.readers:
                self._changed.wait(timeout=1.0)
            self._waiting -= 1
            self._taken += 1
            self._changed.notify_all()
            rest = self._pace.rest(time.monotonic())
        if self._halted.wait(rest):
            self.leave()
            raise OverError

    def leave(self) -> None:
        """Whoever waits asks first: while we decode, it could not."""
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()
            waiting = self._waiting
            if waiting and self._taken < self._pace.readers:
                self._changed.wait_for(lambda: self._waiting < waiting, timeout=HANDOVER)


class Asker:
    """One thread's use of the places. `seconds`: how long its latest question was, if it asked any."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._began = 0.0
        self.seconds: float | None = None

    def __enter__(self) -> None:
        self._places.take()
        self._began = time.monotonic()

    def __exit__(self, *exc: object) -> None:
        self.seconds = time.monotonic() - self._began
        self._places.leave()


_asker: ContextVar[AbstractContextManager[None] | None] = ContextVar("asker", default=None)


@contextmanager
def through(asker: Asker) -> Iterator[None]:
    """Every question of this thread within waits for a place."""
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)


def asking() -> AbstractContextManager[None]:
    """Around one question, until its answer begins."""
    return _asker.get() or nullcontext()

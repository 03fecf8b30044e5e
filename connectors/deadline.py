"""A limit on the total time of one exchange, kept at the socket.

A socket's own timeout starts again with every byte that arrives, so a server that sends one byte now and
then holds a caller for ever. These sockets also look at the deadline of the exchange that reads from them.
"""

import math
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def total_time(seconds: float) -> Iterator[float]:
    """Reads of a PatientSocket within end by then, with TimeoutError. Gives the deadline (monotonic)."""
    deadline = time.monotonic() + seconds
    token = _deadline.set(deadline)
    try:
        yield deadline
    finally:
        _deadline.reset(token)


def is_over() -> bool:
    deadline = _deadline.get()
    return deadline is not None and time.monotonic() >= deadline


@contextmanager
def _shortened(connection: socket.socket) -> Iterator[None]:
    """A read within waits no longer than the deadline."""
    before, deadline = connection.gettimeout(), _deadline.get()
    left = math.inf if deadline is None else deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("total time exceeded")
    if left >= (math.inf if before is None else before):
        yield  # setting a timeout asks the system, twice for every piece of an answer
        return
    connection.settimeout(left)
    try:
        yield
    finally:
        connection.settimeout(before)


class PatientSocket(socket.socket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        with _shortened(self):
            return super().recv_into(*args, **kwargs)


class PatientTLSSocket(ssl.SSLSocket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        with _shortened(self):
            return super().recv_into(*args, **kwargs)

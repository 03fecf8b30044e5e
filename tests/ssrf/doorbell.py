"""A port of this machine that counts who connects."""

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

from tests.processes import free_port, wait_until

Visitor = tuple[str, int]


class Doorbell:
    """Listens on 127.0.0.1 and ::1, hangs up on everybody, and counts them."""

    def __init__(self, listeners: list[socket.socket]) -> None:
        self.port = int(listeners[0].getsockname()[1])
        self._listeners = listeners
        self._seen: list[Visitor] = []
        for listener in listeners:
            threading.Thread(target=self._count, args=(listener,), daemon=True).start()

    def _count(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                link, address = listener.accept()
                self._seen.append(address[:2])
                link.close()

    def rings(self) -> int:
        """How many came so far. Comes itself, last: whoever came before was counted by then."""
        own = {self._ring(listener) for listener in self._listeners}
        wait_until(lambda: own <= set(self._seen), seconds=60, what="the last visitor")
        self._seen = [visitor for visitor in self._seen if visitor not in own]
        return len(self._seen)

    @staticmethod
    def _ring(listener: socket.socket) -> Visitor:
        with closing(socket.socket(listener.family)) as link:
            link.connect(listener.getsockname())
            host, port, *_rest = link.getsockname()
            return host, port


@contextmanager
def doorbell() -> Iterator[Doorbell]:
    with ExitStack() as stack:
        listeners = _listeners(stack)
        yield Doorbell(listeners)
        for listener in listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _listeners(stack: ExitStack) -> list[socket.socket]:
    """Both on one port, the second where this machine has got IPv6."""
    while True:
        port = free_port()
        with ExitStack() as attempt:
            four = attempt.enter_context(socket.create_server(("127.0.0.1", port), backlog=512))
            try:
                six = socket.create_server(("::1", port), family=socket.AF_INET6, backlog=512)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                found = [four]
            else:
                found = [four, attempt.enter_context(six)]
            stack.push(attempt.pop_all())
            return found

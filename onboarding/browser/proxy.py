"""The browser's only way out: a forward proxy that opens every connection through the network door.

The browser resolves no name and opens no socket of its own, so a redirect, a WebSocket, a worker, a
prefetch or a name that changes its address comes past here like the first request. A tunnel is not looked
into: the browser checks certificates itself.
"""

import contextlib
import re
import selectors
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

from connectors import errors
from connectors.addresses import check_address, guarded_socket, is_public, origin_of
from onboarding.browser.observations import Refusal

LOCAL = "127.0.0.1"
HEAD_BYTES, PIECE = 65_536, 65_536
WEB_PORTS = (80, 443)
PATIENCE = 15.0  # seconds to connect, and for the browser's own head
IDLE = 30.0  # seconds without a byte in either direction
MOST_REFUSALS = 50
TARGET = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})")
# Of a request that the proxy passes on: what was meant for the proxy, and what would keep it open.
DROPPED = ("proxy-", "connection:", "keep-alive:")


class Guard:
    """Counts what one run may cost, and says what is refused. Shared by all the proxy's threads."""

    def __init__(self, *, max_bytes: int, max_requests: int, ports: tuple[int, ...]) -> None:
        self._max_bytes, self._max_requests = max_bytes, max_requests
        self._ports = ports  # of the page and of Kleep, beside those of the web
        self._lock = threading.Lock()
        self._blocked: frozenset[str] = frozenset()
        self.bytes = self.requests = self.connections = 0
        self.stopped = ""
        self.refusals: list[Refusal] = []

    def block(self, hosts: tuple[str, ...]) -> None:
        """From now on these hosts do not answer: what the page is like without them."""
        self._blocked = frozenset(hosts)

    def stop(self, reason: str) -> None:
        """Open nothing more. The first reason counts."""
        self.stopped = self.stopped or reason

    def count(self, *, size: int = 0, requests: int = 0, connections: int = 0) -> None:
        """Requests are counted where the browser tells of them: a tunnel hides how many it carries."""
        with self._lock:
            self.bytes += size
            self.requests += requests
            self.connections += connections
            if self.bytes > self._max_bytes:
                self.stop("bytes")
            if max(self.requests, self.connections) > self._max_requests:
                self.stop("requests")

    def connect(self, host: str, port: int, *, plain: bool) -> socket.socket:
        """Raises ConnectorError; a refused address is kept for the report."""
        if self.stopped:
            raise errors.AnswerTooLargeError(host=host)
        if f"{host}:{port}" in self._blocked or (port in WEB_PORTS and host in self._blocked):
            raise errors.NoRouteError(host=host)
        try:
            if port not in (*WEB_PORTS, *self._ports):
                check_address(host, port, loopback_ports=self._ports)  # a private one is named so
                raise errors.PortNotOpenedError(host=host)
            return guarded_socket(
                host,
                port,
                timeout=PATIENCE,
                only_loopback=plain,
                loopback_ports=self._ports,
            )
        except errors.ConnectorError as error:
            self.refuse(host, port, error)
            raise

    def refuse(self, host: str, port: int, error: errors.ConnectorError) -> None:
        refusal = Refusal(host=f"{host}:{port}"[:200], code=error.code)
        with self._lock:
            if len(self.refusals) < MOST_REFUSALS and refusal not in self.refusals:
                self.refusals.append(refusal)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        super().__init__((LOCAL, 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no news."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(PATIENCE)
        head, rest = _read_head(self.request)
        line, _, fields = head.partition(b"\r\n")
        method, target, *_version = [*line.decode("latin-1").split(" "), "", ""][:3]
        with contextlib.suppress(errors.ConnectorError, OSError):
            if method == "CONNECT":
                self._tunnel(target, rest)
            elif method:
                self._pass_on(method, target, fields, rest)

    def _tunnel(self, target: str, rest: bytes) -> None:
        found = TARGET.fullmatch(target)
        if not found:
            return
        guard, port = self.server.guard, int(found[3])
        guard.count(connections=1)
        try:
            outside = guard.connect(found[1] or found[2].lower(), port, plain=False)
        except errors.ConnectorError:
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            raise
        with contextlib.closing(outside):
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _relay(self.request, outside, guard, rest)

    def _pass_on(self, method: str, target: str, fields: bytes, rest: bytes) -> None:
        """Plain http, one request per connection. Only this machine speaks it, and only in a demo."""
        guard = self.server.guard
        guard.count(connections=1)
        try:
            origin = origin_of(target)
        except errors.ConnectorError as error:
            parts = urlsplit(target)
            host = parts.hostname or ""
            named = errors.PrivateAddressError(host=host) if _is_private(host) else error
            guard.refuse(host, parts.port or 80, named)
            raise
        url = urlsplit(target)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        kept = [line for line in fields.split(b"\r\n") if line and not _is_dropped(line)]
        head = [
            f"{method} {path} HTTP/1.1".encode("latin-1"),
            *kept,
            b"Connection: close",
            b"",
            b"",
        ]
        with contextlib.closing(guard.connect(origin.host, origin.port, plain=True)) as outside:
            _relay(self.request, outside, guard, b"\r\n".join(head) + rest)


def _is_private(host: str) -> bool:
    """An address in numbers that is nobody's on the internet."""
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return False


def _is_dropped(line: bytes) -> bool:
    return line.decode("latin-1").lower().startswith(DROPPED)


def _read_head(link: socket.socket) -> tuple[bytes, bytes]:
    """The head of the browser's request, and what came behind it."""
    data = b""
    with contextlib.suppress(OSError):
        while b"\r\n\r\n" not in data and len(data) < HEAD_BYTES:
            piece = link.recv(PIECE)
            if not piece:
                break
            data += piece
    head, end, rest = data.partition(b"\r\n\r\n")
    return (head, rest) if end else (b"", b"")


def _relay(inside: socket.socket, outside: socket.socket, guard: Guard, first: bytes) -> None:
    """Both directions until one side closes, nothing comes for a while, or the run has had its share."""
    inside.settimeout(IDLE)
    outside.settimeout(IDLE)
    if first:
        outside.sendall(first)
        guard.count(size=len(first))
    with selectors.DefaultSelector() as ready:
        ready.register(inside, selectors.EVENT_READ, outside)
        ready.register(outside, selectors.EVENT_READ, inside)
        while not guard.stopped:
            events = ready.select(IDLE)
            if not events:
                return
            for key, _mask in events:
                data = key.fileobj.recv(PIECE)  # type: ignore[union-attr]  # a socket, as registered
                if not data:
                    return
                guard.count(size=len(data))
                key.data.sendall(data)


@contextmanager
def serving(guard: Guard) -> Iterator[str]:
    """A proxy on a port of loopback for the length of the block; its address."""
    server = _Server(guard)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://{LOCAL}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()

"""Serves a simulated shop over HTTP/1.1, on this machine's own address and nowhere else."""

import ipaddress
import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connectors.sandbox.exchange import App, Request, Response

LONGEST_BODY = 1_000_000  # bytes of a request
IDLE_SECONDS = 60.0
ENDLESS_BYTES = 512_000_000  # even the endless answer ends, should its client never hang up
PIECES = 20  # of a body that comes slowly
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close that resets the connection


@dataclass(frozen=True)
class Address:
    """Where a shop is served."""

    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    server: "LoopbackServer"

    def _answer(self) -> None:
        try:
            self._send(self.server.app.answer(self._read()))
        except OSError:
            self.close_connection = True  # the client went away, or we are stopping

    # The names are the library's.
    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _answer  # noqa: N815

    def _read(self) -> Request:
        given = self.headers.get("Content-Length", "")
        length = min(int(given), LONGEST_BODY) if given.isdecimal() else 0
        return Request(
            self.command,
            # Not self.path, in which a double slash at the beginning has become one.
            self.requestline.split(" ")[1],
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
        )

    def _send(self, response: Response) -> None:
        delivery = response.delivery
        if delivery.delay and self.server.stopping.wait(delivery.delay):
            raise ConnectionAbortedError
        if delivery.reset:
            self._reset()
        if delivery.endless:
            self._send_endlessly(response)
        body = b"" if self.command == "HEAD" else response.body
        sent = body if delivery.drop_after is None else body[: delivery.drop_after]
        head = self._head(response, f"Content-Length: {len(response.body)}")
        if delivery.pause:
            self._send_slowly(head, sent, delivery.pause)
        else:
            self.wfile.write(head + sent)
        if delivery.drop_after is not None:
            raise ConnectionAbortedError

    def _send_slowly(self, head: bytes, body: bytes, pause: float) -> None:
        self.wfile.write(head)
        size = max(len(body) // PIECES, 1)
        for start in range(0, len(body), size):
            if self.server.stopping.wait(pause):
                raise ConnectionAbortedError
            self.wfile.write(body[start : start + size])

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        os.close(self.connection.detach())
        raise ConnectionAbortedError

    def _send_endlessly(self, response: Response) -> None:
        self.wfile.write(self._head(response, "Transfer-Encoding: chunked"))
        chunk = b"%x\r\n%b\r\n" % (len(response.body), response.body)
        for _ in range(ENDLESS_BYTES // len(chunk)):
            self.wfile.write(chunk)
        raise ConnectionAbortedError

    def _head(self, response: Response, framing: str) -> bytes:
        lines = [f"HTTP/1.1 {response.status} {responses.get(response.status, '')}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        return "\r\n".join([*lines, framing, "", ""]).encode("latin-1")

    def log_message(self, *_args: Any) -> None:
        """Silent: the shop keeps a log of its own, without credentials."""


class LoopbackServer(ThreadingHTTPServer):
    """One thread per connection. Stopping hangs up on every client and waits for every thread."""

    request_queue_size = 128
    daemon_threads = False

    def __init__(self, app: App, host: str, port: int) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not an address of this machine alone")
        if ":" in host:
            self.address_family = socket.AF_INET6
        self.app = app
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((host, port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not self.stopping.is_set() and not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


@contextmanager
def serve(app: App, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """Serve `app` until the block ends. Port 0 takes a free one.

    Raises ValueError for a host that others could reach, OSError for a port in use.
    """
    server = LoopbackServer(app, host, port)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox"
    )
    thread.start()
    try:
        yield Address(host, server.server_address[1])
    finally:
        server.stop()
        thread.join()

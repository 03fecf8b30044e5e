"""Carries one prepared request and reads its whole answer: kept-open connections, limits, named failures.

urllib3's connections are used without its pools, which would spell the URL anew and follow rules of
their own. Every socket comes from addresses.guarded_socket.
"""

import http.client
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from socket import socket

import certifi
import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

from connectors import errors
from connectors.addresses import Origin, guarded_socket
from connectors.asking import asking
from connectors.deadline import PatientTLSSocket, is_over

CHUNK = 262_144
IDLE_PER_ORIGIN = 8
# OpenSSL's X509_V_ERR_* numbers.
EXPIRED = 10
OTHER_NAME = {62, 64}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request may cost, redirects included. Seconds and bytes."""

    connect: float = 10.0
    read: float = 60.0  # between two pieces of the answer
    total: float = 180.0
    max_bytes: int = 64 * 2**20  # as transferred
    max_decompressed_bytes: int = 256 * 2**20
    max_redirects: int = 3


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket:
        return guarded_socket(self.host, self.port, timeout=_seconds(self), only_loopback=True)


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket:
        return guarded_socket(self.host, self.port, timeout=_seconds(self))


def _seconds(connection: HTTPConnection) -> float:
    if not isinstance(connection.timeout, int | float):
        raise TypeError("a connection needs a timeout in seconds")
    return float(connection.timeout)


@lru_cache(maxsize=4)
def _trust(ca_file: str) -> ssl.SSLContext:
    """Shared by all connections: loading the authorities takes longer than many a request."""
    context = ssl.create_default_context(cafile=ca_file)
    context.sslsocket_class = PatientTLSSocket
    context.set_alpn_protocols(["http/1.1"])
    return context


class Transport:
    """Connections to shops, kept open between requests. Safe to share between threads."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._idle: dict[Origin, list[HTTPConnection]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Close what is idle now, and what is in use as soon as it is done."""
        with self._lock:
            self._closed = True
            idle = [connection for kept in self._idle.values() for connection in kept]
            self._idle.clear()
        for connection in idle:
            connection.close()

    def exchange(
        self, origin: Origin, method: str, target: str, *, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes | bytearray]:
        """Status, headers and body. Raises AddressError, ShopDownError and UnexpectedAnswerError."""
        connection = self._take(origin)
        try:
            with _named_failures(origin.host):
                self._connect(connection, origin)
                connection.timeout = self._limits.read
                with asking():
                    connection.request(method, target, body or None, headers, preload_content=False)
                    response = connection.getresponse()
                if response.status < HTTPStatus.OK:
                    # The answer is still to come: on this connection the next question would get it.
                    detail = f"interim answer {response.status}"
                    raise errors.BrokenAnswerError(host=origin.host, detail=detail)
                with closing(response):
                    content = _read(response, origin.host, self._limits)
        except BaseException:
            connection.close()
            raise
        self._keep(origin, connection)
        return response.status, response.headers, content

    def _take(self, origin: Origin) -> HTTPConnection:
        with self._lock:
            kept = self._idle.get(origin)
            connection = kept.pop() if kept else None
        if connection is not None:
            return connection
        if origin.scheme == "http":
            return _Connection(origin.host, origin.port)
        ca_file = settings.OUTBOUND_CA_FILE or certifi.where()
        return _SecureConnection(origin.host, origin.port, ssl_context=_trust(ca_file))

    def _connect(self, connection: HTTPConnection, origin: Origin) -> None:
        if connection.is_connected:
            return
        connection.close()
        connection.timeout = self._limits.connect
        try:
            connection.connect()
        except ssl.SSLCertVerificationError:
            raise
        except TimeoutError as error:
            raise errors.ConnectTimeoutError(host=origin.host, detail=_named(error)) from None
        except (ssl.SSLError, ConnectionResetError, EOFError) as error:
            raise errors.SecureConnectionError(host=origin.host, detail=_named(error)) from None

    def _keep(self, origin: Origin, connection: HTTPConnection) -> None:
        with self._lock:
            kept = self._idle.setdefault(origin, [])
            if connection.sock is not None and len(kept) < IDLE_PER_ORIGIN and not self._closed:
                kept.append(connection)
                return
        connection.close()


def _read(response: HTTPResponse, host: str, limits: Limits) -> bytes | bytearray:
    """The whole body, decompressed as it arrives, so that no limit is passed by more than a piece."""
    if not response.headers:
        raise EOFError("the answer ends within its head")  # which http.client takes for a whole one
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise errors.BrokenAnswerError(host=host, detail=f"content encoding {encoding[:40]!r}")
    gzip = _Gunzip(limits.max_decompressed_bytes) if "gzip" in encoding else None
    whole = b"" if gzip else _whole(response, min(limits.max_bytes, limits.max_decompressed_bytes))
    if whole and not response.length_remaining:
        return whole
    # One buffer: pieces to be joined would hold an answer twice.
    content, transferred = bytearray(whole), len(whole)
    while data := response.read1(CHUNK, decode_content=False):
        transferred += len(data)
        content += gzip.feed(data) if gzip else data
        if transferred > limits.max_bytes or len(content) > limits.max_decompressed_bytes:
            raise errors.AnswerTooLargeError(host=host, detail=f"more than {transferred} bytes")
    if gzip and transferred and not gzip.is_complete:
        raise EOFError("the compressed answer ends early")
    return content


def _whole(response: HTTPResponse, most: int) -> bytes:
    """What comes of a body that says its length, read into one place of that size: nothing is copied."""
    length = response.length_remaining or 0
    return response.read(length, decode_content=False) if length <= most else b""


class _Gunzip:
    """Decompresses piece by piece, giving at most one byte more than `limit`: enough to see it passed."""

    def __init__(self, limit: int) -> None:
        self._left = limit + 1
        self._member = zlib.decompressobj(wbits=31)

    @property
    def is_complete(self) -> bool:
        return self._member.eof

    def feed(self, data: bytes) -> bytes:
        pieces = []
        while data and self._left > 0:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)  # gzip files may follow one another
            piece = self._member.decompress(data, self._left)
            self._left -= len(piece)
            pieces.append(piece)
            data = self._member.unconsumed_tail or self._member.unused_data
        return b"".join(pieces)


@contextmanager
def _named_failures(host: str) -> Iterator[None]:
    try:
        yield
    except errors.ConnectorError:
        raise
    except (OSError, EOFError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
        raise _failure(error, host) from None
    except zlib.error as error:
        raise errors.BrokenAnswerError(host=host, detail=_named(error)) from None


def _failure(error: Exception, host: str) -> errors.ConnectorError:
    """The caller's next move for what http.client, ssl or urllib3 raised."""
    detail = _named(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error)(host=host, detail=detail)
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        slow = errors.TotalTimeError if is_over() else errors.ReadTimeoutError
        return slow(host=host, detail=detail)
    cause = error.args[-1] if isinstance(error, urllib3.exceptions.ProtocolError) else error
    hung_up = (OSError, EOFError, http.client.IncompleteRead, urllib3.exceptions.IncompleteRead)
    if isinstance(cause, hung_up) or isinstance(error, hung_up):
        return errors.ConnectionDroppedError(host=host, detail=detail)
    return errors.BrokenAnswerError(host=host, detail=detail)


def _certificate(error: ssl.SSLCertVerificationError) -> type[errors.CertificateError]:
    if error.verify_code == EXPIRED:
        return errors.CertificateExpiredError
    return (
        errors.CertificateHostError if error.verify_code in OTHER_NAME else errors.CertificateError
    )


def _named(error: Exception) -> str:
    """For staff. The system's own words are kept; those of an HTTP parser repeat what the shop sent."""
    causes = [type(part).__name__ for part in (error, *error.args) if isinstance(part, Exception)]
    return f"{causes[0]}: {error}" if isinstance(error, OSError) else " / ".join(causes)

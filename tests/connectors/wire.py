"""Servers on loopback that answer byte by byte as a test wants, and remember what they were asked."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Script = Callable[[bytes], Iterable[bytes]]


@dataclass
class Wire:
    """A running server. `requests`: the heads; `connections`: how many came in, `closed`: how many ended."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: int = 0

    @property
    def targets(self) -> list[str]:
        return [request.split(b" ", 2)[1].decode() for request in self.requests]

    def header(self, name: str, request: int = -1) -> str:
        for line in self.requests[request].split(b"\r\n")[1:]:
            key, _, value = line.decode().partition(": ")
            if key.lower() == name.lower():
                return value
        raise KeyError(name)


def ok(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return ok(b"", f"Location: {location}", status=status)


@contextmanager
def serving(script: Script | bytes, tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """Answers each request with the pieces that `script` gives for its head. `b""` hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    wire = Wire(listener.getsockname()[1])
    open_ones: list[socket.socket] = []
    answer: Script = (lambda _head: [script]) if isinstance(script, bytes) else script

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                wire.connections += 1
                open_ones.append(connection)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError):
            if tls:
                connection = tls.wrap_socket(connection, server_side=True)
                open_ones.append(connection)
            _converse(connection, wire, answer)
            connection.close()
            wire.closed += 1

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in open_ones:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        thread.join(5)


def _converse(connection: socket.socket, wire: Wire, answer: Script) -> None:
    waiting = b""
    while True:
        while b"\r\n\r\n" not in waiting:
            received = connection.recv(65_536)
            if not received:
                return
            waiting += received
        head, _, waiting = waiting.partition(b"\r\n\r\n")
        wire.requests.append(head)
        for piece in answer(head):
            if not piece:
                return
            connection.sendall(piece)


class Authority:
    """A certificate authority of the test's own; its file is what the portal is told to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Test authority")
        self._certificate = (
            _builder(self._name, self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, host: str, *, days: int = 1) -> ssl.SSLContext:
        """A server's side of TLS with a certificate for `host`; with negative `days`, expired since then."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(host), self._name, key, days=days)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        target = self._folder / f"{host}{days}.pem"
        target.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(target)
        return context


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int = 1
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=30))
        .not_valid_after(now + datetime.timedelta(days=days))
    )

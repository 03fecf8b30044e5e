"""A name server and an internet of the tests' own, and the check of addresses switched off to compare."""

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from connectors import addresses
from connectors.addresses import Address, PatientSocket
from tests.connectors.wire import Authority
from tests.ssrf import corpus
from tests.ssrf.doorbell import Doorbell, doorbell

REAL_LOOK_UP, REAL_CONNECT = socket.getaddrinfo, addresses._connect


@pytest.fixture
def bell() -> Iterator[Doorbell]:
    with doorbell() as bell:
        yield bell


class NameServer:
    """Answers names from a table and asks nobody. Of several answers the next each time, then the last."""

    def __init__(self) -> None:
        known = {host.host.lower(): [[*map(str, host.leads)]] for host in corpus.NAMES}
        self.answers: dict[str, list[list[str]]] = {**known, corpus.SHOP: [[corpus.PUBLIC]]}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *_args: object, **_kwargs: object) -> list[object]:
        try:  # numbers as the system reads them
            return list(
                REAL_LOOK_UP(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            )
        except socket.gaierror:
            answers = self.answers.get(host.lower())
        self.asked.append(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (one, port),
            )
            for one in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> NameServer:
    """As in production: loopback is closed. Names are answered by the test."""
    settings.ALLOW_PRIVATE_ADDRESSES = False
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server)
    return server


class Internet:
    """Where connections to public addresses end: at a port of this machine, and nowhere without one."""

    def __init__(self) -> None:
        self.port: int | None = None
        self.called: list[Address] = []

    def connect(self, address: Address, port: int, timeout: float) -> socket.socket:
        self.called.append(address)
        if not addresses.is_public(address):
            return REAL_CONNECT(address, port, timeout)
        if self.port is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        link = PatientSocket(socket.AF_INET, socket.SOCK_STREAM)
        link.settimeout(timeout)
        link.connect(("127.0.0.1", self.port))
        return link


@pytest.fixture
def internet(names: NameServer, monkeypatch: pytest.MonkeyPatch) -> Internet:
    internet = Internet()
    monkeypatch.setattr(addresses, "_connect", internet.connect)
    return internet


@pytest.fixture
def unchecked(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> Internet:
    """The door without its check: what it keeps out would come in. Nothing leaves this machine."""

    def connect(address: Address, port: int, timeout: float) -> socket.socket:
        internet.called.append(address)
        if address in corpus.HERE:
            REAL_CONNECT(address, port, timeout).close()
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")

    monkeypatch.setattr(addresses, "_connect", connect)
    monkeypatch.setattr(
        addresses, "_allowed", lambda host, port, **_kind: addresses._resolve(host, port)
    )
    return internet


@pytest.fixture
def authority(tmp_path: Path, settings: Settings) -> Authority:
    """Whom the portal trusts: it signs for the shop of the tests."""
    made = Authority(tmp_path)
    settings.OUTBOUND_CA_FILE = str(made.file)
    return made

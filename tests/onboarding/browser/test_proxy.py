"""The browser's way out: every connection is checked, counted, and refused where it must be."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from pytest_django import Settings

from connectors import addresses
from onboarding.browser import proxy
from onboarding.browser.observations import Refusal
from onboarding.browser.proxy import Guard


class Listener:
    """A server that counts who comes and answers each with one line."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heads: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                link, _address = self.socket.accept()
            except OSError:
                return
            with closing(link):
                self.heads.append(link.recv(65_536))
                link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.socket.shutdown(socket.SHUT_RDWR)
    listener.socket.close()


def guard(*ports: int, max_bytes: int = 10_000, max_requests: int = 10) -> Guard:
    return Guard(max_bytes=max_bytes, max_requests=max_requests, ports=ports)


def ask(address: str, sent: bytes) -> bytes:
    host, port = address.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=10)) as link:
        link.sendall(sent)
        answer = b""
        while piece := link.recv(65_536):
            answer += piece
            if sent.startswith(b"CONNECT") and b"\r\n\r\n" in answer:
                break
        return answer


def test_a_plain_request_is_passed_on_without_what_was_meant_for_the_proxy(
    listener: Listener,
) -> None:
    known = guard(listener.port)
    with proxy.serving(known) as address:
        url = f"http://127.0.0.1:{listener.port}/a?b=1"
        answer = ask(
            address,
            f"GET {url} HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n".encode(),
        )
    assert answer.endswith(b"hi")
    assert listener.heads == [b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]
    assert known.connections == 1
    assert known.bytes == len(listener.heads[0]) + len(answer)


def test_a_tunnel_carries_both_directions(listener: Listener) -> None:
    with proxy.serving(guard(listener.port)) as address:
        host, port = address.removeprefix("http://").split(":")
        with closing(socket.create_connection((host, int(port)), timeout=10)) as link:
            link.sendall(f"CONNECT 127.0.0.1:{listener.port} HTTP/1.1\r\n\r\n".encode())
            assert link.recv(100).startswith(b"HTTP/1.1 200 ")
            link.sendall(b"hello")
            assert link.recv(100).endswith(b"hi")
    assert listener.heads == [b"hello"]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("10.0.0.1:443", "private_address"),
        ("169.254.169.254:80", "private_address"),
        ("[::1]:9", "private_address"),
        ("[::ffff:127.0.0.1]:9", "private_address"),
        ("0.0.0.0:443", "private_address"),
        ("2130706433:9", "private_address"),  # 127.0.0.1 as one number
    ],
)
def test_a_tunnel_to_a_private_address_is_refused_and_named(target: str, code: str) -> None:
    known = guard()
    with proxy.serving(known) as address:
        answer = ask(address, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert [refusal.code for refusal in known.refusals] == [code]


@pytest.mark.parametrize(
    ("port", "codes"), [(22, ["port_not_opened"]), (25, ["port_not_opened"]), (8443, [])]
)
def test_a_tunnel_leads_to_the_ports_of_the_web_and_of_the_page_alone(
    monkeypatch: pytest.MonkeyPatch, listener: Listener, port: int, codes: list[str]
) -> None:
    """A public address, which no test may call: the socket that would be opened is one to the listener."""
    opened: list[int] = []

    def connect(_address: object, port: int, _patience: float) -> socket.socket:
        opened.append(port)
        return socket.create_connection(("127.0.0.1", listener.port), timeout=10)

    monkeypatch.setattr(addresses, "_connect", connect)
    known = guard(8443)
    with proxy.serving(known) as address:
        answer = ask(address, f"CONNECT 93.184.216.34:{port} HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 403 " if codes else b"HTTP/1.1 200 ")
    assert [refusal.code for refusal in known.refusals] == codes
    assert opened == ([] if codes else [port])


def test_loopback_is_reached_on_the_named_ports_alone(listener: Listener) -> None:
    known = guard(listener.port + 1)
    with proxy.serving(known) as address:
        ask(address, f"CONNECT 127.0.0.1:{listener.port} HTTP/1.1\r\n\r\n".encode())
        url = f"http://localhost:{listener.port}/"
        assert ask(address, f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) == b""
    assert listener.heads == []
    assert known.refusals == [
        Refusal(host=f"127.0.0.1:{listener.port}", code="private_address"),
        Refusal(host=f"localhost:{listener.port}", code="private_address"),
    ]


def test_no_loopback_where_settings_close_it(listener: Listener, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with proxy.serving(guard(listener.port)) as address:
        answer = ask(address, f"CONNECT 127.0.0.1:{listener.port} HTTP/1.1\r\n\r\n".encode())
        url = f"http://127.0.0.1:{listener.port}/"
        assert ask(address, f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) == b""
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert listener.heads == []


def test_a_blocked_host_does_not_answer_and_is_no_refusal(listener: Listener) -> None:
    known = guard(listener.port)
    known.block((f"127.0.0.1:{listener.port}",))
    with proxy.serving(known) as address:
        ask(address, f"CONNECT 127.0.0.1:{listener.port} HTTP/1.1\r\n\r\n".encode())
    assert (listener.heads, known.refusals) == ([], [])


@pytest.mark.parametrize(
    ("limits", "stopped"), [({"max_bytes": 20}, "bytes"), ({"max_requests": 0}, "requests")]
)
def test_nothing_more_is_opened_when_the_run_has_had_its_share(
    listener: Listener, limits: dict[str, int], stopped: str
) -> None:
    known = guard(listener.port, **limits)
    url = f"http://127.0.0.1:{listener.port}/"
    with proxy.serving(known) as address:
        for _ in range(3):
            ask(address, f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert known.stopped == stopped
    assert len(listener.heads) <= 1


@pytest.mark.parametrize(
    "nonsense", [b"", b"\r\n\r\n", b"CONNECT x HTTP/1.1\r\n\r\n", b"GET /x HTTP/1.1\r\n\r\n"]
)
def test_nonsense_is_hung_up_on(nonsense: bytes) -> None:
    with proxy.serving(guard()) as address:
        host, port = address.removeprefix("http://").split(":")
        with closing(socket.create_connection((host, int(port)), timeout=10)) as link:
            link.sendall(nonsense)
            link.shutdown(socket.SHUT_WR)
            assert link.recv(100) == b""

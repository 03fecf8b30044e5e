"""What may go wrong on the way, each with its own name; against real servers on loopback, with TLS."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from connectors import errors
from connectors.http import Answer, Door, Limits
from tests.connectors.asking import QUICK, ask
from tests.connectors.wire import Authority, Wire, ok, redirect, serving


def failure(script: Any, **kwargs: Any) -> errors.ConnectorError:
    with serving(script) as wire, pytest.raises(errors.ConnectorError) as raised:
        ask(wire, **kwargs)
    return raised.value


def bomb() -> bytes:
    return ok(gzip.compress(b"\0" * 200_000_000), "Content-Encoding: gzip")


def test_a_refused_connection_names_host_and_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Door(limits=QUICK) as door, pytest.raises(errors.ConnectionRefusedByShopError) as refused:
        door.request("GET", f"https://localhost:{port}/")
    assert refused.value.params == {"host": "localhost", "port": port}
    assert refused.value.message == (
        f"localhost refuses connections on port {port}. Is it running?"
    )


def test_a_server_that_does_not_accept_is_a_connect_timeout() -> None:
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(full.getsockname())
    try:
        with Door(limits=QUICK) as door, pytest.raises(errors.ConnectTimeoutError):
            door.request("GET", f"http://127.0.0.1:{full.getsockname()[1]}/")
    finally:
        for one in (*waiting, full):
            one.close()


def test_a_server_that_never_answers_is_a_read_timeout() -> None:
    error = failure(lambda _head: _slowly([b"HTTP/1.1 200 OK\r\n"], pause=5))
    assert type(error) is errors.ReadTimeoutError
    assert error.message.startswith("127.0.0.1 took our question")


@pytest.mark.parametrize(
    "script",
    [
        lambda _head: _slowly([b"HTTP/1.1 200 OK\r\n", *[b"X-A: 1\r\n"] * 99], pause=0.1),
        lambda _head: _slowly(
            [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *[b"a"] * 99], pause=0.1
        ),
        lambda _head: _slowly(
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\na\r\n"] * 99],
            pause=0.1,
        ),
        lambda _head: _slowly([b"HTTP/1.1 100 Continue\r\n\r\n"] * 99, pause=0.1),
    ],
    ids=["headers", "body", "chunks", "continues"],
)
def test_an_answer_that_only_trickles_in_is_ended_by_the_total_time(script: Any) -> None:
    error = failure(script, limits=Limits(connect=1, read=1, total=0.6))
    assert type(error) is errors.TotalTimeError


def test_the_total_time_spans_redirects() -> None:
    pages = count()

    def move(_head: bytes) -> Iterator[bytes]:
        time.sleep(0.25)
        yield redirect(f"/{next(pages)}")

    error = failure(move, limits=Limits(connect=1, read=1, total=0.6, max_redirects=50))
    assert type(error) is errors.TotalTimeError


@pytest.mark.parametrize(
    "pieces",
    [
        [b""],
        [b"HTTP/1.1 200 OK\r\n", b""],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", b""],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", b""],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b""],
        [
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n",
            gzip.compress(b"whole")[:-9],
            b"",
        ],
    ],
    ids=["nothing", "head", "length", "in-chunk", "between-chunks", "gzip"],
)
def test_an_answer_that_ends_early_is_never_taken_for_a_whole_one(pieces: list[bytes]) -> None:
    error = failure(lambda _head: pieces)
    assert type(error) is errors.ConnectionDroppedError


def test_an_interim_answer_is_not_taken_for_the_answer_nor_that_for_the_next_one() -> None:
    answers = iter([[b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", ok(b"one")], [ok(b"two")]])
    with serving(lambda _head: next(answers)) as wire, Door() as door:
        with pytest.raises(errors.BrokenAnswerError):
            door.request("GET", f"http://127.0.0.1:{wire.port}/")
        assert door.request("GET", f"http://127.0.0.1:{wire.port}/").body == b"two"


@pytest.mark.parametrize(
    "script",
    [
        ok(b"a" * 10_001),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"a" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"a" * 0x4000,
        ok(gzip.compress(b"\0" * 60_000), "Content-Encoding: gzip"),
        bomb,  # made where it is thrown: every process of the suite reads this list
        ok(gzip.compress(b"\0" * 30_000) * 2, "Content-Encoding: gzip"),
    ],
    ids=["length", "endless", "chunked", "gzip", "bomb", "two-members"],
)
def test_an_answer_that_is_too_large_is_left_unread(script: bytes | Callable[[], bytes]) -> None:
    script = script if isinstance(script, bytes) else script()
    limits = Limits(
        max_bytes=10_000 if len(script) < 100_000 else 10**9, max_decompressed_bytes=50_000
    )
    assert type(failure(script, limits=limits)) is errors.AnswerTooLargeError


def test_answers_just_within_the_limits_are_whole() -> None:
    zipped = gzip.compress(b"a" * 50_000)
    for script, body in (
        (ok(b"b" * 10_000), b"b" * 10_000),
        (ok(zipped, "Content-Encoding: gzip"), b"a" * 50_000),
        (ok(zipped, "Content-Encoding: x-gzip"), b"a" * 50_000),
        (ok(gzip.compress(b"one") + gzip.compress(b"two"), "Content-Encoding: gzip"), b"onetwo"),
        (ok(b"", "Content-Encoding: gzip"), b""),
    ):
        with serving(script) as wire:
            assert ask(wire).body == body


@pytest.mark.parametrize(
    "script",
    [
        [b"SSH-2.0-OpenSSH_9.2\r\n", b""],
        [b"HTTP/1.1 abc OK\r\n\r\n", b""],
        [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"],
        [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"],
        [ok(b"no gzip at all", "Content-Encoding: gzip")],
        [ok(b"?", "Content-Encoding: br")],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ],
    ids=["ssh", "status", "many-headers", "long-header", "gzip", "brotli", "chunk"],
)
def test_what_is_not_proper_http_is_told_to_staff(script: list[bytes]) -> None:
    error = failure(lambda _head: script)
    assert isinstance(error, errors.BrokenAnswerError | errors.ConnectionDroppedError)
    assert error.message.startswith("127.0.0.1 ")


def test_after_a_failure_the_door_still_works() -> None:
    answers = iter([[b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", b""], [ok(b"fine")]])
    with serving(lambda _head: next(answers)) as wire, Door(limits=QUICK) as door:
        with pytest.raises(errors.ConnectionDroppedError):
            door.request("GET", f"http://127.0.0.1:{wire.port}/")
        assert door.request("GET", f"http://127.0.0.1:{wire.port}/").body == b"fine"


def test_nothing_is_asked_twice_by_itself() -> None:
    with (
        serving(lambda _head: [b""]) as wire,
        pytest.raises(errors.ConnectionDroppedError),
    ):
        ask(wire)
    assert len(wire.requests) == 1


# --- TLS ---


@pytest.fixture
def authority(tmp_path: Path, settings: Any) -> Authority:
    made = Authority(tmp_path)
    settings.OUTBOUND_CA_FILE = str(made.file)
    return made


def ask_securely(wire: Wire, host: str = "localhost") -> Answer:
    with Door(limits=QUICK) as door:
        return door.request("GET", f"https://{host}:{wire.port}/rest?a=[0]")


def test_https_works_over_a_pinned_address_with_the_name_kept(authority: Authority) -> None:
    names: list[str | None] = []
    context = authority.server("localhost")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving(ok(b"secure"), context) as wire:
        assert ask_securely(wire).body == b"secure"
    assert names == ["localhost"]
    assert wire.header("Host") == f"localhost:{wire.port}"
    assert wire.targets == ["/rest?a=[0]"]


def test_an_expired_certificate_is_named(authority: Authority) -> None:
    with (
        serving(ok(), authority.server("localhost", days=-1)) as wire,
        pytest.raises(errors.CertificateExpiredError) as refused,
    ):
        ask_securely(wire)
    assert refused.value.message == (
        "The certificate of localhost has expired. Ask your host to renew it."
    )
    assert wire.requests == []


def test_a_certificate_for_another_name_is_named(authority: Authority) -> None:
    with serving(ok(), authority.server("other.example")) as wire:
        with pytest.raises(errors.CertificateHostError):
            ask_securely(wire)
        with pytest.raises(errors.CertificateHostError):
            ask_securely(wire, "127.0.0.1")
    assert wire.requests == []


def test_a_certificate_of_an_unknown_authority_is_named(
    authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = Authority(tmp_path / "stranger")
    with (
        serving(ok(), stranger.server("localhost")) as wire,
        pytest.raises(errors.CertificateError) as refused,
    ):
        ask_securely(wire)
    assert type(refused.value) is errors.CertificateError
    assert wire.requests == []


def test_plain_http_where_tls_was_due_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with Door(limits=QUICK) as door, pytest.raises(errors.SecureConnectionError) as refused:
            door.request("GET", f"https://localhost:{listener.getsockname()[1]}/")
        thread.join()
    assert refused.value.message.startswith("localhost does not speak https")


def test_a_handshake_that_never_ends_is_a_connect_timeout() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Door(limits=QUICK) as door,
        pytest.raises(errors.ConnectTimeoutError),
    ):
        door.request("GET", f"https://localhost:{silent.getsockname()[1]}/")


def test_the_total_time_is_kept_over_tls_too(authority: Authority) -> None:
    def drip(_head: bytes) -> Iterator[bytes]:
        return _slowly([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *[b"a"] * 99], pause=0.1)

    with (
        serving(drip, authority.server("localhost")) as wire,
        Door(limits=Limits(connect=2, read=2, total=0.8)) as door,
        pytest.raises(errors.TotalTimeError),
    ):
        door.request("GET", f"https://localhost:{wire.port}/")


def _slowly(pieces: list[bytes], *, pause: float) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        time.sleep(pause)

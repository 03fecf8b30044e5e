"""The door to the network, against real servers on loopback."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from requests_oauthlib import OAuth1

from connectors import errors
from connectors.http import Answer, Door, Limits
from tests.connectors.wire import Authority, Wire, ok, redirect, serving

QUICK = Limits(connect=0.5, read=0.5, total=2, max_bytes=10_000, max_decompressed_bytes=50_000)


def ask(wire: Wire, path: str = "/", limits: Limits = QUICK, **kwargs: Any) -> Answer:
    with Door(limits=limits) as door:
        return door.request("GET", f"http://127.0.0.1:{wire.port}{path}", **kwargs)


def failure(script: Any, **kwargs: Any) -> errors.ConnectorError:
    with serving(script) as wire, pytest.raises(errors.ConnectorError) as raised:
        ask(wire, **kwargs)
    return raised.value


# --- what goes out and what comes back ---


@pytest.mark.parametrize(
    "target",
    [
        "/rest/V1/orders?searchCriteria[filter_groups][0][filters][0][field]=updated_at",
        "/rest/V1/orders?searchCriteria%5BpageSize%5D=1&value=2024-01-01%2000:00:00",
        "/rest/V1/x?lower=%e9%3a&plus=a+b&tilde=%7E~&empty=&flag",
        "/a/../b/./c//d;e=f,g'h(i)*!$@",
        "/?",
        "/rest/V1/x?q=%22quoted%22|pipe^caret`tick",
    ],
)
def test_a_url_goes_out_byte_for_byte(target: str) -> None:
    with serving(ok()) as wire:
        assert ask(wire, target).url == f"http://127.0.0.1:{wire.port}{target}"
    assert wire.targets == [target]


def test_a_fragment_stays_at_home_and_an_empty_path_is_the_root() -> None:
    with serving(ok()) as wire:
        ask(wire, "#part")
        ask(wire, "?a=1#part")
    assert wire.targets == ["/", "/?a=1"]


def test_an_answer_tells_status_headers_body_time_and_our_request_id() -> None:
    page = b"<html><head><TITLE lang=en>\n We&#39;ll be   back </TITLE></head></html>"
    script = ok(page, "Content-Type: Text/HTML; charset=utf-8", "X-Shop: a", status="503 Busy")
    with serving(script) as wire:
        answer = ask(wire)
    assert answer.status == 503
    assert answer.headers["x-shop"] == "a"
    assert answer.body == page
    assert answer.content_type == "text/html"
    assert answer.html_title == "We'll be back"
    assert answer.request_id == wire.header("X-Request-Id")
    assert len(answer.request_id) == 32
    assert 0 < answer.seconds < 60


def test_an_answer_shows_neither_body_nor_headers_when_printed() -> None:
    with serving(ok(b'{"email": "a@shop.example"}', "Set-Cookie: session=s3ss10n")) as wire:
        shown = repr(ask(wire))
    assert "a@shop.example" not in shown
    assert "s3ss10n" not in shown


def test_json_is_sent_with_its_type_and_length() -> None:
    with serving(ok()) as wire, Door(headers={"Accept": "application/json"}) as door:
        door.request("POST", f"http://127.0.0.1:{wire.port}/token", json={"a": "é"})
    assert wire.requests[0].startswith(b"POST /token HTTP/1.1")
    assert wire.header("Content-Type") == "application/json"
    assert wire.header("Accept") == "application/json"
    assert wire.header("Content-Length") == "15"


def test_cookies_are_neither_kept_nor_sent() -> None:
    with serving(ok(b"", "Set-Cookie: PHPSESSID=abc; Path=/")) as wire, Door() as door:
        for _ in range(2):
            door.request("GET", f"http://127.0.0.1:{wire.port}/")
    assert len(wire.requests) == 2
    assert b"cookie" not in wire.requests[1].lower()


def test_proxies_and_passwords_of_the_environment_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(ok(b"proxy")) as proxy, serving(ok(b"shop")) as wire:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert ask(wire).body == b"shop"
    assert proxy.connections == 0
    assert b"authorization" not in wire.requests[0].lower()


def test_a_connection_is_kept_open_and_used_again() -> None:
    with serving(ok()) as wire, Door() as door:
        for number in range(20):
            door.request("GET", f"http://127.0.0.1:{wire.port}/{number}")
    assert wire.connections == 1
    assert wire.targets == [f"/{number}" for number in range(20)]


def test_a_connection_that_the_shop_closed_meanwhile_is_replaced() -> None:
    with serving(lambda _head: [ok(), b""]) as wire, Door() as door:
        for number in range(3):
            door.request("GET", f"http://127.0.0.1:{wire.port}/")
            _until(lambda number=number: wire.closed == number + 1)
    assert wire.connections == 3


def test_threads_share_a_door_without_mixing_answers() -> None:
    def echo(head: bytes) -> list[bytes]:
        return [ok(head.split(b" ")[1])]

    wrong: list[str] = []
    with serving(echo) as wire, Door() as door:

        def work(thread: int) -> None:
            for number in range(40):
                path = f"/{thread}/{number}"
                answer = door.request("GET", f"http://127.0.0.1:{wire.port}{path}")
                if answer.body != path.encode():
                    wrong.append(path)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert len(set(wire.targets)) == 320
    assert wire.connections <= 8


# --- redirects ---


def test_a_redirect_within_the_host_is_followed_and_signed_anew() -> None:
    def move(head: bytes) -> list[bytes]:
        return [redirect("/fr/rest?b=%20") if b"GET /rest" in head else ok(b"there")]

    auth = OAuth1("key", "s" * 32, "token", "t" * 32, signature_method="HMAC-SHA256")
    with serving(move) as wire, Door(auth) as door:
        answer = door.request("GET", f"http://127.0.0.1:{wire.port}/rest")
    assert (answer.status, answer.body) == (200, b"there")
    assert answer.url == f"http://127.0.0.1:{wire.port}/fr/rest?b=%20"
    first, second = (_oauth(wire, number) for number in (0, 1))
    assert first["oauth_nonce"] != second["oauth_nonce"]
    assert first["oauth_signature"] != second["oauth_signature"]


def test_every_request_of_a_door_has_a_nonce_of_its_own() -> None:
    auth = OAuth1("key", "s" * 32, "token", "t" * 32, signature_method="HMAC-SHA256")
    with serving(ok()) as wire, Door(auth) as door:
        for _ in range(5):
            door.request("GET", f"http://127.0.0.1:{wire.port}/")
    assert len({_oauth(wire, number)["oauth_nonce"] for number in range(5)}) == 5


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://www.other.example/", "www.other.example"),
        ("//www.other.example/login", "www.other.example"),
        ("http://www.other.example/", "www.other.example"),
        ("http://127.0.0.2:{port}/", "127.0.0.2"),
        ("http://localhost:{port}/", "localhost"),
        ("http://127.0.0.1:{other}/", "127.0.0.1:{other}"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254"),
    ],
)
def test_a_redirect_to_another_host_or_port_is_named_and_not_followed(
    location: str, named: str
) -> None:
    with serving(ok()) as other:

        def move(_head: bytes) -> list[bytes]:
            return [redirect(location.format(port=wire.port, other=other.port))]

        with serving(move) as wire, pytest.raises(errors.RedirectedElsewhereError) as refused:
            ask(wire)
    assert refused.value.params == {"host": named.format(other=other.port)}
    assert refused.value.http_status == 302
    assert (len(wire.requests), other.connections) == (1, 0)


def test_a_redirect_never_leads_from_https_back_to_http(tmp_path: Path, settings: Any) -> None:
    authority = Authority(tmp_path)
    settings.OUTBOUND_CA_FILE = str(authority.file)

    def move(_head: bytes) -> list[bytes]:
        return [redirect(f"http://localhost:{wire.port}/")]

    with (
        serving(move, authority.server("localhost")) as wire,
        Door() as door,
        pytest.raises(errors.NotHttpsError),
    ):
        door.request("GET", f"https://localhost:{wire.port}/")
    assert len(wire.requests) == 1


def test_redirects_without_end_are_given_up() -> None:
    pages = count()
    with (
        serving(lambda _head: [redirect(f"/{next(pages)}")]) as wire,
        pytest.raises(errors.TooManyRedirectsError),
    ):
        ask(wire)
    assert len(wire.requests) == 4


def test_a_post_is_not_turned_into_a_get_by_a_redirect() -> None:
    with (
        serving(redirect("/elsewhere")) as wire,
        Door() as door,
        pytest.raises(errors.RedirectedElsewhereError),
    ):
        door.request("POST", f"http://127.0.0.1:{wire.port}/token", json={})
    assert len(wire.requests) == 1


def test_a_redirect_without_a_location_is_an_answer() -> None:
    with serving(ok(b"x", status="302 Found")) as wire:
        assert ask(wire).status == 302


# --- what may go wrong, each with its own name ---


def test_a_refused_connection_names_host_and_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Door(limits=QUICK) as door, pytest.raises(errors.ConnectionRefusedByShopError) as refused:
        door.request("GET", f"https://localhost:{port}/")
    assert refused.value.params == {"host": "localhost", "port": port}
    assert refused.value.message == (
        f"localhost refuses connections on port {port}. Is the shop running?"
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


@pytest.mark.parametrize(
    "script",
    [
        ok(b"a" * 10_001),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"a" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"a" * 0x4000,
        ok(gzip.compress(b"\0" * 60_000), "Content-Encoding: gzip"),
        ok(gzip.compress(b"\0" * 200_000_000), "Content-Encoding: gzip"),
        ok(gzip.compress(b"\0" * 30_000) * 2, "Content-Encoding: gzip"),
    ],
    ids=["length", "endless", "chunked", "gzip", "bomb", "two-members"],
)
def test_an_answer_that_is_too_large_is_left_unread(script: bytes) -> None:
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


def _oauth(wire: Wire, request: int) -> dict[str, str]:
    parts = wire.header("Authorization", request).removeprefix("OAuth ").split(", ")
    return {name: value.strip('"') for name, _, value in (part.partition("=") for part in parts)}


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)

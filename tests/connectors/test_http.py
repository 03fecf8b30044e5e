"""What goes out through the door and what comes back, against real servers on loopback."""

import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from requests_oauthlib import OAuth1

from connectors import errors
from connectors.http import Door
from tests.connectors.asking import ask
from tests.connectors.wire import Authority, Wire, ok, redirect, serving

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


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_leaves_the_connection_usable(status: str) -> None:
    heads = iter([f"HTTP/1.1 {status}\r\nContent-Encoding: gzip\r\n\r\n".encode(), ok(b"next")])
    with serving(lambda _head: [next(heads)]) as wire, Door() as door:
        url = f"http://127.0.0.1:{wire.port}/"
        assert [door.request("GET", url).body for _ in range(2)] == [b"", b"next"]
    assert wire.connections == 1


def test_a_head_has_headers_and_no_body() -> None:
    heads = iter([b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX-A: b\r\n\r\n", ok(b"next")])
    with serving(lambda _head: [next(heads)]) as wire, Door() as door:
        answer = door.request("HEAD", f"http://127.0.0.1:{wire.port}/")
        assert (answer.body, answer.headers["X-A"]) == (b"", "b")
        assert door.request("GET", f"http://127.0.0.1:{wire.port}/").body == b"next"
    assert wire.connections == 1


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


def _oauth(wire: Wire, request: int) -> dict[str, str]:
    parts = wire.header("Authorization", request).removeprefix("OAuth ").split(", ")
    return {name: value.strip('"') for name, _, value in (part.partition("=") for part in parts)}


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)

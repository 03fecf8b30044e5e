"""Nor does a page that the machine's browser opens: by what its proxy is asked, and in real Chromium."""

import json
import socket
from contextlib import closing

import pytest
from pytest_django import Settings

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.server import serve
from connectors.sandbox.storefront.standin import text
from onboarding.browser import proxy, running
from onboarding.browser.observations import Observed, Refusal
from onboarding.browser.proxy import Guard
from tests.looks import job
from tests.ssrf import corpus
from tests.ssrf.conftest import Internet, NameServer
from tests.ssrf.corpus import PRIVATE
from tests.ssrf.doorbell import Doorbell
from tests.ssrf.test_http import reaching_here
from tests.storefront import storefront

REFUSED = b"HTTP/1.1 403 Forbidden\r\n"


def guard(*ports: int) -> Guard:
    return Guard(max_bytes=10_000_000, max_requests=10_000, ports=ports)


def ask(address: str, sent: str) -> bytes:
    """What the proxy says first to a browser that sends this."""
    host, port = address.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=20)) as link:
        link.sendall(f"{sent} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return link.recv(len(REFUSED))


def refused_as(known: Guard) -> str:
    """The one refusal that was written down since; blank where there was none."""
    (found,) = [*known.refusals] or [Refusal(host="", code="")]
    known.refusals.clear()
    return found.code


@pytest.mark.parametrize("is_demo", [False, True])
def test_no_tunnel_leads_inside(
    bell: Doorbell, names: NameServer, internet: Internet, settings: Settings, is_demo: bool
) -> None:
    """In production whatever the port; in the demo to no port but the page's own."""
    settings.ALLOW_PRIVATE_ADDRESSES = is_demo
    known = guard(*[bell.port + 1] if is_demo else [bell.port])
    found: dict[str, tuple[bytes, str]] = {}
    with proxy.serving(known) as address:
        for one in corpus.HOSTS:
            for port in (bell.port, 22, 6379):
                answer = ask(address, f"CONNECT {one.host}:{port}")
                found[f"{one.host}:{port}"] = answer, refused_as(known)
    assert found == dict.fromkeys(found, (REFUSED, PRIVATE))
    assert (bell.rings(), internet.called) == (0, [])


@reaching_here
def test_without_the_check_each_tunnel_is_opened(bell: Doorbell, unchecked: Internet) -> None:
    known = guard(bell.port)
    with proxy.serving(known) as address:
        for one in corpus.HOSTS:
            before = bell.rings()
            ask(address, f"CONNECT {one.host}:{bell.port}")
            assert refused_as(known) == "connection_refused", one
            assert bell.rings() - before == one.reaches, one
    assert bell.rings() >= 40


@pytest.mark.parametrize("is_demo", [False, True])
def test_nor_does_a_plain_request(
    bell: Doorbell, names: NameServer, internet: Internet, settings: Settings, is_demo: bool
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = is_demo
    known = guard(bell.port + 1)
    hosts = [one.host for one in corpus.HOSTS] + corpus.NOBODYS
    with proxy.serving(known) as address:
        for host in hosts:
            assert ask(address, f"GET http://{host}:{bell.port}/") == b"", host
            assert refused_as(known) in (PRIVATE, "not_https", corpus.NOBODY), host
        for url in corpus.URLS:
            if url and url.isprintable() and " " not in url:
                assert ask(address, f"GET {corpus.filled(url, bell.port)}") == b"", url
    assert (bell.rings(), internet.called) == (0, [])


def test_what_is_no_address_opens_no_tunnel(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    known = guard(bell.port)
    with proxy.serving(known) as address:
        for host in [*corpus.UNREADABLE, *corpus.WITH_PASSWORD]:
            assert ask(address, f"CONNECT {host}:{bell.port}") in (b"", REFUSED), host
        for port in ("0", "-1", "65536", "99999", "", "0x50"):
            assert ask(address, f"CONNECT 127.0.0.1:{port}") in (b"", REFUSED), port
    assert (bell.rings(), internet.called) == (0, [])


def test_a_name_that_changes_its_answer_is_checked_at_each_tunnel(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    names.answers["rebinding.example"] = [[corpus.PUBLIC], ["127.0.0.1"]]
    known = guard(bell.port)
    with proxy.serving(known) as address:
        assert ask(address, f"CONNECT rebinding.example:{bell.port}") == REFUSED
        assert refused_as(known) == "connection_refused"
        assert [str(one) for one in internet.called] == [corpus.PUBLIC]
        assert ask(address, f"CONNECT rebinding.example:{bell.port}") == REFUSED
        assert refused_as(known) == PRIVATE
    assert (bell.rings(), len(internet.called)) == (0, 1)


# --- in Chromium ---

# Names are looked up in the browser's own process, where no test answers. What is asked for first is asked
# for in any case: a look ends, whatever else a page is at.
PLAIN = ["127.0.0.1", "[::1]"]
WRITTEN = [
    *PLAIN,
    *(one.host for one in corpus.HOSTS if one not in corpus.NAMES),
    *(host for host in corpus.UNREADABLE + corpus.WITH_PASSWORD if host.isprintable()),
    *("localhost", "LOCALHOST"),
]
HOPS = 3
PAGE = """<!doctype html><link rel="icon" href="data:,"><title>Everywhere</title><p>Everywhere</p>
<script>
for (const url of %s) {
  try { fetch(url, {mode: "no-cors"}).catch(() => {}); } catch (error) { }
  try { new WebSocket(url.replace("http", "ws")); } catch (error) { }
  new Image().src = url;
}
for (let number = 0; number < %d; number++) new Image().src = `/hop/%d/${number}`;
</script>"""


class Everywhere:
    """A shop whose page asks for every address, and leads to each of them over several hops."""

    def __init__(self, port: int) -> None:
        self.urls = [f"http://{host}:{port}/" for host in WRITTEN]
        self.hops = 0

    def answer(self, request: Request) -> Response:
        parts = request.path.strip("/").split("/")
        if parts[0] != "hop":
            return text(200, PAGE % (json.dumps(self.urls), len(self.urls), HOPS))
        left, number = int(parts[1]), int(parts[2])
        self.hops += 1
        where = f"/hop/{left - 1}/{number}" if left else self.urls[number]
        return text(302, "", headers=(("Location", where.encode().decode("latin-1")),))


def looked_at(shop: Everywhere, *opened: int) -> Observed:
    with storefront() as site, serve(shop) as address:
        page = job(
            site,
            f"{address.url}/",
            screens=("desktop",),
            is_timed=False,
            max_requests=20_000,
            ports=(address.port, *opened),
        )
        with running.looked_at(page) as (observed, _folder):
            return observed


@pytest.mark.browser
@pytest.mark.once
def test_no_page_leads_chromium_inside(bell: Doorbell) -> None:
    shop = Everywhere(bell.port)
    observed = looked_at(shop)
    assert (observed.error, observed.stopped, observed.views[0].status) == ("", "", 200)
    assert shop.hops >= HOPS * len(shop.urls)
    refused = {one.host for one in observed.refusals}
    assert {f"127.0.0.1:{bell.port}", f"::1:{bell.port}"} <= refused
    assert bell.rings() == 0


@pytest.mark.browser
@pytest.mark.once
def test_with_the_port_opened_the_same_page_does(bell: Doorbell) -> None:
    observed = looked_at(Everywhere(bell.port), bell.port)
    assert observed.views[0].status == 200
    assert bell.rings() >= 20

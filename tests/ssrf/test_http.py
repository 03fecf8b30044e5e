"""Nothing that a merchant can write, and nowhere that their shop can lead, makes a request reach inside."""

from collections.abc import Callable

import pytest

from connectors import addresses, errors, http
from connectors.http import Door, Limits
from tests.connectors.wire import Authority, Wire, ok, redirect, serving
from tests.ssrf import corpus
from tests.ssrf.conftest import Internet, NameServer
from tests.ssrf.corpus import MALFORMED, PRIVATE, SHOP, filled
from tests.ssrf.doorbell import Doorbell

ELSEWHERE = "redirected_elsewhere"
QUICK = Limits(connect=5, read=5, total=20)
FROM = f"https://{SHOP}/rest/V1/modules"
# Of a test in which the check is switched off: other ways to write this machine's own addresses.
reaching_here = pytest.mark.allow_hosts(
    ["127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:0.0.0.0", "::ffff:0:0"]
)  # fmt: skip


def refusal(url: str, door: Door | None = None) -> str:
    """The code of what it meets; blank where there is an answer."""
    opened = door or Door(limits=QUICK)
    try:
        opened.request("GET", url)
    except errors.ConnectorError as error:
        return error.code
    finally:
        if door is None:
            opened.close()
    return ""


def test_the_corpus_is_whole() -> None:
    hosts = [host.host for host in corpus.HOSTS]
    assert len(hosts) == len(set(hosts))
    assert len(hosts) + len(corpus.NOBODYS) + len(corpus.URLS) >= 80


def test_no_host_that_leads_inside_is_called(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    found = {one.host: refusal(f"https://{one.host}:{bell.port}/") for one in corpus.HOSTS}
    assert found == dict.fromkeys(found, PRIVATE)
    assert (bell.rings(), internet.called) == (0, [])


@reaching_here
def test_without_the_check_each_of_them_is_called(bell: Doorbell, unchecked: Internet) -> None:
    for one in corpus.HOSTS:
        before, unchecked.called = bell.rings(), []
        assert refusal(f"https://{one.host}:{bell.port}/") == "connection_refused", one
        assert tuple(unchecked.called) == one.leads[: addresses.ATTEMPTS], one
        assert bell.rings() - before == one.reaches, one
    assert bell.rings() >= 40


def test_the_demo_opens_loopback_by_its_own_name_and_nothing_else(
    bell: Doorbell, names: NameServer, internet: Internet, settings
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    inside = [one for one in corpus.HOSTS if not any(map(addresses.is_loopback, one.leads))]
    found = {one.host: refusal(f"https://{one.host}:{bell.port}/") for one in inside}
    assert found == dict.fromkeys(found, PRIVATE)
    assert len(found) > 60
    assert (bell.rings(), internet.called) == (0, [])


def test_what_no_system_reads_as_a_number_is_nobodys_name(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    found = {host: refusal(f"https://{host}:{bell.port}/") for host in corpus.NOBODYS}
    assert found == dict.fromkeys(found, corpus.NOBODY)
    assert (bell.rings(), internet.called) == (0, [])


def test_what_is_no_url_of_a_shop_is_refused_before_anything_is_looked_up(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    found = {url: refusal(filled(url, bell.port)) for url in corpus.URLS}
    assert found == corpus.URLS
    assert (bell.rings(), internet.called, names.asked) == (0, [], [])


# --- names that change their answer ---


@pytest.mark.parametrize("later", ["127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1"])
def test_the_answer_that_was_checked_is_the_one_that_is_called(
    bell: Doorbell, names: NameServer, internet: Internet, later: str
) -> None:
    names.answers["rebinding.example"] = [[corpus.PUBLIC], [later]]
    assert refusal(f"https://rebinding.example:{bell.port}/") == "connection_refused"
    assert [str(one) for one in internet.called] == [corpus.PUBLIC]
    assert names.asked == ["rebinding.example"]
    # The next request looks it up anew, and its answer is checked anew.
    assert refusal(f"https://rebinding.example:{bell.port}/") == PRIVATE
    assert (bell.rings(), len(internet.called)) == (0, 1)


def test_of_mixed_answers_the_public_ones_alone_are_called(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    names.answers["mixed.example"] = [
        ["127.0.0.1", "::1", corpus.PUBLIC, "10.0.0.1", "169.254.169.254", "1.1.1.1", "0.0.0.0"]
    ]
    assert refusal(f"https://mixed.example:{bell.port}/") == "connection_refused"
    assert [str(one) for one in internet.called] == [corpus.PUBLIC, "1.1.1.1"]
    assert bell.rings() == 0


# --- a shop that leads elsewhere ---

Answer = Callable[[bytes], list[bytes]]


def asked_of(
    answer: Answer, internet: Internet, authority: Authority, *, url: str = FROM
) -> tuple[str, Wire]:
    """What a request to the shop meets, and the shop, which was asked."""
    with serving(answer, authority.server(SHOP)) as wire:
        internet.port = wire.port
        code = refusal(url)
    return code, wire


def test_the_shop_of_these_tests_answers(internet: Internet, authority: Authority) -> None:
    code, wire = asked_of(lambda _head: [ok()], internet, authority)
    assert (code, wire.targets) == ("", ["/rest/V1/modules"])


def _targets(port: int) -> list[str]:
    """Everything that a Location can say: with a scheme, with two slashes, and as it is."""
    hosts = [one.host for one in corpus.HOSTS] + corpus.NOBODYS
    urls = [f"{start}{host}:{port}/" for host in hosts for start in ("https://", "http://", "//")]
    return [*urls, *(filled(url, port) for url in corpus.URLS if url and "\r" not in url)]


def test_no_redirect_leads_inside(
    bell: Doorbell, internet: Internet, authority: Authority, names: NameServer
) -> None:
    targets = _targets(bell.port)

    def answer(head: bytes) -> list[bytes]:
        asked = head.split(b" ")[1].removeprefix(b"/")
        return [redirect(targets[int(asked)]) if asked.isdigit() else ok()]

    with serving(answer, authority.server(SHOP)) as wire:
        internet.port = wire.port
        with Door(limits=QUICK) as door:
            urls = [f"https://{SHOP}/{number}" for number in range(len(targets))]
            found = {target: refusal(url, door) for target, url in zip(targets, urls, strict=True)}
    kept_out = {target for target, code in found.items() if code in (ELSEWHERE, MALFORMED)}
    assert len(kept_out) >= 400
    at = f"127.0.0.1:{bell.port}"
    assert {target: code for target, code in found.items() if target not in kept_out} == {
        f"https://127.0.0.1@{SHOP}:{bell.port}/": corpus.PASSWORD,
        # A path at the shop itself, which is where it leads.
        **dict.fromkeys((at, f"https:{at}", f"https:/{at}/", f"https:///{at}/"), ""),
    }
    assert bell.rings() == 0
    assert set(names.asked) == {SHOP}


@reaching_here
def test_without_the_checks_a_redirect_leads_inside(
    bell: Doorbell, internet: Internet, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        http, "_onward", lambda _o, _u, _m, status, to: to if status == 302 else None
    )
    monkeypatch.setattr(
        addresses, "_allowed", lambda host, port, **_kind: addresses._resolve(host, port)
    )
    here = [one for one in corpus.NUMBERS if one.reaches and "[" not in one.host]
    for one in here:
        target = f"https://{one.host}:{bell.port}/"
        code, _wire = asked_of(lambda _head, to=target: [redirect(to)], internet, authority)
        assert code == "secure_connection", one  # it was hung up on there
    assert bell.rings() == len(here) >= 15


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Kept", "308 Kept"])
@pytest.mark.parametrize("hops", [1, 2, 3, 50])
def test_nor_does_a_chain_of_them(
    bell: Doorbell, internet: Internet, authority: Authority, hops: int, status: str
) -> None:
    """The last hop of a chain within the shop leads inside."""
    left = iter(range(hops - 1, -1, -1))

    def answer(_head: bytes) -> list[bytes]:
        number = next(left)
        return [redirect(f"/{number}" if number else f"https://127.0.0.1:{bell.port}/", status)]

    code, wire = asked_of(answer, internet, authority)
    most = QUICK.max_redirects + 1
    assert code == (ELSEWHERE if hops <= most else "too_many_redirects")
    assert len(wire.requests) == min(hops, most)
    assert bell.rings() == 0


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_a_name_that_changes_its_answer_between_two_hops_is_refused(
    bell: Doorbell, internet: Internet, authority: Authority, names: NameServer, hops: int
) -> None:
    """The shop hangs up after each hop, so that the next one has to look its name up again."""
    names.answers[SHOP] = [[corpus.PUBLIC]] * hops + [["127.0.0.1"]]
    code, wire = asked_of(
        lambda _head: [redirect("/next"), b""],
        internet,
        authority,
        url=f"https://{SHOP}:{bell.port}/",
    )
    assert code == PRIVATE
    assert len(wire.requests) == hops
    assert [str(one) for one in internet.called] == [corpus.PUBLIC] * hops
    assert bell.rings() == 0

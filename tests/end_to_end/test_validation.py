"""The machine's look in real Chromium: each broken page is named rightly, and nothing else is flagged."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.sandbox.storefront.shop import PASSWORD, USERNAME
from onboarding.browser import rules, running, sentences
from onboarding.browser.lines import Item, Status
from onboarding.browser.observations import DESKTOP, MOBILE
from onboarding.widget.settings import Cmp
from tests.looks import found, job, lines
from tests.storefront import Site, storefront

pytestmark = [pytest.mark.browser, pytest.mark.once]

# A page of the storefront -> what must be said of it, and nothing else.
FINE = ("good", "luma", "noisy", "own-error", "csp-report", "csp-good", "gtm")
BROKEN: dict[str, dict[str, list[str]]] = {
    "missing": {"button": ["button_not_loaded"]},
    "other-shop": {"drawer": ["drawer_other_shop"]},
    "wrong-id": {"button": ["button_switched_off"]},
    "no-variant": {"variant": ["variant_missing"]},
    "no-cors": {"cors": ["cors"]},
    "csp-script": {"policy": ["policy_blocks"]},
    "csp-inline": {"policy": ["policy_inline"]},
    "csp-frame": {"policy": ["policy_blocks"]},
    "csp-connect": {"policy": ["policy_blocks"]},
    "csp-meta": {"policy": ["policy_blocks"]},
    "hidden": {"button": ["button_hidden"]},
    "transparent": {"button": ["button_hidden"]},
    "covered": {"button": ["button_covered"]},
    "tiny": {"button": ["button_small"]},
    "low-contrast": {"button": ["button_contrast"]},
    "off-screen": {"button": ["button_outside"]},
    "no-drawer": {"drawer": ["drawer_closed"]},
    "broken-drawer": {"drawer": ["drawer_status"]},
    "no-frame": {"drawer": ["drawer_refused"]},
    "slow": {"speed": ["speed_late", "speed_added"]},
    "no-script": {"script": ["script_missing"]},
    "early": {"consent": ["consent_requests"]},
}
# Where nothing is wrong a page is looked at on both screens, and timed. What is wrong on any screen is looked
# at on one, and timed where it is a matter of time.
ONCE: dict[str, Any] = {"screens": (DESKTOP,), "is_timed": False}
HOW: dict[str, dict[str, Any]] = {
    "slow": {"screens": (DESKTOP,)},
    "off-screen": {"is_timed": False},  # of a telephone's alone
    "no-drawer": {**ONCE, "patience": 4.0},  # it would be waited for in vain
}
# Of these the sentences are read, too.
WORDS = ("csp-script", "no-cors", "off-screen")
CMPS = ("axeptio", "didomi", "onetrust", "cookiebot", "tarteaucitron", "usercentrics")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with storefront(slow_seconds=3.5) as site:
        yield site


@pytest.fixture(autouse=True)
def unhurried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How fast this machine is says nothing of a page, but of one that is slow on any."""
    if "[slow]" not in request.node.name:
        monkeypatch.setattr(rules, "LATE_MS", 15_000)
        monkeypatch.setattr(rules, "MUCH_ADDED_MS", 15_000)


@pytest.mark.parametrize("kind", FINE)
def test_nothing_is_flagged_on_a_page_that_is_right(site: Site, kind: str) -> None:
    asked = job(site, site.page(kind))
    with running.looked_at(asked) as (observed, folder):
        assert observed.error == ""
        assert found(observed, asked) == {}
        assert {line.status for line in lines(observed, asked)} == {Status.PASSED}
        pictures = [name for view in observed.views for name in view.pictures]
        assert pictures == [
            f"{screen}-{moment}.jpg"
            for screen in ("desktop", "mobile")
            for moment in ("before", "button", "drawer")
        ]
        assert all((folder / name).read_bytes().startswith(b"\xff\xd8\xff") for name in pictures)


@pytest.mark.parametrize("kind", [kind for kind in BROKEN if kind not in WORDS])
def test_what_is_broken_is_named_and_nothing_else(site: Site, kind: str) -> None:
    asked = job(site, site.page(kind), **HOW.get(kind, ONCE))
    with running.looked_at(asked) as (observed, folder):
        assert found(observed, asked) == BROKEN[kind]
        assert [view.name for view in observed.views] == list(asked.screens)
        assert all((folder / name).exists() for view in observed.views for name in view.pictures)
        assert all(view.pictures for view in observed.views)


@pytest.mark.parametrize("kind", WORDS)
def test_each_failure_says_what_to_change_in_plain_words(site: Site, kind: str) -> None:
    asked = job(site, site.page(kind), **HOW.get(kind, ONCE))
    with running.looked_at(asked) as (observed, _folder):
        assert found(observed, asked) == BROKEN[kind]
        [said] = [
            sentences.sentence(finding)
            for line in lines(observed, asked)
            if line.status is Status.FAILED
            for finding in line.findings
        ]
    kleep = site.kleep.script_url.removesuffix("/kleep.js")
    host = kleep.removeprefix("http://")
    expected = {
        "csp-script": (
            f"Your Content-Security-Policy blocks {host}. Change it, in the header or the meta tag of the"
            f" page, so that it contains: script-src 'self' 'unsafe-inline' {kleep};"
        ),
        "no-cors": (
            f"The browser blocks the answer of {host}: its header Access-Control-Allow-Origin does not allow"
            f" {site.url}. Kleep must add your site there: ask your contact, naming this line."
        ),
        "off-screen": "On a telephone",
    }
    assert (said.partition(":")[0] if kind == "off-screen" else said) == expected[kind]


def test_a_page_behind_a_password_is_opened_with_it_alone(site: Site) -> None:
    url = f"{site.url}/protected/products/good/linen-dress"
    closed = job(site, url)
    with running.looked_at(closed) as (observed, _folder):
        assert found(observed, closed) == {"page": ["page_password"]}
    opened = job(site, url, user=USERNAME, password=PASSWORD, **ONCE)
    with running.looked_at(opened) as (observed, folder):
        assert found(observed, opened) == {}
        assert PASSWORD.encode() not in (folder / running.RESULT).read_bytes()
    assert not any("authorization" in one.headers for one in site.standin.log)


@pytest.mark.parametrize("name", CMPS)
def test_consent_is_given_in_each_tool_and_nothing_comes_before(site: Site, name: str) -> None:
    before, site.settings = site.settings, replace(site.settings, cmp=Cmp(name), consent_button="")
    try:
        asked = job(site, site.page(f"cmp-{name}"), screens=(MOBILE,), is_timed=False)
        with running.looked_at(asked) as (observed, _folder):
            assert found(observed, asked) == {}
            (view,) = observed.views
            assert (view.consent.lower(), view.requests_before) == (name, [])
            assert view.drawer is not None
            assert view.drawer.opened
    finally:
        site.settings = before


def test_a_page_that_is_wider_than_a_telephone_is_looked_at_all_the_same(site: Site) -> None:
    site.shop.pasted = site.snippet()  # beside a form that is too wide
    asked = job(site, f"{site.url}/pasted", screens=(MOBILE,), is_timed=False)
    with running.looked_at(asked) as (observed, _folder):
        assert found(observed, asked) == {}
        assert observed.views[0].drawer is not None


def test_the_figures_are_of_the_page(site: Site) -> None:
    asked = job(site, site.page("good"))
    with running.looked_at(asked) as (observed, _folder):
        timing, first = observed.timing, observed.views[0]
        assert timing.added is not None
        assert (timing.with_widget or 0) > 0
        assert first.button is not None
        assert first.button.contrast == pytest.approx(17.2, abs=0.5)
        assert first.drawer is not None
        assert (first.drawer.product, first.drawer.variant) == ("1201", "12011")
        assert observed.views[1].drawer is not None
        assert observed.views[1].drawer.variant == "12012"
        assert observed.peak_memory > 50 * 2**20
    assert Item.SPEED in [line.item for line in lines(observed, asked)]

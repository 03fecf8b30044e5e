"""Each page of the storefront is named rightly without a browser; what is right is not complained of."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.sandbox.exchange import Delivery, Request, Response
from connectors.sandbox.server import serve
from connectors.sandbox.storefront.kinds import CMPS, KINDS
from connectors.sandbox.storefront.shop import PASSWORD, USERNAME
from connectors.sandbox.storefront.standin import OTHER_RETAILER
from onboarding.widget import detect, looking, snippet
from onboarding.widget.detect import Finding, Shop, Tone
from onboarding.widget.sentences import TEXTS, TITLES, Sentence
from onboarding.widget.settings import Cmp
from tests.storefront import PRODUCT, SETTINGS, Site, storefront

# What a browser alone can see is right here.
IN_A_BROWSER_ONLY = {
    "no-cors", "hidden", "transparent", "covered", "tiny", "low-contrast", "off-screen",
    "no-drawer", "broken-drawer", "no-frame", "slow", "no-script", "early", "noisy", "own-error",
    "wrong-id", "no-variant",
}  # fmt: skip
RIGHT = {"good", "luma", "hyva", "csp-good", "csp-report"} | IN_A_BROWSER_ONLY
EXPECTED: dict[str, list[str]] = {
    "missing": ["missing"],
    "twice": ["twice"],
    "other-shop": ["other_shop"],
    "old": ["old"],
    "unfilled": ["unfilled"],
    "gtm": ["tag_manager"],
    "csp-script": ["policy"],
    "csp-meta": ["policy"],
    "csp-frame": ["policy"],
    "csp-connect": ["policy"],
    "csp-inline": ["policy_inline"],
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with storefront() as site:
        yield site


def shop_of(site: Site, **changed: Any) -> Shop:
    given = {"settings": site.settings, "environment": "preprod", "kleep": site.kleep}
    return Shop(**{**given, **changed})


def found_at(site: Site, url: str, **changed: Any) -> list[Finding]:
    return detect.find(looking.load(url), shop_of(site, **changed))


def codes(found: list[Finding]) -> list[str]:
    return [finding.code for finding in found]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_page_is_named(site: Site, kind: str) -> None:
    tool = kind.removeprefix("cmp-")
    if tool in CMPS:
        site.settings = replace(SETTINGS, cmp=Cmp(tool))
    try:
        found = found_at(site, site.page(kind))
    finally:
        site.settings = SETTINGS
    assert codes(found) == EXPECTED.get(kind, ["right"])
    assert kind in RIGHT | set(EXPECTED) or tool in CMPS


def test_another_shops_id_and_an_old_version_are_shown(site: Site) -> None:
    assert found_at(site, site.page("other-shop"))[0].params == {"found": OTHER_RETAILER}
    assert found_at(site, site.page("old"))[0].params == {"version": "0-0123456789"}
    assert found_at(site, site.page("unfilled"))[0].params == {"found": "{{ product.id }}"}
    assert found_at(site, site.page("gtm"))[0].params == {"container": "GTM-DEMO123"}
    assert found_at(site, site.page("twice"))[0].params == {"count": "2"}


def test_changed_settings_make_what_is_pasted_an_old_version(site: Site) -> None:
    changed = replace(SETTINGS, country="IT")
    assert codes(found_at(site, site.page("good"), settings=changed)) == ["old"]


def test_a_snippet_of_the_test_site_in_production_is_named(site: Site) -> None:
    found = found_at(site, site.page("good"), environment="production")
    assert found == [Finding("wrong_site", {"site": "preprod"})]
    assert detect.tone(found[0]) is Tone.WARNING


def test_a_listing_is_named_and_its_repeated_snippets_are_not(site: Site) -> None:
    assert codes(found_at(site, f"{site.url}/women")) == ["listing"]


def test_a_closed_door_is_named_and_opens_with_the_credentials(site: Site) -> None:
    url = f"{site.url}/protected/products/good/{PRODUCT}"
    assert codes(found_at(site, url)) == ["password_needed"]
    wrong = looking.load(url, credentials={"username": USERNAME, "password": "wrong"})
    assert codes(detect.find(wrong, shop_of(site, has_credentials=True))) == ["password_refused"]
    right = looking.load(url, credentials={"username": USERNAME, "password": PASSWORD})
    assert codes(detect.find(right, shop_of(site, has_credentials=True))) == ["right"]


def test_a_log_in_page_is_named(site: Site) -> None:
    assert codes(found_at(site, f"{site.url}/account/products/good")) == ["log_in"]
    assert codes(found_at(site, f"{site.url}/customer/login")) == ["log_in"]


def test_what_is_no_product_page_is_named(site: Site) -> None:
    assert codes(found_at(site, f"{site.url}/nothing")) == ["not_found"]
    assert codes(found_at(site, f"{site.url}/assets/shop.css")) == ["no_page"]
    assert codes(found_at(site, f"{site.url}/hostile/file")) == ["no_page"]


@pytest.mark.parametrize(
    ("kind", "directive", "where", "line"),
    [
        ("csp-script", "script-src", "header", "script-src 'self' 'unsafe-inline' {kleep}"),
        ("csp-meta", "script-src", "meta", "script-src 'self' 'unsafe-inline' {kleep}"),
        ("csp-frame", "frame-src", "header", "frame-src 'self' {kleep}"),
        ("csp-connect", "connect-src", "header", "connect-src 'self' {kleep}"),
    ],
)
def test_a_policy_is_named_with_the_line_to_write(
    site: Site, kind: str, directive: str, where: str, line: str
) -> None:
    found = found_at(site, site.page(kind))
    kleep = site.kleep.script_url.removesuffix("/kleep.js")
    expected = {"directive": directive, "where": where, "line": line.format(kleep=kleep)}
    assert [finding.params for finding in found] == [expected]


@pytest.mark.parametrize("url", ["http://10.0.0.1/x", "https://169.254.169.254/", "ftp://a/b"])
def test_no_private_address_is_reached(site: Site, url: str) -> None:
    found = found_at(site, url)
    assert codes(found) == ["unreachable"]
    assert found[0].params["code"] in ("private_address", "not_https")


def test_a_redirect_to_another_host_says_which(site: Site) -> None:
    found = found_at(site, f"{site.url}/hostile/redirect")
    assert found == [
        Finding("unreachable", {"code": "redirected_elsewhere", "host": "169.254.169.254"})
    ]


class Answers:
    """A page that costs more than a page may."""

    def __init__(self) -> None:
        self.response = Response(status=200)

    def answer(self, _request: Request) -> Response:
        return self.response


@pytest.mark.parametrize(
    ("delivery", "code"),
    [(Delivery(endless=True), "answer_too_large"), (Delivery(delay=9.0), "read_timeout")],
)
def test_a_page_that_never_ends_is_left(
    site: Site, monkeypatch: pytest.MonkeyPatch, delivery: Delivery, code: str
) -> None:
    monkeypatch.setattr(looking, "LIMITS", replace(looking.LIMITS, read=0.5, total=8.0))
    app = Answers()
    app.response = Response(status=200, body=b"<p>on</p>" * 10_000, delivery=delivery)
    with serve(app) as address:
        found = found_at(site, address.url)
    assert found[0].params["code"] == code


def test_a_page_made_to_take_long_is_read_at_once(site: Site) -> None:
    """Nested, unclosed, and full of what looks like ours: linear work, whatever it holds."""
    app = Answers()
    html = (
        "<div><!--" * 30_000
        + "<div data-kleep-snippet='" * 5_000
        + "<script>kleepSnippet})({" * 5_000
    )
    app.response = Response(
        status=200, body=html.encode(), headers=(("Content-Type", "text/html"),)
    )
    with serve(app) as address:
        assert found_at(site, address.url)


# --- what a page may hold ---


def page(body: str, **changed: Any) -> looking.Page:
    given = {
        "asked": "https://shop.example/p",
        "url": "https://shop.example/p",
        "status": 200,
        "html": f"<!doctype html><body>{body}<form action='/cart/add'></form>",
        "is_html": True,
        "challenge": "",
        "policies": (),
    }
    return looking.Page(**{**given, **changed})


def test_a_snippet_in_a_comment_or_without_scripts_is_none(site: Site) -> None:
    pasted = site.snippet()
    for hidden in (f"<!-- {pasted.replace('--', '')} -->", f"<noscript>{pasted}</noscript>"):
        assert codes(detect.find(page(hidden), shop_of(site))) == ["missing"]


def test_code_of_their_own_is_named_and_its_id_compared(site: Site) -> None:
    call = f'<script>kleep.load({{domain: "{SETTINGS.retailer_uuid.upper()}"}})</script>'
    assert codes(detect.find(page(call), shop_of(site))) == ["own_code"]
    other = call.replace(SETTINGS.retailer_uuid.upper(), OTHER_RETAILER)
    assert codes(detect.find(page(other), shop_of(site))) == ["own_code", "other_shop"]
    source = f'<script src="{site.kleep.script_url}?v=3"></script>'
    assert codes(detect.find(page(source + source), shop_of(site))) == ["own_code"]


def test_the_snippet_beside_code_of_their_own_is_twice(site: Site) -> None:
    pasted = site.snippet().replace(snippet.PRODUCT, "1")
    call = '<script>kleep.load({product_id: "1"})</script>'
    assert codes(detect.find(page(pasted + call), shop_of(site))) == ["twice"]


def test_without_a_retailer_nothing_can_work(site: Site) -> None:
    empty = replace(SETTINGS, retailer_uuid="")
    pasted = snippet.render(empty, slug="maison", environment="preprod", kleep=site.kleep)
    found = detect.find(
        page(pasted.replace(snippet.PRODUCT, "1")), shop_of(site, settings=SETTINGS)
    )
    assert codes(found) == ["no_retailer", "old"]


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_refusal_tells_its_status(site: Site, status: int) -> None:
    found = detect.find(page("", status=status), shop_of(site))
    assert found == [Finding("refused", {"status": str(status)})]


def test_every_code_has_a_title_and_says_what_to_do() -> None:
    assert set(TITLES) == set(TEXTS) | {"unreachable"}
    params = {
        "found": "x", "version": "x", "site": "x", "container": "x", "count": "2", "status": "404",
        "directive": "script-src", "line": "script-src x", "where": "header",
    }  # fmt: skip
    for code in TEXTS:
        sentence = Sentence.of(Finding(code, params))
        assert len(sentence.text) > 40
        assert "%" not in sentence.text
    reached = Sentence.of(
        Finding("unreachable", {"code": "name_not_found", "host": "shop.example"})
    )
    assert "shop.example" in reached.text

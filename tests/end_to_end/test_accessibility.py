"""Every page for everybody: what a machine can see of WCAG 2.2 AA, in both themes, wide and narrow."""

import gzip

import pytest
from playwright.sync_api import Browser

from tests.end_to_end.journey import Shops, faults, log_in, new_page, prepare
from tests.portal import Portal

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shops(portal: Portal, browser: Browser) -> Shops:
    return prepare(browser, portal)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_accessible(
    portal: Portal, browser: Browser, shops: Shops, scheme: str, width: int
) -> None:
    context, page, complaints = new_page(
        browser, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    found: dict[str, list[str]] = {}

    def look(path: str) -> None:
        if path.startswith("/"):
            page.goto(f"{portal.url}{path}")
        if wrong := faults(page):
            found[path] = wrong

    for path in ("/accounts/login/", "/accounts/password/reset/"):
        look(path)
    log_in(page, portal)
    for path in ("/", "/shops/new", "/accounts/2fa/", "/accounts/password/change/", "/datasets"):
        look(path)
    for name in ("", "access", "check", "pull", "data", "readiness"):
        look(f"/shops/{shops.complete}/{name}")
    look(f"/shops/{shops.refused}/check")
    look(f"/shops/{shops.empty}/")
    look(f"/shops/{shops.empty}/access")
    page.get_by_role("button", name="Test and save").click()
    page.locator(".error-summary").wait_for()
    page.wait_for_load_state()
    look("credentials with mistakes")
    page.locator("details.menu summary").click()
    look("the menu")
    context.close()
    assert found == {}
    assert complaints == []


def test_the_first_page_is_light(portal: Portal, browser: Browser) -> None:
    """What a first visit transfers, compressed as a production server sends it, in bytes."""
    context, page, _complaints = new_page(browser)
    bodies: list[bytes] = []
    page.on("response", lambda response: bodies.append(response.body()))
    page.goto(f"{portal.url}/accounts/login/", wait_until="networkidle")
    context.close()
    assert sum(min(len(gzip.compress(body)), len(body)) for body in bodies) < 150_000

"""Every page for everybody: axe and what axe does not see of WCAG 2.2 AA, in both themes, wide and narrow."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.end_to_end.journey import Shops, faults, new_page, prepare
from tests.end_to_end.pages import PAGES, walk
from tests.portal import Portal

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}


@pytest.fixture(scope="module")
def shops(portal: Portal, browser: Browser) -> Shops:
    return prepare(browser, portal)


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")], ids=str
)
def test_every_page_is_accessible(
    portal: Portal, browser: Browser, shops: Shops, scheme: str, width: int
) -> None:
    found: list[str] = []
    seen = 0
    viewport = {"width": width, "height": 900}
    for view, page in walk(browser, portal, shops, color_scheme=scheme, viewport=viewport):
        seen += 1
        found += [f"{view.name}: {fault}" for fault in (*_violations(page), *faults(page))]
    assert seen == len(PAGES)
    assert "\n".join(found) == ""


def test_axe_sees_a_fault(portal: Portal, browser: Browser) -> None:
    """That nothing is found on our pages means something."""
    context, page, _complaints = new_page(browser)
    page.goto(f"{portal.url}/accounts/login/")
    field = page.locator("[name=login]")
    field.evaluate("input => { input.labels[0].remove(); input.placeholder = ''; }")
    assert [fault.split(":")[0] for fault in _violations(page)] == ["label"]
    context.close()


def test_each_page_of_the_list_has_a_name_of_its_own() -> None:
    names = [view.name for view in PAGES]
    assert sorted(set(names)) == sorted(names)


def test_the_first_page_is_light(portal: Portal, browser: Browser) -> None:
    """What a first visit transfers, compressed as a production server sends it, in bytes."""
    context, page, _complaints = new_page(browser)
    bodies: list[bytes] = []
    page.on("response", lambda response: bodies.append(response.body()))
    page.goto(f"{portal.url}/accounts/login/", wait_until="networkidle")
    context.close()
    assert len(bodies) >= 8
    assert sum(min(len(gzip.compress(body)), len(body)) for body in bodies) < 150_000

"""The snippet on a storefront's pages, in Chromium: the button, its drawer, and nothing before consent."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from connectors.sandbox.storefront.kinds import CMPS
from onboarding.widget import consent
from onboarding.widget.settings import Cmp
from tests.storefront import SETTINGS, Site, storefront

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with storefront() as site:
        yield site


def asked(site: Site) -> list[str]:
    return [request.path for request in site.standin.log]


@pytest.mark.parametrize("kind", ["good", "luma", "hyva", "csp-good"])
def test_the_button_shows_and_its_drawer_gets_the_chosen_size(
    site: Site, page: Page, kind: str
) -> None:
    page.goto(site.page(kind))
    page.locator("#consent-accept").click()
    button = page.locator("#kleep-size-button")
    expect(button).to_be_visible()
    if kind in ("luma", "hyva"):
        page.locator(".swatch-option", has_text="L").click()
    else:
        page.locator("[name=variant]").select_option(label="L")
    button.click()
    drawer = page.frame_locator("iframe[title='Kleep.ai']")
    expect(drawer.locator("#asked-product_id")).to_have_text("1201")
    expect(drawer.locator("#asked-variantId")).to_have_text("12013")
    expect(drawer.locator("#asked-domain")).to_have_text(SETTINGS.retailer_uuid)
    expect(drawer.locator("#asked-lang")).to_have_text("en")
    expect(drawer.locator("#asked-countryCode")).to_have_text("FR")
    expect(drawer.locator("#asked-category")).to_have_text("clothing")
    drawer.locator("#close").click()
    expect(page.locator("iframe[title='Kleep.ai']")).to_have_count(0)


def test_nothing_is_asked_and_nothing_kept_before_the_shopper_agrees(
    site: Site, page: Page
) -> None:
    site.standin.log.clear()
    page.goto(site.page("good"))
    page.locator("#consent-refuse").click()
    page.wait_for_load_state("networkidle")
    page.reload(wait_until="networkidle")
    assert asked(site) == []
    assert page.evaluate("localStorage.getItem('kleep_uid')") is None
    expect(page.locator("#kleep-size-button")).to_have_count(0)


@pytest.mark.parametrize("tool", CMPS)
def test_each_consent_tool_is_waited_for_and_remembered(site: Site, page: Page, tool: str) -> None:
    site.settings = replace(SETTINGS, cmp=Cmp(tool))
    site.standin.log.clear()
    try:
        page.goto(site.page(f"cmp-{tool}"), wait_until="networkidle")
        assert asked(site) == []
        page.locator(consent.TOOLS[Cmp(tool)].accept).click()
        expect(page.locator("#kleep-size-button")).to_be_visible()
        page.reload()
        expect(page.locator("#kleep-size-button")).to_be_visible()
    finally:
        site.settings = SETTINGS


def test_pasted_twice_there_is_one_button(site: Site, page: Page) -> None:
    page.goto(site.page("twice"))
    page.locator("#consent-accept").click()
    expect(page.locator("#kleep-size-button")).to_have_count(1)
    expect(page.locator("#kleep-size-button")).to_be_visible()

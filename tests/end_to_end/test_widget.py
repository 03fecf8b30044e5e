"""The snippet on a storefront's pages, in Chromium: the button, its drawer, and nothing before consent."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.server import serve
from connectors.sandbox.storefront.kinds import CMPS
from onboarding.widget import consent, magento_module
from onboarding.widget.settings import Cmp
from tests.end_to_end.journey import PATIENCE, add_shop, follow, log_in, new_page
from tests.onboarding.widget.test_magento_module import config, rendered
from tests.portal import Portal
from tests.storefront import SETTINGS, Site, storefront

pytestmark = [pytest.mark.browser, pytest.mark.once]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with storefront() as site:
        yield site


def asked(site: Site) -> list[str]:
    return [request.path for request in site.standin.log]


@pytest.mark.parametrize("kind", ["good", "luma", "hyva", "csp-good", "gtm"])
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


# --- the Magento module's own script ---


class Magento:
    """A product page as Magento renders it with the module: its place, its script, the theme's fields."""

    FIELDS = {
        "luma": (
            '<select name="super_attribute[144]" class="super-attribute-select">'
            '<option value="">-</option><option value="166">S</option><option value="167">M</option></select>'
        ),
        "swatches": (
            '<input type="text" class="swatch-input super-attribute-select" name="super_attribute[144]">'
        ),
        "hyva": (
            '<input type="radio" name="super_attribute[144]" value="166" id="s"><label for="s">S</label>'
            '<input type="radio" name="super_attribute[144]" value="167" id="m"><label for="m">M</label>'
        ),
    }

    def __init__(self, block: str, script: bytes) -> None:
        self.block, self.script = block, script

    def answer(self, request: Request) -> Response:
        if request.path.startswith("/static/"):
            return Response(
                status=200, body=self.script, headers=(("Content-Type", "text/javascript"),)
            )
        fields = self.FIELDS[request.path.strip("/")]
        page = (
            '<!doctype html><html lang="fr"><link rel="icon" href="data:,"><body>'
            f"<form>{fields}</form>{self.block}</body></html>"
        )
        headers = (
            ("Content-Type", "text/html; charset=utf-8"),
            # No inline script may run: the module needs none.
            ("Content-Security-Policy", "script-src 'self' http://127.0.0.1:*"),
        )
        return Response(status=200, body=page.encode(), headers=headers)


@pytest.mark.php
@pytest.mark.parametrize("theme", ["luma", "swatches", "hyva"])
def test_the_magento_module_passes_on_the_chosen_size(
    site: Site, page: Page, tmp_path: Path, theme: str
) -> None:
    built = magento_module.build(SETTINGS, slug="maison", environment="preprod", kleep=site.kleep)
    for name, content in built.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    product = {
        "id": 1201,
        "type": "configurable",
        "attributes": [{"id": 144, "code": "size"}],
        "children": [{"id": 12011, "size": "166"}, {"id": 12012, "size": "167"}],
    }
    block = rendered(tmp_path, config(tmp_path), product)["html"]
    with serve(Magento(block, built.files[magento_module.SCRIPT])) as address:
        site.standin.log.clear()
        page.goto(f"{address.url}/{theme}", wait_until="networkidle")
        assert asked(site) == []
        page.evaluate("window.kleepConsent(true)")
        button = page.locator("#kleep-size-button")
        expect(button).to_be_visible()
        if theme == "luma":
            page.locator("select").select_option("167")
        elif theme == "hyva":
            page.locator("#m").check()
        else:  # a theme's script sets it, and no event of the browser's tells
            page.evaluate("document.querySelector('.swatch-input').value = '167'")
        button.click()
        drawer = page.frame_locator("iframe[title='Kleep.ai']")
        expect(drawer.locator("#asked-variantId")).to_have_text("12012")
        expect(drawer.locator("#asked-product_id")).to_have_text("1201")
        expect(drawer.locator("#asked-lang")).to_have_text("fr")


# --- the pages of the portal ---


def test_a_developer_chooses_copies_pastes_and_sees_what_is_found(
    portal: Portal, page: Page
) -> None:
    store = json.loads((portal.var / "sandbox" / "storefront.json").read_text())["url"]
    log_in(page, portal)
    slug = add_shop(page, portal, "Bouton")
    page.goto(f"{portal.url}/shops/{slug}/widget")
    page.get_by_role("link", name="Choose", exact=True).click()
    page.locator("[name=retailer_uuid]").fill(SETTINGS.retailer_uuid)
    page.locator("[name=variant_field]").fill("[name=variant]")
    follow(page, page.get_by_role("button", name="Save and go on"))

    follow(page, page.get_by_role("link", name="Snippet"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy · The snippet").click()
    expect(page.get_by_role("button", name="Copied · The snippet")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    page.goto(f"{store}/pasted")
    page.locator("[name=snippet]").fill(copied)
    follow(page, page.get_by_role("button", name="Paste"))
    page.locator("#consent-accept").click()
    expect(page.locator("#kleep-size-button")).to_be_visible()

    page.goto(f"{portal.url}/shops/{slug}/widget")
    urls = [f"{store}/pasted", f"{store}/products/csp-frame/linen-dress"]
    page.locator("[name=urls]").fill("\n".join(urls))
    page.get_by_role("button", name="Save and look").click()
    expect(page.locator("[data-code=right]")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator("[data-code=policy]")).to_contain_text("frame-src")
    # Another id than that of the demo's own shop, whose snippet the second page has, would be named too.
    expect(page.locator("#shop-steps [aria-current=page]")).to_contain_text("Button")


def test_the_pages_about_the_button_work_without_javascript(
    portal: Portal, browser: Browser
) -> None:
    context, page, complaints = new_page(browser, java_script_enabled=False)
    store = json.loads((portal.var / "sandbox" / "storefront.json").read_text())["url"]
    log_in(page, portal)
    slug = add_shop(page, portal, "Bouton sans script")
    page.goto(f"{portal.url}/shops/{slug}/widget/settings")
    page.locator("[name=retailer_uuid]").fill(SETTINGS.retailer_uuid)
    follow(page, page.get_by_role("button", name="Save and go on"))
    with page.expect_download() as download:
        follow(page, page.get_by_role("link", name="Google Tag Manager"))
        page.get_by_role("link", name="Download the container").click()
    assert download.value.suggested_filename == f"kleep-{slug}-gtm.json"
    page.goto(f"{portal.url}/shops/{slug}/widget")
    page.locator("[name=urls]").fill(f"{store}/products/missing/linen-dress")
    page.get_by_role("button", name="Save and look").click()
    expect(page.locator("[data-code=missing]")).to_be_visible(timeout=PATIENCE)
    context.close()
    assert complaints == []

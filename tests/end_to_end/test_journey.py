"""A merchant's way through the portal in Chromium: real server, real worker, simulated shop."""

import hashlib
import io
import json
import re
import zipfile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.journey import (
    CREDENTIALS,
    PATIENCE,
    add_shop,
    checked,
    follow,
    integration,
    log_in,
    new_page,
    paste,
    popup,
    to_the_pull,
)
from tests.portal import Portal

pytestmark = pytest.mark.browser
# The first test and the mission pass through the database with all that these do.
once = pytest.mark.once

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


def test_from_the_log_in_to_an_export(portal: Portal, page: Page) -> None:
    config = integration(portal)
    log_in(page, portal)
    slug = add_shop(page, portal, "Marseille")
    page.get_by_role("link", name="Enter the credentials").click()

    # All four at once, the address beside them.
    paste(page, popup(config))
    expect(page.locator("#hint-paste")).to_contain_text("Found and sorted")
    expect(page.locator("[name=access_token_secret]")).to_have_value(config["accessTokenSecret"])
    expect(page.locator("[name=paste]")).to_have_value("")
    page.locator("[name=url]").fill(f"{config['url']}/rest/V1/")
    page.get_by_role("button", name="Test and save").click()

    # The lines arrive by themselves.
    page.wait_for_url(f"**/shops/{slug}/check")
    expect(page.get_by_text("They are saved")).to_be_visible()
    checked(page)
    expect(page.locator("#line-orders .status")).to_have_text("Ready")
    expect(page.locator("#line-orders")).to_contain_text("records")
    to_the_pull(page)

    # The pull has begun by itself, and goes on while the page is reloaded.
    page.reload()
    look = page.get_by_role("link", name="See what arrived")
    look.wait_for(timeout=PATIENCE)
    expect(page.get_by_text("Everything has arrived.", exact=True)).to_be_visible()
    look.click()

    # Counts, a preview, and nothing personal.
    figures = page.locator(".figure")
    expect(figures.filter(has_text="variants of products")).to_have_count(1)
    expect(figures.filter(has_text="order lines")).to_have_count(1)
    expect(page.locator("table").first.locator("tbody tr")).to_have_count(20)
    assert EMAIL.findall(page.locator("main").inner_text()) == []

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    _check_export(download.value.path().read_bytes(), slug)


def _check_export(archive: bytes, slug: str) -> None:
    """Every file is what the manifest says, with as many rows, and no e-mail address in any."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        manifest = json.loads(files.read("manifest.json"))
        assert (manifest["shop"], manifest["format"]) == (slug, "csv")
        rows = {file["dataset"]: file["rows"] for file in manifest["files"]}
        assert rows["products"] >= 20
        assert rows["orders"] >= 10
        for file in manifest["files"]:
            content = files.read(file["name"])
            assert hashlib.sha256(content).hexdigest() == file["sha256"]
            assert EMAIL.findall(content.decode()) == []


@once
def test_the_whole_way_without_javascript(portal: Portal, browser: Browser) -> None:
    context, page, complaints = new_page(browser, java_script_enabled=False)
    log_in(page, portal)
    slug = add_shop(page, portal, "Sans script")
    page.get_by_role("link", name="Enter the credentials").click()
    page.locator("[name=paste]").fill(json.dumps(integration(portal)))
    page.get_by_role("button", name="Test and save").click()
    page.wait_for_url(f"**/shops/{slug}/check")
    # The page asks for itself again until the check is over.
    to_the_pull(page)
    look = page.get_by_role("link", name="See what arrived")
    look.wait_for(timeout=PATIENCE)
    look.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSONL").click()
    assert download.value.suggested_filename == f"{slug}-jsonl.zip"
    context.close()
    assert complaints == []


@once
def test_swapped_credentials_are_refused_and_mended(portal: Portal, page: Page) -> None:
    config = integration(portal)
    log_in(page, portal)
    slug = add_shop(page, portal, "Échange")
    page.goto(f"{portal.url}/shops/{slug}/access")
    swapped = {**config, "consumerKey": config["accessToken"], "accessToken": config["consumerKey"]}
    paste(page, json.dumps(swapped))
    page.get_by_role("button", name="Test and save").click()
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("Magento knows no integration with this Consumer Key")
    expect(summary).to_be_focused()
    expect(page.locator("[name=url]")).to_have_value(config["url"])
    for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret"):
        expect(page.locator(f"[name={name}]")).to_have_value("")
    assert not any(config[key] in page.content() for key in CREDENTIALS)
    page.goto(f"{portal.url}/shops/{slug}/")
    expect(page.get_by_text("Not given yet")).to_be_visible()

    page.goto(f"{portal.url}/shops/{slug}/access")
    paste(page, json.dumps(config))
    page.get_by_role("button", name="Test and save").click()
    page.wait_for_url(f"**/shops/{slug}/check")


@once
def test_a_missing_permission_is_named_with_its_place_and_a_message_to_hand_on(
    portal: Portal, page: Page
) -> None:
    log_in(page, portal)
    slug = add_shop(page, portal, "Sans ventes")
    page.goto(f"{portal.url}/shops/{slug}/access")
    paste(page, json.dumps(integration(portal, "no-sales")))
    page.get_by_role("button", name="Test and save").click()
    page.wait_for_url(f"**/shops/{slug}/check")
    page.locator(".check-summary.note-bad").wait_for(timeout=PATIENCE)
    line = page.locator("#line-orders")
    expect(line.locator(".status")).to_have_text("Missing permission")
    expect(line).to_contain_text("Sales > Operations > Orders > Actions > View")
    expect(line.locator("code").first).to_have_text("Magento_Sales::actions_view")
    expect(page.locator("#line-products .status")).to_have_text("Ready")
    expect(page.locator("#ask-text-en")).to_have_value(re.compile("Magento_Sales::actions_view"))
    page.get_by_role("button", name="Copy the message").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.context.grant_permissions(["clipboard-read"])
    assert "Magento_Sales::actions_view" in page.evaluate("navigator.clipboard.readText()")

    follow(page, page.get_by_role("button", name="Test again: Orders"))
    page.locator(".check-summary.note-bad").wait_for(timeout=PATIENCE)
    expect(page.locator("#line-orders .status")).to_have_text("Missing permission")


@once
def test_hints_come_while_typing(portal: Portal, page: Page) -> None:
    log_in(page, portal)
    slug = add_shop(page, portal, "Indices")
    page.goto(f"{portal.url}/shops/{slug}/access")
    page.locator("[name=url]").fill("http://www.shop.example")
    page.locator("[name=consumer_key]").fill("too short")
    page.locator("[name=consumer_secret]").focus()
    expect(page.locator("#hint-url")).to_contain_text("must begin with https://")
    expect(page.locator("#hint-consumer_key")).to_contain_text("Magento's have 32")
    expect(page.locator("#hint-consumer_secret")).to_have_text("")
    page.get_by_role("button", name="Show: Consumer Key").click()
    expect(page.locator("[name=consumer_key]")).to_have_attribute("type", "text")


@once
def test_the_language_and_the_appearance_stay_as_chosen(portal: Portal, page: Page) -> None:
    log_in(page, portal)
    page.get_by_role("button", name="Français").click()
    expect(page.locator("h1")).to_have_text("Vos boutiques")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sombre").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 21, 22)")
    page.reload()
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 21, 22)")
    expect(page.locator("h1")).to_have_text("Vos boutiques")


@once
def test_the_menu_is_used_with_the_keyboard_alone(portal: Portal, page: Page) -> None:
    log_in(page, portal)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("details.menu summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).not_to_be_visible()
    expect(page.locator("details.menu summary")).to_be_focused()

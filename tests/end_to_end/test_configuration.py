"""The questions about the products in Chromium: a changed answer shows in the preview and in an export."""

import csv
import io
import json
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.journey import PATIENCE, connect, log_in
from tests.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.once]


def _wait_for_the_pull(page: Page, portal: Portal, slug: str) -> None:
    page.goto(f"{portal.url}/shops/{slug}/pull")
    page.locator("#pull-progress .note-good").wait_for(timeout=PATIENCE)


def _colours(page: Page, portal: Portal, slug: str) -> set[str]:
    page.goto(f"{portal.url}/shops/{slug}/data")
    table = page.locator("table").first
    place = table.locator("thead th").all_inner_texts().index("Colour")
    return {row.locator("td").nth(place).inner_text() for row in table.locator("tbody tr").all()}


def _answer(page: Page) -> None:
    for name in ("internal_reference", "parent_reference"):
        page.locator(f"[name={name}]").select_option("-")
    page.locator("[name=dimensions_from][value='-']").check()
    page.locator("[name=languages][value=fr]").check()
    page.locator("[name=returns][value=credit_memos]").check()


def test_an_answer_changes_the_preview_and_the_export(portal: Portal, page: Page) -> None:
    log_in(page, portal)
    slug = connect(page, portal, "Questions", "read")
    _wait_for_the_pull(page, portal, slug)
    colours = _colours(page, portal, slug)
    assert colours - {"—"}
    assert not any(colour.startswith(("SS", "AW")) for colour in colours)

    # Proposed from the shop; what is missing is named.
    page.goto(f"{portal.url}/shops/{slug}/configuration")
    expect(page.locator("[name=size]")).to_have_value("size")
    expect(page.locator("[name=color] option:checked")).to_contain_text("Color (color): ")
    page.get_by_role("button", name="Save the answers").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary")).to_contain_text("Which languages do your shoppers read?")

    # Another attribute for the colour: what will happen comes first.
    _answer(page)
    page.locator("[name=color]").select_option("season")
    page.get_by_role("button", name="Save the answers").click()
    expect(page.locator(".effects")).to_contain_text("All variants of products are read from your")
    page.get_by_role("button", name="Save, and do this").click()
    page.wait_for_url(f"**/shops/{slug}/")
    expect(page.get_by_text("Your answers are saved.")).to_be_visible()

    # It is read again by itself.
    _wait_for_the_pull(page, portal, slug)
    seasons = _colours(page, portal, slug) - {"—"}
    assert seasons
    assert all(season.startswith(("SS", "AW")) for season in seasons)

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as files:
        manifest = json.loads(files.read("manifest.json"))
        [name] = [one["name"] for one in manifest["files"] if one["dataset"] == "products"]
        rows = list(csv.DictReader(io.StringIO(files.read(name).decode())))
    assert len(rows) > 20
    assert {row["color"][:2] for row in rows if row["color"]} == {"SS", "AW"}


def test_the_questions_are_answered_with_the_keyboard_alone(portal: Portal, page: Page) -> None:
    log_in(page, portal)
    slug = connect(page, portal, "Clavier", "read")
    page.goto(f"{portal.url}/shops/{slug}/configuration")
    press = page.keyboard.press
    press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    press("Enter")
    expect(page.locator("main")).to_be_focused()
    # To the end of the form, where nothing was answered: the errors are on top, and have the focus.
    page.locator("[name=remark]").focus()
    press("Tab")
    expect(page.get_by_role("button", name="Save the answers")).to_be_focused()
    press("Enter")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    page.wait_for_load_state()
    # The summary's links lead to the fields.
    press("Tab")
    press("Enter")
    expect(page.locator("[name=internal_reference]")).to_be_focused()
    press("n")  # "No attribute…" or “No, …”: chosen by its first letter
    expect(page.locator("[name=internal_reference]")).to_have_value("-")
    press("Tab")
    press("n")
    expect(page.locator("[name=parent_reference]")).to_have_value("-")
    press("Tab")
    choices = page.locator("[name=dimensions_from]")
    expect(choices.first).to_be_focused()
    press("Space")
    for place in range(3):
        expect(choices.nth(place)).to_be_checked()
        press("ArrowDown" if place < 2 else "Tab")
    expect(page.locator("[name=dimensions_from][value='-']")).to_be_checked()
    press("Space")
    expect(page.locator("[name=languages]").first).to_be_checked()
    for _box in range(14):
        press("Tab")
    press("ArrowDown")
    # What this shop's returns come from already: nothing has to be read again.
    expect(page.locator("[name=returns]:checked")).to_have_value("credit_memos")
    press("Tab")
    page.keyboard.type("Merci")
    press("Tab")
    press("Enter")
    expect(page.get_by_text("Your answers are saved.")).to_be_visible()

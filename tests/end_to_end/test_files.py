"""Files in Chromium: sent with mistakes, read about, mended in the report, sent again; the phase is done."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.end_to_end import axe
from tests.end_to_end.journey import PATIENCE, add_shop, log_in, new_page
from tests.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.once]


def _sample(page: Page, portal: Portal, slug: str, dataset: str, folder: Path) -> Path:
    """The filled sample, as the page gives it."""
    page.goto(f"{portal.url}/shops/{slug}/files")
    with page.expect_download() as download:
        page.locator(f"a[href$='/files/sample/{dataset}.csv']").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def _rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


def _write(file: Path, rows: list[dict[str, str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def _send(page: Page, portal: Portal, slug: str, file: Path, button: str, dataset: str) -> None:
    page.goto(f"{portal.url}/shops/{slug}/files")
    page.locator("[name=dataset]").select_option(dataset)
    page.locator("[name=file]").set_input_files(file)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"**/shops/{slug}/files/*-*")
    page.locator("#file-state:not([hx-get])").wait_for(timeout=PATIENCE)


def test_a_file_with_errors_is_mended_with_its_report_and_the_phase_is_complete(
    portal: Portal, browser: Browser, page: Page, tmp_path: Path
) -> None:
    log_in(page, portal)
    slug = add_shop(page, portal, "Maison Fichiers", platform="other")
    page.goto(f"{portal.url}/shops/{slug}/")
    expect(page.get_by_text("Send your files").first).to_be_visible()

    # Checked first: two mistakes, each named with its row; nothing is stored.
    rows = _rows(_sample(page, portal, slug, "returns", tmp_path))
    rows[1]["quantity"] = "two"
    rows[2]["return_date"] = "2026-02-31"
    wrong = _write(tmp_path / "returns_2026-01-15T02-00-00.csv", rows)
    _send(page, portal, slug, wrong, "Check it first", "returns")
    state = page.locator("#file-state")
    expect(state).to_contain_text("2 rows are wrong")
    expect(state).to_contain_text("“two” is not a number")
    expect(state.locator("table tbody th")).to_have_text(["3", "4"])
    expect(state.get_by_role("button", name="Send the good row")).to_be_visible()

    # The report is the file with one more column; mended there, it is sent as it is.
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    report = tmp_path / download.value.suggested_filename
    download.value.save_as(report)
    lines = _rows(report)
    assert len(lines) == 3
    assert set(lines[0]) > set(rows[0])
    for line in lines:
        line["quantity"] = "1"
        line["return_date"] = "2026-02-01"
    mended = _write(tmp_path / "returns_2026-01-16T02-00-00.csv", lines)
    _send(page, portal, slug, mended, "Check and send", "returns")
    expect(state).to_contain_text("Every row is stored.")
    expect(state.locator("dl.facts").first).to_contain_text("New3")

    # The other files that a shop without an API owes; then the phase is complete.
    for dataset in ("products", "orders"):
        file = _sample(page, portal, slug, dataset, tmp_path)
        _send(page, portal, slug, file, "Check and send", dataset)
        expect(state).to_contain_text("Every row is stored.")
    page.goto(f"{portal.url}/shops/{slug}/files")
    expect(page.locator("#history-title ~ .table-box tbody tr")).to_have_count(4)
    expect(page.get_by_text("Taken on")).to_have_count(3)
    _stays_within_a_telephone(portal, browser, slug)
    page.goto(f"{portal.url}/shops/{slug}/")
    done = page.locator(".row-link, .task, li").filter(has_text="Send your files").last
    expect(done).to_contain_text("Completed")


def _stays_within_a_telephone(portal: Portal, browser: Browser, slug: str) -> None:
    """In French, whose states are the longest: neither the page nor a card is left by one. Nor is a wide
    page's table."""
    context, page, complaints = new_page(
        browser, locale="fr-FR", viewport={"width": 390, "height": 900}
    )
    log_in(page, portal)
    page.goto(f"{portal.url}/shops/{slug}/files")
    state = page.get_by_text("Seulement vérifié, 2 lignes incorrectes")
    expect(state).to_be_visible()
    right = "element => element.getBoundingClientRect().right"
    assert state.evaluate(right) <= page.locator(".table-box").evaluate(right)
    assert axe.faults(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    beyond = "box => box.scrollWidth - box.clientWidth"
    assert page.locator(".table-box").evaluate(beyond) == 0
    assert complaints == []
    context.close()


def test_a_large_upload_goes_on_after_a_cut(
    portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    context, page, complaints = new_page(browser)
    log_in(page, portal)
    slug = add_shop(page, portal, "Maison Coupée", platform="other")
    rows = _rows(_sample(page, portal, slug, "orders", tmp_path))
    many = [{**rows[0], "order_id": f"O{n}", "line_id": f"L{n}"} for n in range(60_000)]
    file = _write(tmp_path / "orders_2026-01-15T02-00-00.csv", many)
    parts = -(-file.stat().st_size // (4 << 20))
    assert parts >= 2

    # The second part is cut twice on its way.
    cuts: list[str] = []

    def cut(route: Route) -> None:
        if len(cuts) < 2 and "offset" in (route.request.post_data_buffer or b"")[:600].decode(
            "latin-1"
        ):
            cuts.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**/shops/{slug}/files/uploads/*", cut)
    _send(page, portal, slug, file, "Check and send", "orders")
    assert len(cuts) == 2
    expect(page.locator("#file-state")).to_contain_text("Every row is stored.")
    expect(page.locator("#file-state dl.facts").first).to_contain_text("60,000")
    # The browser tells of the two cuts, and of nothing else.
    assert len(complaints) == 2
    context.close()

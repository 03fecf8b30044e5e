"""Kleep's console in Chromium: a stuck shop found, understood, retried, and approved by two people."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from connectors.sandbox.magento.integrations import READ, Integration
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.end_to_end.axe import faults
from tests.end_to_end.journey import (
    PATIENCE,
    add_shop,
    follow,
    log_in,
    looked_at,
    new_page,
    pasted,
    signed,
    to_the_pull,
)
from tests.portal import Portal
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.timeout(400)]

ROLES = ("manager", "approver", "support")
ORDERS = "Magento_Sales::actions_view"  # without it orders alone cannot be read
HEIGHT = 900  # of the window: what stands higher is read without scrolling
SECONDS = 150.0  # the pipeline is computed every half minute, where the machine has time for it


@contextmanager
def signed_in(browser: Browser, portal: Portal, who: str) -> Iterator[Page]:
    """A window of that person's; its console complains of nothing but of forms that were refused."""
    context, page, complaints = new_page(browser, viewport={"width": 1280, "height": HEIGHT})
    log_in(page, portal, who)
    yield page
    context.close()
    assert [said for said in complaints if "status of 422" not in said] == []


def connected(owner: Page, portal: Portal, url: str, granted: Integration) -> str:
    """A new shop whose check and first pull went well."""
    slug = add_shop(owner, portal, "Maison Rivoli")
    owner.goto(f"{portal.url}/shops/{slug}/access")
    owner.locator("[name=url]").fill(url)
    for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret"):
        owner.locator(f"[name={name}]").fill(getattr(granted, name))
    owner.get_by_role("button", name="Test and save").click()
    owner.wait_for_url(f"**/shops/{slug}/check")
    to_the_pull(owner)
    owner.locator("#pull-progress .note-good").wait_for(timeout=PATIENCE)
    return slug


def stuck(owner: Page, portal: Portal, slug: str) -> None:
    """Somebody took a permission away; the next pull says so."""
    owner.goto(f"{portal.url}/shops/{slug}/pull")
    owner.locator("form[action$='/pull/start'] button").click()
    owner.locator("#pull-progress .note-bad").wait_for(timeout=PATIENCE)


def with_a_page(owner: Page, portal: Portal, slug: str) -> None:
    """The button is on a product page, and the browser has seen it."""
    storefront = json.loads((portal.var / "sandbox" / "storefront.json").read_text())["url"]
    looked_at(owner, portal, slug, "validate", [pasted(owner, portal, slug, storefront)])


def confirmed(owner: Page) -> None:
    signed(owner)
    owner.get_by_role("button", name="Sign it all and send it to Kleep").click()
    expect(owner.locator(".messages")).to_contain_text("It is Kleep's turn now")


def found(manager: Page, portal: Portal) -> None:
    """By the filter and the search of the pipeline; it comes first."""

    row = manager.locator("table.pipeline tbody tr")

    def look() -> int:
        manager.goto(f"{portal.url}/console/")
        manager.locator("[name=q]").fill("rivoli")
        manager.locator("[name=flag]").select_option("problem")
        follow(manager, manager.get_by_role("button", name="Show", exact=True))
        return row.count()

    wait_until(look, seconds=SECONDS, what="the shop in the pipeline")
    expect(row).to_have_count(1)
    expect(row.locator("th")).to_contain_text("Maison Rivoli")
    expect(row).to_contain_text("First pull")
    expect(row).to_contain_text("the merchant")
    follow(manager, row.get_by_role("link", name="Maison Rivoli"))


def read_in_one_screen(page: Page) -> None:
    """Why it is stuck and the way out stand in the window as it opens."""
    why = page.locator("#why")
    expect(why.locator("h2")).to_have_text("Bring in your data")
    expect(why.locator(".line-name").first).to_have_text("Pull: Orders")
    expect(why.locator(".line-body").first).to_contain_text("Sales > Operations > Orders")
    for part in (why, why.get_by_role("button", name="Retry Pull: Orders")):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= HEIGHT
    assert page.evaluate("scrollY") == 0


def refused(page: Page, address: str, **fields: str) -> None:
    """A form that the page does not offer, made by hand with this person's own session and token."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        address,
        form={"csrfmiddlewaretoken": token, **fields},
        headers={"Referer": page.url},
        max_redirects=0,
    )
    assert answer.status == 403, address


def happened(page: Page, portal: Portal, slug: str) -> list[str]:
    page.goto(f"{portal.url}/console/shops/{slug}/history")
    return page.locator(".timeline-what").all_inner_texts()


def test_a_stuck_shop_is_found_understood_retried_and_approved_by_two_people(
    portal: Portal, browser: Browser
) -> None:
    for role in ROLES:
        portal.add_staff(role)
    shop = SandboxShop(seed=11, orders=15, styles=6)
    granted = shop.integrations["read"]
    with (
        serve(shop) as address,
        signed_in(browser, portal, "merchant") as owner,
        signed_in(browser, portal, "manager") as manager,
        signed_in(browser, portal, "approver") as approver,
        signed_in(browser, portal, "support") as support,
    ):
        slug = connected(owner, portal, address.url, granted)
        granted.resources = READ - {ORDERS}
        stuck(owner, portal, slug)
        with_a_page(owner, portal, slug)  # meanwhile the pipeline is computed
        console = f"{portal.url}/console/shops/{slug}"

        found(manager, portal)
        assert manager.url == console
        read_in_one_screen(manager)
        granted.resources = READ  # the merchant has ticked it again
        manager.get_by_role("button", name="Retry Pull: Orders").click()
        expect(manager.locator(".messages")).to_contain_text("It is tried again.")
        wait_until(lambda: _goes_on(manager, console), seconds=SECONDS, what="the pull's end")

        confirmed(owner)
        before = happened(support, portal, slug)
        support_cannot(support, portal, slug)
        assert happened(support, portal, slug) == before

        # One of Kleep signs for the data, another one approves.
        manager.goto(console)
        manager.get_by_role("link", name="Decide on the go-live").click()
        for key in ("data", "tuned"):
            manager.locator(f"#line-{key} button").click()
            expect(manager.locator(f"#line-{key} .status")).to_have_text("Signed")
        approver.goto(console)
        approver.get_by_role("link", name="Decide on the go-live").click()
        expect(approver.locator("#line-data")).to_contain_text("Manager")
        approver.get_by_role("button", name="Approve").first.click()
        approver.locator("dialog:popover-open button", has_text="Approve").click()
        expect(approver.locator(".messages")).to_contain_text("Approved.")
        approver.goto(f"{console}/history")
        newest = approver.locator(".timeline li").first
        expect(newest.locator(".timeline-what")).to_contain_text("Kleep approved the go-live")
        expect(newest.locator(".timeline-when")).to_contain_text("Approver")


def _goes_on(page: Page, console: str) -> bool:
    page.goto(console)
    return page.locator("#why .line").count() == 0


def support_cannot(page: Page, portal: Portal, slug: str) -> None:
    """Reads and retries; what would decide or change is neither offered nor done."""
    console = f"{portal.url}/console/shops/{slug}"
    page.goto(console)
    expect(page.get_by_role("button", name=re.compile("^Read now")).first).to_be_visible()
    for name in ("Pause", "Go on reading", "Save"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_text("Read days again")).to_have_count(0)
    expect(page.get_by_text("Erase data for good")).to_have_count(0)
    follow(page, page.get_by_role("link", name="Look at the go-live"))
    for name in ("Approve", "Send back", "Undo the go-live", "Sign"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    refused(page, f"{console}/golive/approve")
    refused(page, f"{console}/golive/sign", item="data", signed="1")
    refused(page, f"{console}/golive/send-back", reason="no")
    refused(page, f"{console}/golive/undo", reason="no")
    refused(page, f"{console}/pause")
    refused(page, f"{console}/owner")
    refused(page, f"{console}/erase", typed=slug)
    page.goto(f"{console}/golive")
    expect(page.locator(".lead-in").first).to_contain_text("it is Kleep's turn")


def test_a_manager_erases_a_shop_after_reading_what_goes(portal: Portal, browser: Browser) -> None:
    portal.add_staff("manager")
    with (
        signed_in(browser, portal, "merchant") as owner,
        signed_in(browser, portal, "manager") as manager,
    ):
        slug = add_shop(owner, portal, "Maison Provisoire")
        manager.goto(f"{portal.url}/console/shops/{slug}")
        manager.get_by_text("Erase data for good").click()
        manager.get_by_role("link", name="This shop").click()
        expect(manager.locator("main")).to_contain_text("No data has arrived yet.")
        expect(manager.locator("main")).to_contain_text("so that the chain can be verified")
        field = manager.get_by_label(f"Type {slug} to confirm")
        field.fill("maison-provisoire")
        manager.get_by_role("button", name="Erase for good").click()
        expect(manager.locator(".error-summary")).to_be_focused()
        expect(manager.locator(".field-errors")).to_contain_text("Nothing was erased.")
        assert faults(manager) == []
        kept = owner.goto(f"{portal.url}/shops/{slug}/")
        assert kept is not None
        assert kept.status == 200

        field.fill(slug)
        manager.get_by_role("button", name="Erase for good").click()
        manager.wait_for_url("**/console/erasures/*")
        expect(manager.locator("#erasure-progress .note-good")).to_have_text(
            "It is gone.", timeout=PATIENCE
        )
        assert faults(manager) == []
        with manager.expect_download() as download:
            manager.get_by_role("link", name="Download the report").click()
        report = json.loads(download.value.path().read_text())
        assert (report["kind"], report["subject"], report["removed"]) == ("shop", slug, {})
        assert report["asked_by"] == "manager@kleep.example"
        gone = owner.request.get(f"{portal.url}/shops/{slug}/")
        assert gone.status == 404

"""Phase 1 in Chromium: from an invitation to the first completed pull, and the ways that lead back to it."""

import json
import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from connectors.sandbox.magento.integrations import READ
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.end_to_end.journey import (
    CREDENTIALS,
    PATIENCE,
    add_shop,
    checked,
    connect,
    follow,
    integration,
    log_in,
    new_page,
    paste,
    to_the_pull,
)
from tests.portal import Portal
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.once]

PASSWORD = "correct horse battery staple"
LINK = re.compile(r"https?://\S+/invitation/\S+")


def invited(portal: Portal, browser: Browser, company: str, email: str) -> str:
    """The link that a company's first owner finds in the mail: staff fill in one form."""
    context, page, complaints = new_page(browser)
    log_in(page, portal, "staff")
    page.goto(f"{portal.url}/console/companies/new")
    page.locator("[name=name]").fill(company)
    page.locator("[name=shop]").fill("Paris")
    page.locator("[name=email]").fill(email)
    page.locator("main button[type=submit]").click()
    expect(page.locator(".note-good").first).to_contain_text(email)
    context.close()
    assert complaints == []
    wait_until(lambda: _mails(portal, email), seconds=60, what="the invitation in the mail")
    return LINK.findall(_mails(portal, email)[0])[0]


def _mails(portal: Portal, to: str) -> list[str]:
    """The texts of the e-mails to that address."""
    bodies = [mail.get_body(("plain",)) for mail in portal.mails() if to in str(mail["To"])]
    return [str(body.get_content()) for body in bodies if body]


def _accept(page: Page, link: str) -> str:
    """The slug of the one shop that the new owner is led to."""
    page.goto(link)
    page.locator("[name=name]").fill("Camille Martin")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/shops/*/")
    return page.url.rstrip("/").rpartition("/")[2]


def _choose(page: Page, platform: str) -> None:
    page.get_by_role("link", name="Choose the platform").click()
    page.get_by_role("radio", name=platform).check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/access")


def listed(portal: Portal, name: str) -> str:
    """The list of shops with that one, on whatever page it would stand among those of other tests."""
    return f"{portal.url}/?{urlencode({'q': name})}"


def _see_it_arrive(page: Page) -> None:
    """The check is green, the first pull has begun by itself, and it comes to its end."""
    to_the_pull(page)
    page.reload()
    page.locator("#pull-progress .note-good").wait_for(timeout=PATIENCE)
    expect(page.get_by_text("Everything has arrived.", exact=True)).to_be_visible()
    page.get_by_role("link", name="See what arrived").click()
    expect(page.locator("table").first.locator("tbody tr")).to_have_count(20)


def test_an_invited_owner_brings_a_magento_in(portal: Portal, browser: Browser, page: Page) -> None:
    link = invited(portal, browser, "Maison Invitée", "owner@maison-invitee.example")
    slug = _accept(page, link)
    expect(page.locator(".next h2")).to_have_text("Say what your shop runs on")
    expect(page.locator(".next .eyebrow")).to_have_text("Your turn, since today")
    _choose(page, "Magento / Adobe Commerce")
    # The guide stands beside the form, and each drawing has words.
    expect(page.locator(".guide-steps > li")).to_have_count(6)
    for drawing in page.locator("svg.picture").all():
        assert len(drawing.locator("title").inner_html()) > 40
    config = integration(portal)
    # What the printed guide asks for, as it would have gone into an e-mail.
    labels = ("Consumer Key", "Consumer Secret", "Access Token", "Access Token Secret")
    lines = [f"• {label}: {config[key]}" for label, key in zip(labels, CREDENTIALS, strict=True)]
    paste(page, "\n".join([f"1. The API base URL: {config['url']}/rest/V1", *lines]))
    expect(page.locator("[name=url]")).to_have_value(f"{config['url']}/rest/V1")
    expect(page.locator("[name=paste]")).to_have_value("")
    page.get_by_role("button", name="Test and save").click()
    page.wait_for_url(f"**/shops/{slug}/check")
    _see_it_arrive(page)
    page.goto(f"{portal.url}/shops/{slug}/")
    done = page.locator("#step-access .status")
    expect(done).to_have_text(["Completed"] * 4)


def test_an_invited_owner_brings_a_wshop_in(portal: Portal, browser: Browser, page: Page) -> None:
    link = invited(portal, browser, "Atelier Invité", "owner@atelier-invite.example")
    slug = _accept(page, link)
    _choose(page, "WSHOP")
    config = integration(portal, "wshop")
    page.locator("[name=url]").fill(config["url"])
    page.locator("[name=username]").fill("kleep")
    page.locator("[name=password]").fill(config["password"])
    page.get_by_role("button", name="Test and save").click()
    # The user's name instead of the e-mail address is named as such, and mended.
    expect(page.locator(".error-summary")).to_contain_text("e-mail address of a Back Office user")
    page.locator("[name=username]").fill(config["username"])
    page.locator("[name=password]").fill(config["password"])
    page.get_by_role("button", name="Test and save").click()
    page.wait_for_url(f"**/shops/{slug}/check")
    checked(page)
    expect(page.locator(".line")).to_have_count(8)
    _see_it_arrive(page)


def test_two_missing_permissions_are_granted_and_tested_again_line_by_line(
    portal: Portal, page: Page
) -> None:
    orders, attributes = "Magento_Sales::actions_view", "Magento_Catalog::attributes_attributes"
    shop = SandboxShop(seed=11, orders=15, styles=6)
    granted = shop.integrations["read"]
    granted.resources = READ - {orders, attributes}
    with serve(shop) as address:
        log_in(page, portal)
        slug = add_shop(page, portal, "Deux cases")
        page.goto(f"{portal.url}/shops/{slug}/access")
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        page.locator("[name=url]").fill(address.url)
        for name in names:
            page.locator(f"[name={name}]").fill(getattr(granted, name))
        page.get_by_role("button", name="Test and save").click()
        page.locator(".check-summary.note-bad").wait_for(timeout=PATIENCE)
        expect(page.locator(".check-summary")).to_contain_text("2 things that are needed")
        message = page.locator("#ask-text-en").input_value()
        assert "please give Kleep these 2 permissions" in message
        assert f"- Sales > Operations > Orders > Actions > View ({orders})" in message
        assert f"- Stores > Attributes > Product ({attributes})" in message
        page.get_by_text("In another language").click()
        expect(page.locator("#ask-text-fr")).to_have_value(re.compile("ces 2 permissions dans"))

        granted.resources = READ - {attributes}
        page.get_by_role("button", name="Test again: Orders", exact=True).click()
        expect(page.locator("#line-orders .status")).to_have_text("Ready", timeout=PATIENCE)
        expect(page.locator("#line-attributes .status")).to_have_text("Missing permission")
        expect(page.locator(".check-summary")).to_contain_text("1 thing that is needed")

        granted.resources = READ
        page.get_by_role("button", name=re.compile("Test again: Labels of sizes")).click()
        expect(page.locator("#line-attributes .status")).to_have_text("Ready", timeout=PATIENCE)
        # Nobody asks for the first pull; the steps of the page say that it has begun.
        checked(page)
        expect(page.locator(".steps li").nth(1).locator(".good")).to_have_count(1)
        to_the_pull(page)
        page.locator("#pull-progress .note-good").wait_for(timeout=PATIENCE)


def test_a_second_shop_uses_the_same_integration(portal: Portal, page: Page) -> None:
    log_in(page, portal)
    connect(page, portal, "Première vitrine", "read")
    slug = add_shop(page, portal, "Seconde vitrine")
    page.get_by_role("link", name="Enter the credentials").click()
    page.get_by_role("link", name="Use the access of another shop").click()
    page.locator("[name=of]").select_option(label="Première vitrine")
    page.get_by_role("button", name="Show its store views").click()
    page.locator("[name=store][value=en]").check()
    page.get_by_role("button", name="Use this access").click()
    page.wait_for_url(f"**/shops/{slug}/check")
    expect(page.get_by_text("This shop uses the access of Première vitrine.")).to_be_visible()
    page.goto(f"{portal.url}/shops/{slug}/pull")
    page.locator("#pull-progress .note-good").wait_for(timeout=PATIENCE)
    expect(page.locator(".line-name").filter(has_text="Products (en)")).to_have_count(1)
    # The titles are those of its own store view.
    for name, expected in (("Seconde vitrine", True), ("Première vitrine", False)):
        page.goto(listed(portal, name))
        follow(page, page.locator("main").get_by_role("link", name=name).first)
        page.goto(f"{page.url}data")
        english = "Dress" in page.locator("table").first.inner_text()
        assert english is expected, name


def test_the_list_of_shops_shows_how_far_each_is(portal: Portal, page: Page) -> None:
    log_in(page, portal)
    slug = add_shop(page, portal, "Vitrine nouvelle", platform="")
    page.goto(listed(portal, "Vitrine nouvelle"))
    row = page.locator(f"a[href='/shops/{slug}/']")
    expect(row.locator(".row-next")).to_have_text("Say what your shop runs on")
    expect(row.locator(".shop-steps li").first).to_contain_text("0/4")
    row.click()
    page.get_by_role("link", name="Choose the platform").click()
    page.get_by_role("radio", name=re.compile("Another one")).check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"**/shops/{slug}/")
    expect(page.locator("#step-access .row-title")).to_have_text(
        ["Say what your shop runs on", "Look at what arrived"]
    )
    # Changed again: nothing is lost.
    page.locator("#step-access a").first.click()
    page.get_by_role("radio", name="WSHOP").check()
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1")).to_have_text("Give Kleep access to your WSHOP")


def test_old_credentials_go_on_working_while_new_ones_are_refused(
    portal: Portal, page: Page
) -> None:
    log_in(page, portal)
    slug = connect(page, portal, "Rotation", "read")
    page.goto(f"{portal.url}/shops/{slug}/access")
    note = page.locator("#id_consumer_key_note")
    expect(note).to_contain_text("fingerprint")
    kept = note.inner_text()
    paste(page, json.dumps(integration(portal, "revoked")))
    page.get_by_role("button", name="Test and save").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.goto(f"{portal.url}/shops/{slug}/access")
    assert page.locator("#id_consumer_key_note").inner_text() == kept
    paste(page, json.dumps(integration(portal, "min-read")))
    page.get_by_role("button", name="Test and save").click()
    page.wait_for_url(f"**/shops/{slug}/check")
    page.goto(f"{portal.url}/shops/{slug}/access")
    assert page.locator("#id_consumer_key_note").inner_text() != kept
    page.get_by_text("Is the value that you have the stored one?").click()
    page.locator("[name=name]").select_option("consumer_key")
    page.locator("[name=value]").fill(integration(portal, "min-read")["consumerKey"])
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Yes, this is the one that is stored.")).to_be_visible()

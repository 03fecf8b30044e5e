"""The steps of the journey, as the tests and the screenshots walk them."""

import json
import re
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.portal import PROMPTLY, Portal

PATIENCE = 90_000  # milliseconds for a check or a pull of the sandbox
LOOK = 150_000  # for the looks at two pages
RETAILER = "7d0e5a52-3f0b-4c55-9d7e-0a4c2b9f6e11"
CREDENTIALS = ("consumerKey", "consumerSecret", "accessToken", "accessTokenSecret")


@dataclass(frozen=True)
class Shops:
    """Slugs of shops at different points of the way, and the id of their company."""

    complete: str
    refused: str
    empty: str
    company: str
    wshop: str  # without an access, too
    fresh: str  # nobody has said what it runs on
    files: str  # sends everything as files


def integration(portal: Portal, name: str = "read") -> dict[str, Any]:
    """The configuration of one of the sandbox's integrations, with the keys of Retrieve."""
    file = portal.var / "sandbox" / f"connect-{name}.json"
    return dict(json.loads(file.read_text())["config"])


def popup(config: dict[str, Any]) -> str:
    """The text of Magento's window, as it is copied."""
    labels = ("Consumer Key", "Consumer Secret", "Access Token", "Access Token Secret")
    lines = [f"{label}\n{config[key]}" for label, key in zip(labels, CREDENTIALS, strict=True)]
    return "\n".join(lines)


def new_page(browser: Browser, **options: Any) -> tuple[BrowserContext, Page, list[str]]:
    """A page of a fresh profile and what its console complains of."""
    context = browser.new_context(**{"locale": "en-GB", **options})
    context.set_default_timeout(PROMPTLY)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return context, page, complaints


def follow(page: Page, control: Locator) -> None:
    """Press what leads to another page, or sends a form; returns once the page that answers is there.

    For where the next step could be taken on the old page as well, or would cut off what was sent.
    """
    with page.expect_navigation():
        control.click()


def log_in(page: Page, portal: Portal, who: str = "merchant") -> None:
    """As that person of the demo. Staff's session is used again: each of their codes is taken once."""
    page.context.add_cookies(portal.cookies.get(who, []))
    page.goto(portal.url)
    if "/accounts/login/" in page.url:
        email, password = portal.account(who)
        page.locator("[name=login]").fill(email)
        page.locator("[name=password]").fill(password)
        follow(page, page.locator("main button[type=submit]"))
    if page.url.endswith("/accounts/2fa/authenticate/"):
        page.locator("[name=code]").fill(portal.code(who))
        page.locator("main form:has([name=code]) button[type=submit]").first.click()
        page.wait_for_url(f"{portal.url}/")
        portal.cookies[who] = page.context.cookies(portal.url)
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_load_state()


def add_shop(page: Page, portal: Portal, name: str, *, platform: str = "magento") -> str:
    """The slug of a new shop of the demo merchant; its page is open. `platform` "": not chosen yet."""
    page.goto(f"{portal.url}/shops/new")
    page.locator("[name=name]").fill(name)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"{portal.url}/shops/*/platform")
    slug = page.url.split("/")[-2]
    if platform:
        page.locator(f"[name=platform][value={platform}]").check()
        follow(page, page.locator("main button[type=submit]"))
    page.goto(f"{portal.url}/shops/{slug}/")
    return slug


def paste(page: Page, text: str) -> None:
    """With the clipboard and the keyboard, as a person does."""
    box = page.locator("[name=paste]")
    box.wait_for()  # the page that was asked for is there, and then all of it
    page.wait_for_load_state()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    box.focus()
    page.keyboard.press("Control+V")


def prepare(browser: Browser, portal: Portal) -> Shops:
    """Walk one shop to the end, one to a missing permission, leave others behind; add a colleague."""
    context, page, _complaints = new_page(browser)
    log_in(page, portal)
    complete = connect(page, portal, "Maison Paris", "read")
    page.goto(f"{portal.url}/shops/{complete}/pull")
    page.locator("#pull-progress .note-good").wait_for(timeout=PATIENCE)
    refused = connect(page, portal, "Maison Outlet", "no-sales")
    empty = add_shop(page, portal, "Maison Enfant")
    wshop = add_shop(page, portal, "Maison Atelier", platform="wshop")
    fresh = add_shop(page, portal, "Maison Neuve", platform="")
    files = add_shop(page, portal, "Maison Fournil", platform="other")
    people = page.locator(".menu-body a[href$='/people']").get_attribute("href") or ""
    context.close()
    company = people.split("/")[-2]
    portal.add_member(company, "Camille Martin")
    return Shops(complete, refused, empty, company, wshop, fresh, files)


def connect(page: Page, portal: Portal, name: str, credentials: str) -> str:
    """The slug of a new shop whose check is over."""
    slug = add_shop(page, portal, name)
    page.goto(f"{portal.url}/shops/{slug}/access")
    paste(page, json.dumps(integration(portal, credentials)))
    page.locator("#access-form button[type=submit]").click()
    page.wait_for_url(f"**/shops/{slug}/check")
    page.locator(
        ".check-summary.note-good, .check-summary.note-warn, .check-summary.note-bad"
    ).wait_for(timeout=PATIENCE)
    return slug


def checked(page: Page) -> None:
    """The check went well; the first pull has begun by itself, and may be over already."""
    goes_on = page.get_by_role("link", name=re.compile("^(See it arrive|Look at your data)$"))
    goes_on.first.wait_for(timeout=PATIENCE)


def to_the_pull(page: Page) -> None:
    """From the page of the check, once that went well."""
    checked(page)
    page.goto(f"{page.url.partition('/check')[0]}/pull")  # it may name a line of the check


def pasted(owner: Page, portal: Portal, slug: str, storefront: str) -> str:
    """The button is chosen, its snippet copied and pasted into the storefront; the address of that page."""
    owner.goto(f"{portal.url}/shops/{slug}/widget/settings")
    owner.locator("[name=retailer_uuid]").fill(RETAILER)
    owner.locator("[name=variant_field]").fill("[name=variant]")
    owner.locator("[name=consent_button]").fill("#consent-accept")
    owner.locator("main form:has([name=retailer_uuid]) .form-actions button").click()
    expect(owner.locator(".messages")).to_contain_text("Saved")
    owner.goto(f"{portal.url}/shops/{slug}/widget/install?way=html")
    code = owner.locator("#code-snippet").inner_text()
    assert RETAILER in code
    connection = HTTPConnection(storefront.removeprefix("http://"), timeout=20)
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/pasted", urlencode({"snippet": code}), sent)
    assert connection.getresponse().status == 200
    connection.close()
    return f"{storefront}/pasted"


def looked_at(page: Page, portal: Portal, slug: str, site: str, urls: list[str]) -> None:
    """These pages are looked at; returns when the browser has seen them all."""
    page.goto(f"{portal.url}/shops/{slug}/{site}")
    field = page.locator("[name=urls]")
    if not field.is_visible():
        page.get_by_text("Which product pages are looked at").click()
    field.fill("\n".join(urls))
    follow(page, page.get_by_role("button", name="Save and look at them"))
    summary = page.locator("#looks .check-summary .note").first
    expect(summary).not_to_have_class(re.compile("note-busy|note-calm"), timeout=LOOK)


def signed(page: Page) -> None:
    for key in ("look", "advice", "privacy"):
        follow(page, page.locator(f"#line-{key} button"))
        expect(page.locator(f"#line-{key} .status")).to_have_text("Signed")

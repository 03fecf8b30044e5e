"""Every page and state of the portal, in one list: looked at by axe, and photographed for the gallery.

To add a page, add one line to PAGES; a page without one fails test_accessibility.py. `{complete}` and the
like in its address are the slugs of the shops that journey.prepare makes, `{company}` is theirs. A state
that a visitor brings about (an open menu, a refused form) is a
function of this module that acts on the open page; give it as `act`. A page that only staff sees has
`who="staff"`, one that needs no log-in `who="anonymous"`.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby

from playwright.sync_api import Browser, Page

from tests.end_to_end.axe import until_still
from tests.end_to_end.journey import PATIENCE, Shops, log_in, new_page
from tests.portal import Portal

Act = Callable[[Page], None]


@dataclass(frozen=True)
class View:
    """One page in one state; `name` is its title in the gallery and unique."""

    name: str
    path: str
    act: Act | None = None
    who: str = "merchant"


def with_mistakes(page: Page) -> None:
    page.locator("main form button:not([type=button])").first.click()
    page.locator(".error-summary").wait_for()
    page.wait_for_load_state()


def with_a_wrong_password(page: Page) -> None:
    page.locator("[name=login]").fill("nobody@maison.example")
    page.locator("[name=password]").fill("not the password")
    with_mistakes(page)


def with_a_wrong_address(page: Page) -> None:
    page.locator("[name=url]").fill("http://www.shop.example/rest/V1")
    with_mistakes(page)


def with_another_colour(page: Page) -> None:
    """Every question answered, one in a way that changes what has arrived."""
    page.locator("[name=color]").select_option("season")
    for name in ("internal_reference", "parent_reference"):
        page.locator(f"[name={name}]").select_option("-")
    page.locator("[name=dimensions_from][value=files]").check()
    page.locator("[name=languages][value=fr]").check()
    page.locator("[name=returns][value=rma]").check()
    page.locator("main form button[type=submit]").click()
    page.locator(".effects").wait_for()


def with_a_person_to_remove(page: Page) -> None:
    page.locator("[popovertarget^=confirm-]").first.click()
    page.locator("dialog[popover]:popover-open").wait_for()


def with_a_link(page: Page) -> None:
    page.locator("[name=email]").fill("agency@example.com")
    page.locator("[name=name]").fill("Agence Lune")
    page.locator("main form button[type=submit]").first.click()
    page.locator(".messages").wait_for()


def with_a_wrong_file(page: Page) -> None:
    content = b"sku,chest_cm\nROBE-001-White-34,46.5\nROBE-001-Black-42,large\n"
    file = {"name": "dimensions.csv", "mimeType": "text/csv", "buffer": content}
    page.locator("main input[type=file]").set_input_files(files=[file])  # type: ignore[list-item]  # a FilePayload
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/files/*")
    page.locator("main .status-warn, main .status-good, main .status-bad").first.wait_for()


def with_a_mistaken_file(page: Page) -> None:
    header = "return_id,line_id,return_date,order_id,variant_id,quantity,updated_at"
    rows = "R1,1,2026-06-01,O1,V1,1,2026-06-01\nR2,1,2026-06-02,O2,V2,two,2026-06-02\n"
    content = f"{header}\n{rows}".encode()
    page.locator("[name=dataset]").select_option("returns")
    page.locator("main form[data-upload] [name=file]").set_input_files(
        files=[{"name": "returns.csv", "mimeType": "text/csv", "buffer": content}]
    )
    page.locator("[name=check_only][value='1']").click()
    page.wait_for_url("**/files/*-*")
    page.locator("#file-state:not([hx-get])").wait_for(timeout=PATIENCE)


def with_a_private_key(page: Page) -> None:
    page.locator("[name=key]").fill("-----BEGIN OPENSSH PRIVATE KEY-----")
    page.locator("form[action$='/keys'] button").click()
    page.locator(".error-summary").wait_for()
    page.wait_for_load_state()


def with_a_new_pair(page: Page) -> None:
    page.locator("form[action$='/pairs'] button").click()
    page.locator("#code-private").wait_for()
    page.wait_for_load_state()


def with_a_look(page: Page) -> None:
    """At pages with one of each kind of finding."""
    store = page.locator("[name=urls]").input_value().partition("/products/")[0]
    kinds = ("good", "csp-frame", "old", "gtm")
    urls = [f"{store}/products/{kind}/linen-dress" for kind in kinds]
    page.locator("[name=urls]").fill("\n".join(urls))
    page.locator("form[action$='/widget/pages'] button").click()
    page.locator("[data-code=tag_manager]").wait_for(timeout=PATIENCE)
    page.locator("#look-again:not([disabled])").wait_for(timeout=PATIENCE)


def with_a_shopper(page: Page) -> None:
    page.locator("[name=identifier]").fill("somebody@nowhere.example")
    page.get_by_role("button").filter(has_text=re.compile("Look up|Chercher")).click()
    page.locator("[name=again]").wait_for()


def with_the_menu(page: Page) -> None:
    page.locator("details.menu summary").click()


def with_the_question(page: Page) -> None:
    page.locator("[popovertarget=confirm-example]").first.click()
    page.locator("#confirm-example").wait_for()


def with_a_program(page: Page) -> None:
    """A new one each time, with the one moment in which its secret is shown. It is told next to nothing."""
    page.locator("[name=name]").fill(f"Program {time.time_ns()}")
    page.locator("[name=kind][value=generic]").check()
    page.locator("[name=url]").fill("http://127.0.0.1:9/hook")
    for box in page.locator("[name=events]:not([value=golive_undone])").all():
        box.uncheck()
    page.locator("main form button:not([type=button])").first.click()
    page.locator("#code-secret").wait_for()
    page.wait_for_load_state()


LUMEN = "/shops/maison-demo-boutique-lumen"  # the demo's own, whose storefront the sandbox serves
PAGES = (
    View("Log in", "/accounts/login/", who="anonymous"),
    View("Log in, refused", "/accounts/login/", with_a_wrong_password, who="anonymous"),
    View("Password forgotten", "/accounts/password/reset/", who="anonymous"),
    View("Log in by a code", "/accounts/login/code/", who="anonymous"),
    View("Your shops", "/"),
    View("Your menu", "/", with_the_menu),
    View("People", "/companies/{company}/people"),
    View("People, asking", "/companies/{company}/people", with_a_person_to_remove),
    View("Add a shop", "/shops/new"),
    View("Add a shop, with mistakes", "/shops/new", with_mistakes),
    View("Shop at the beginning", "/shops/{empty}/"),
    View("Shop that is connected", "/shops/{complete}/"),
    View("What happened to a shop", "/shops/{complete}/history"),
    View("Platform", "/shops/{fresh}/platform"),
    View("Platform, with mistakes", "/shops/{fresh}/platform", with_mistakes),
    View("Hand-off links", "/shops/{empty}/hand-offs"),
    View("Hand-off links, a new one", "/shops/{empty}/hand-offs", with_a_link),
    View("Credentials", "/shops/{empty}/access"),
    View("Credentials of a WSHOP", "/shops/{wshop}/access"),
    View("Access of another shop", "/shops/{empty}/access/share"),
    View("Credentials, with mistakes", "/shops/{empty}/access", with_a_wrong_address),
    View("Credentials that are kept", "/shops/{complete}/access"),
    View("Check", "/shops/{complete}/check"),
    View("Check with a problem", "/shops/{refused}/check"),
    View("Pull, not started", "/shops/{refused}/pull"),
    View("Pull", "/shops/{complete}/pull"),
    View("Data", "/shops/{complete}/data"),
    View("Products", "/shops/{complete}/configuration"),
    View("Products, with mistakes", "/shops/{complete}/configuration", with_mistakes),
    View("Products, what will happen", "/shops/{complete}/configuration", with_another_colour),
    View("Dimensions", "/shops/{complete}/configuration/dimensions"),
    View("Dimensions, without a file", "/shops/{complete}/configuration/dimensions", with_mistakes),
    View("Button, not chosen", "/shops/{complete}/widget"),
    View("Button, choosing", "/shops/{complete}/widget/settings"),
    View("Button, choosing with mistakes", "/shops/{complete}/widget/settings", with_mistakes),
    View("Button, snippet", f"{LUMEN}/widget/install?way=html"),
    View("Button, Magento module", f"{LUMEN}/widget/install?way=magento"),
    View("Button, tag manager", f"{LUMEN}/widget/install?way=gtm"),
    View("Button, WSHOP", f"{LUMEN}/widget/install?way=wshop"),
    View("Button, pages", f"{LUMEN}/widget"),
    View("Button, pages looked at", f"{LUMEN}/widget", with_a_look),
    View("Files, none owed", "/shops/{complete}/files"),
    View("Files", "/shops/{files}/files"),
    View("File with a mistake", "/shops/{files}/files", with_a_mistaken_file),
    View("Kleep's SFTP server, a wrong key", "/shops/{files}/files/sftp", with_a_private_key),
    View("Kleep's SFTP server, a new pair", "/shops/{files}/files/sftp", with_a_new_pair),
    View("File, with wrong rows", "/shops/{complete}/configuration/dimensions", with_a_wrong_file),
    View("Guide to a file", "/shops/{complete}/files/guide/returns"),
    View("Kleep's SFTP server", "/shops/{complete}/files/sftp"),
    View("Your own server", "/shops/{complete}/files/server"),
    View("Readiness", "/shops/{complete}/readiness"),
    View("Validate", "/shops/{complete}/validate"),
    View("Go live", "/shops/{complete}/live"),
    View("Columns of the datasets", "/datasets"),
    View("Two-factor log-in", "/accounts/2fa/"),
    View("Where you are logged in", "/accounts/sessions/"),
    View("Change the password", "/accounts/password/change/"),
    View("Log out", "/accounts/logout/"),
    View("Console, a stuck shop", "/console/shops/{refused}", who="staff"),
    View("Console, what happened", "/console/shops/{complete}/history", who="staff"),
    View("Console, days to read again", "/console/shops/{complete}/pulls/range", who="staff"),
    View("Console, newest pulls", "/console/shops/{complete}/plots", who="staff"),
    View("Erase a shop", "/console/shops/{complete}/erase", who="staff"),
    View("Erase a company", "/console/companies/{company}/erase", who="staff"),
    View("Erase a shopper", "/console/companies/{company}/shoppers", who="staff"),
    View(
        "Erase a shopper, counted",
        "/console/companies/{company}/shoppers",
        with_a_shopper,
        who="staff",
    ),
    View("Erasures", "/console/erasures", who="staff"),
    View("Add a company", "/console/companies/new", who="staff"),
    View("Go live, for staff", "/console/shops/{complete}/golive", who="staff"),
    View("Pipeline", "/console/", who="staff"),
    View("Pipeline, filtered", "/console/?party=merchant", who="staff"),
    View("Shop, for staff", "/console/shops/{complete}", who="staff"),
    View("Figures", "/console/figures", who="staff"),
    View("Notifications", "/console/notifications", who="staff"),
    View("A new chat or program", "/console/notifications/webhooks/new", who="staff"),
    View(
        "A new chat or program, with mistakes",
        "/console/notifications/webhooks/new",
        with_mistakes,
        who="staff",
    ),
    View(
        "A program, with its secret",
        "/console/notifications/webhooks/new",
        with_a_program,
        who="staff",
    ),
    View("What was sent", "/console/notifications/log", who="staff"),
    View("Components", "/console/components", who="staff"),
    View("Components, asking", "/console/components", with_the_question, who="staff"),
)


def walk(
    browser: Browser,
    portal: Portal,
    shops: Shops,
    *,
    views: tuple[View, ...] = PAGES,
    **options: object,
) -> Iterator[tuple[View, Page]]:
    """Each page in its state, in a browser profile with those options, as the person it is for.

    Raises AssertionError where the console of the browser complained of a page.
    """
    names = asdict(shops)
    for who, group in groupby(views, key=lambda view: view.who):
        context, page, complaints = new_page(browser, **options)
        if who != "anonymous":
            log_in(page, portal, who)
        for view in group:
            page.goto(f"{portal.url}{view.path.format(**names)}")
            if view.act:
                view.act(page)
                page.wait_for_load_state()
                until_still(page)  # what was acted on may be on its way into view
            yield view, page
            assert complaints == [], view.name
        context.close()

"""The whole of the mission in one go: invited, connected, pulled, checked, signed, approved, live, undone."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end import axe
from tests.end_to_end.journey import (
    PATIENCE,
    connect,
    follow,
    log_in,
    looked_at,
    new_page,
    pasted,
    signed,
)
from tests.portal import Portal
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

EMAIL, PASSWORD = "camille@atelier.example", "a long pass phrase of her own"


def invited(staff: Page, portal: Portal) -> str:
    """Kleep adds the company; the address in the e-mail to its owner."""
    staff.goto(f"{portal.url}/console/companies/new")
    staff.locator("[name=name]").fill("Atelier Camille")
    staff.locator("[name=email]").fill(EMAIL)
    staff.locator("[name=owner]").fill("Camille Durand")
    staff.locator("main form button[type=submit]").first.click()
    expect(staff.locator(".messages")).to_contain_text("Atelier Camille was added")
    wait_until(lambda: mail_to(portal, "invites you"), seconds=60, what="the invitation")
    found = re.search(r"http://\S+/invitation/\S+", mail_to(portal, "invites you"))
    assert found
    return found[0]


def mail_to(portal: Portal, words: str) -> str:
    """The newest e-mail to the owner in which these words are."""
    for mail in reversed(portal.mails()):
        body = mail.get_body(("plain",))
        text = str(body.get_content()) if body else ""
        if mail["To"] == EMAIL and words in text:
            return text
    return ""


def accepted(owner: Page, link: str) -> None:
    owner.goto(link)
    owner.locator("[name=name]").fill("Camille Durand")
    owner.locator("[name=password]").fill(PASSWORD)
    owner.get_by_role("button", name="Create the account").click()
    owner.wait_for_url(lambda url: "/invitation" not in url)


def test_from_the_invitation_to_live_and_back(portal: Portal, browser: Browser) -> None:
    storefront = json.loads((portal.var / "sandbox" / "storefront.json").read_text())["url"]
    _staffs, staff, complaints = new_page(browser)
    log_in(staff, portal, "staff")
    _owners, owner, more_complaints = new_page(browser)

    accepted(owner, invited(staff, portal))
    slug = connect(owner, portal, "Camille Paris", "read")
    owner.goto(f"{portal.url}/shops/{slug}/pull")
    owner.locator("#pull-progress .note-good").wait_for(timeout=PATIENCE)

    # A page where something lies over the button, then the one with the shop's own snippet.
    right = pasted(owner, portal, slug, storefront)
    covered = f"{storefront}/products/covered/wool-coat"
    looked_at(owner, portal, slug, "validate", [covered])
    line = owner.locator("#line-button")
    expect(line.locator(".status")).to_have_text("To mend")
    expect(line).to_contain_text("Something lies over the button: div.promo.")
    expect(owner.locator("#line-cors .status")).to_have_text("Right")
    looked_at(owner, portal, slug, "validate", [right])
    expect(owner.locator("#looks .note-good")).to_contain_text("everything as it should be")

    # Nobody but the merchant confirms, nobody but Kleep approves, and not the same person.
    console = f"{portal.url}/console/shops/{slug}/golive"
    staff.goto(console)
    expect(staff.get_by_role("button", name="Approve")).to_have_count(0)
    signed(owner)
    owner.get_by_role("button", name="Sign it all and send it to Kleep").click()
    expect(owner.locator(".messages")).to_contain_text("It is Kleep's turn now")

    # Kleep sends one line back, with a reason.
    staff.goto(console)
    staff.locator("[name=line_privacy]").fill("Your notice does not name Kleep yet.")
    staff.locator("form[action$='/send-back'] button").click()
    expect(staff.locator(".messages")).to_contain_text("Sent back")
    owner.goto(f"{portal.url}/shops/{slug}/validate")
    expect(owner.locator("#line-privacy")).to_contain_text("Your notice does not name Kleep yet.")
    follow(owner, owner.locator("#line-privacy button"))
    owner.get_by_role("button", name="Sign it all and send it to Kleep").click()
    expect(owner.locator(".messages")).to_contain_text("It is Kleep's turn now")

    staff.goto(console)
    for key in ("data", "tuned"):
        follow(staff, staff.locator(f"#line-{key} button"))
    assert axe.faults(staff) == []
    staff.get_by_role("button", name="Approve").first.click()
    staff.locator("dialog:popover-open button", has_text="Approve").click()
    expect(staff.locator(".messages")).to_contain_text("Approved.")
    wait_until(lambda: mail_to(portal, "has approved"), seconds=60, what="the e-mail")

    # Production is verified by the same look, and the shop is live.
    owner.goto(f"{portal.url}/shops/{slug}/live")
    looked_at(owner, portal, slug, "live", [right])
    wait_until(lambda: mail_to(portal, "is live"), seconds=60, what="the e-mail")
    owner.goto(f"{portal.url}/shops/{slug}/live")
    expect(owner.locator("h1")).to_have_text("You are live")
    assert axe.faults(owner) == []
    owner.get_by_role("link", name="The certificate").click()
    expect(owner.locator(".certificate")).to_contain_text("Camille Durand")
    for width in (390, 1280):
        owner.set_viewport_size({"width": width, "height": 900})
        assert axe.faults(owner) == []
    _printed(owner)

    # And undone in one action.
    staff.goto(console)
    staff.locator("[name=reason]").last.fill("The catalogue was the wrong one.")
    staff.locator("form[action$='/undo'] button").click()
    expect(staff.locator(".messages")).to_contain_text("Undone.")
    owner.goto(f"{portal.url}/shops/{slug}/live")
    expect(owner.locator("main")).to_contain_text("The catalogue was the wrong one.")
    expect(owner.locator("main")).to_contain_text("How to remove the button")

    staff.wait_for_load_state()
    assert _timeline(staff) == [
        "The shop was added",
        "The platform was chosen",
        "New credentials were tested and saved",
        "A check was started",
        "The settings of the button were changed",
        "The product pages to look at were changed",
        "The product pages were looked at",
        "The product pages to look at were changed",
        "The product pages were looked at",
        *["A line of the checklist was signed"] * 3,
        "The merchant confirmed the checklist",
        "Kleep sent the checklist back",
        "A line of the checklist was signed",
        "The merchant confirmed the checklist",
        *["A line of the checklist was signed"] * 2,
        "Kleep approved the go-live",
        "The product pages to look at were changed",
        "The product pages were looked at",
        "Production was verified: the shop is live",
        "The go-live was undone",
    ]
    assert (complaints, more_complaints) == ([], [])


def _printed(owner: Page) -> None:
    """The certificate as a PDF, as soon as it is printed."""
    button = owner.get_by_role("link", name="As PDF")

    def is_there() -> bool:
        owner.reload()
        return button.count() == 1

    wait_until(is_there, seconds=60, what="the printed certificate")
    with owner.expect_download() as download:
        button.click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def _timeline(staff: Page) -> list[str]:
    """What happened, the oldest first; how often a pull was started by itself is not of interest here."""
    said = [text.partition("\n")[0] for text in staff.locator(".timeline-what").all_inner_texts()]
    return [title for title in reversed(said) if "pull" not in title]

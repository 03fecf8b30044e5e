"""People in Chromium: an invitation, log-ins by code and passkey, staff's second factor, a task handed on."""

import json
import os
import re
import subprocess
import sys
from email.message import EmailMessage

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.axe import faults
from tests.end_to_end.journey import (
    PATIENCE,
    add_shop,
    follow,
    integration,
    log_in,
    new_page,
    paste,
)
from tests.portal import Portal, totp
from tests.processes import ROOT, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.once]

PASSWORD = "a long enough password"
MAIL_SECONDS = 90.0


def mail_to(portal: Portal, address: str, subject: str) -> str:
    """The text of the newest e-mail to that address with that in its subject, as soon as it was sent."""

    def found() -> list[EmailMessage]:
        return [m for m in portal.mails() if m["To"] == address and subject in str(m["Subject"])]

    wait_until(found, seconds=MAIL_SECONDS, what=f"an e-mail to {address}")
    text = found()[-1].get_body(("plain",))
    assert text is not None
    return str(text.get_content())


def link(text: str) -> str:
    addresses = re.findall(r"http://\S+", text)
    assert len(addresses) == 1
    return str(addresses[0])


def links_of(page: Page) -> set[str]:
    """Where the page leads to, beside what is on every page for everybody."""
    found = page.eval_on_selector_all("a[href]", "links => links.map(a => a.getAttribute('href'))")
    return {address for address in found if not address.startswith(("#", "http"))} - {"/"}


def test_an_invited_owner_comes_from_the_mail_to_their_shop(
    portal: Portal, browser: Browser
) -> None:
    context, staff, complaints = new_page(browser)
    log_in(staff, portal, "staff")
    staff.locator("details.menu summary").click()
    staff.get_by_role("link", name="Invite a company").click()
    staff.get_by_label("Company").fill("Galerie Nord")
    staff.get_by_label("First shop").fill("Galerie Nord France")
    staff.get_by_label("E-mail address of the first owner").fill("ada@galerie.example")
    staff.get_by_label("Their name").fill("Ada Blanc")
    staff.get_by_label("Language of the e-mail").select_option("en")
    staff.get_by_role("button", name="Add and invite").click()
    expect(staff.get_by_text("the invitation is on its way to ada@galerie.example")).to_be_visible()
    context.close()

    invitation = link(mail_to(portal, "ada@galerie.example", "your invitation"))
    context, page, more = new_page(browser, viewport={"width": 390, "height": 844})
    page.goto(invitation)
    assert page.url == f"{portal.url}/invitation"
    expect(page.get_by_role("heading", name="You are invited to Galerie Nord")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Ada Blanc")
    assert faults(page) == []
    page.get_by_label("Choose a password").fill("short")
    page.get_by_role("button", name="Create the account").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url(f"{portal.url}/shops/galerie-nord-galerie-nord-france/")
    expect(page.get_by_text("You belong to Galerie Nord now.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    context.close()

    context, page, _complaints = new_page(browser)
    page.goto(invitation)
    expect(page.get_by_role("heading", name="This invitation was accepted already")).to_be_visible()
    context.close()
    assert complaints == more == []


def test_a_code_by_mail_logs_in(portal: Portal, page: Page) -> None:
    email, _password = portal.account("merchant")
    page.goto(portal.url)
    page.get_by_role("link", name="Send me a code by e-mail").click()
    page.locator("[name=email]").fill(email)
    assert faults(page) == []
    page.locator("main button[type=submit]").first.click()
    page.locator("[name=code]").wait_for()
    code = re.search(
        r"^[A-Z0-9-]{6,}$", mail_to(portal, email, "Your code for Kleep"), re.MULTILINE
    )
    assert code
    assert faults(page) == []
    page.locator("[name=code]").fill(code[0])
    page.locator("main form:has([name=code]) button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Your shops")).to_be_visible()


def new_staff(portal: Portal, email: str) -> None:
    """Somebody of Kleep's staff with a password alone, made by the command that makes the first one."""
    service = psutil.Process(portal.pid("web"))
    env = {**service.environ(), "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    subprocess.run(
        [sys.executable, "manage.py", "createsuperuser", "--no-input", "--email", email],
        cwd=ROOT,
        env={**os.environ, **env},
        check=True,
        capture_output=True,
        timeout=60,
    )


def test_new_staff_set_up_an_app_before_they_see_anything(portal: Portal, page: Page) -> None:
    new_staff(portal, "new@kleep.example")
    page.goto(portal.url)
    page.locator("[name=login]").fill("new@kleep.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.get_by_text("Kleep's staff log in with a second factor")).to_be_visible()
    page.goto(f"{portal.url}/admin/")
    assert page.url == f"{portal.url}/accounts/2fa/"
    assert faults(page) == []
    page.get_by_role("link", name="Set up the app").click()
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    secret = page.locator("#authenticator_secret").input_value()
    assert faults(page) == []
    page.locator("[name=code]").fill(totp(secret))
    page.locator("main button[type=submit]").first.click()
    expect(page.locator("#recovery_codes")).to_be_visible()
    page.goto(f"{portal.url}/admin/")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert page.url == f"{portal.url}/admin/"


def test_a_passkey_logs_in(portal: Portal, page: Page) -> None:
    """With the browser's own virtual authenticator. Passkeys need a name: localhost, not its number."""
    url = portal.url.replace("127.0.0.1", "localhost")
    email, password = portal.account("merchant")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.goto(url)
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    follow(page, page.locator("main button[type=submit]"))
    page.goto(f"{url}/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.locator("[name=password]").fill(password)
    page.locator("main button[type=submit]").first.click()
    page.locator("[name=passwordless]").check()
    assert faults(page) == []
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator("#recovery_codes")).to_be_visible()

    page.goto(f"{url}/accounts/logout/")
    follow(page, page.locator("main button[type=submit]"))
    page.goto(f"{url}/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your shops")).to_be_visible()
    _remove_passkey(page, url, password)


def _remove_passkey(page: Page, url: str, password: str) -> None:
    """The other tests log in with the password alone."""
    page.goto(f"{url}/accounts/2fa/webauthn/")
    follow(page, page.locator("main a[href$='/remove/']"))
    if page.locator("[name=password]").count():
        page.locator("[name=password]").fill(password)
        page.locator("main button[type=submit]").first.click()
    remove = page.locator("main form:not([action$='/reauthenticate/']) button[type=submit]")
    follow(page, remove.first)
    page.goto(f"{url}/accounts/2fa/")
    expect(page.get_by_role("link", name="Add a passkey")).to_be_visible()


def test_a_developer_does_the_task_they_were_handed_and_nothing_else(
    portal: Portal, browser: Browser
) -> None:
    owners, owner, complaints = new_page(browser)
    log_in(owner, portal)
    slug = add_shop(owner, portal, "Agence")
    owner.goto(f"{portal.url}/shops/{slug}/access")
    owner.get_by_role("link", name="Hand this task to somebody else").click()
    owner.get_by_label("Their e-mail address").fill("dev@agence.example")
    owner.get_by_label("Who it is").fill("Agence Nord")
    owner.get_by_label("Language of the e-mail").select_option("en")
    assert faults(owner) == []
    owner.get_by_role("button", name="Send the link").click()
    expect(owner.get_by_text("not opened yet")).to_be_visible()

    handed = link(mail_to(portal, "dev@agence.example", "a task for you"))
    agency, page, more = new_page(browser)
    page.goto(handed)
    assert faults(page) == []
    follow(page, page.get_by_role("button", name="Open the task"))
    assert page.url == f"{portal.url}/shops/{slug}/access"
    expect(page.get_by_text("You were handed one task")).to_be_visible()
    assert links_of(page) <= {f"/shops/{slug}/access", f"/shops/{slug}/platform"}
    assert faults(page) == []
    paste(page, json.dumps(integration(portal)))
    page.get_by_role("button", name="Test and save").click()
    page.wait_for_url(f"**/shops/{slug}/check")
    page.locator(".check-summary.note-good, .check-summary.note-warn").wait_for(timeout=PATIENCE)
    assert links_of(page) <= {f"/shops/{slug}/access", f"/shops/{slug}/check"}
    for path in ("", "pull", "data", "hand-offs", "configuration", "readiness"):
        page.goto(f"{portal.url}/shops/{slug}/{path}")
        assert page.url.startswith(f"{portal.url}/accounts/login/"), path

    owner.goto(f"{portal.url}/shops/{slug}/")
    expect(owner.get_by_text("Agence Nord").first).to_be_visible()
    owner.goto(f"{portal.url}/shops/{slug}/hand-offs")
    owner.get_by_role("button", name="Withdraw").click()
    expect(owner.get_by_text("opens nothing any more")).to_be_visible()
    page.goto(f"{portal.url}/shops/{slug}/access")
    expect(page.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    owners.close()
    agency.close()
    assert complaints == []
    assert [text for text in more if "410" not in text] == []  # the browser names the refusal

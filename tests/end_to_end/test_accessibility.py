"""Every page for everybody: axe and what axe does not see of WCAG 2.2 AA, in both themes, wide and narrow."""

import gzip
import uuid
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Literal

import pytest
from django.contrib.staticfiles import finders
from django.urls import resolve
from playwright.sync_api import Browser, Page, ViewportSize

from tests.end_to_end import axe
from tests.end_to_end.journey import Shops, new_page, prepare
from tests.end_to_end.pages import PAGES, walk
from tests.onboarding.rules import every_rule
from tests.onboarding.test_access import OURS
from tests.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.once]

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 900}
Faults = Callable[[Page], list[str]]
# It ends as it began: the next page is opened wide and light.
LOOKS: tuple[tuple[ViewportSize, Literal["light", "dark"], Faults], ...] = (
    (NARROW, "light", axe.faults),
    (WIDE, "dark", axe.faults_of_colour),
    (WIDE, "light", axe.faults),
    (WIDE, "light", axe.faults_of_focus),
)
# What stands in the addresses of the list for slugs and the id.
WORDS = {**{field.name: "a-shop" for field in fields(Shops)}, "company": str(uuid.UUID(int=0))}
# What is opened by GET and is no page to look at, and why.
NOT_A_PAGE = {
    "check_lines": "part of a page",
    "pull_progress": "part of a page",
    "readiness_json": "a document",
    "dimensions_template": "a download",
    "certificate": "is there once a shop is live",
    "certificate_pdf": "a download",
    "looks": "part of a page",
    "look": "is there once a page was looked at",
    "look_picture": "a picture",
    "file": "seen after a file was sent",
    "file_example": "a download",
    "file_report": "a download",
    "file_state": "part of a page",
    "file_server_lines": "part of a page",
    "widget_found": "part of a page",
    "widget_module": "a download",
    "widget_tag": "a download",
    "erasure": "test_console.py, after something was erased",
    "erasure_progress": "part of a page",
    "erasure_report": "a download",
    "webhook": "seen after one was added",
    "healthz": "a document",
    "readyz": "a document",
    "metrics": "a document",
    "invitation": "leads on",
    "favicon": "leads on",
    "hand_off_open": "test_people.py, with the link of an e-mail",
    "invitation_accept": "is there after an invitation was opened",
}
# allauth's, of which those that people meet are in the list; and what other programs ask.
NOT_OURS = ("account_", "accounts/", "mfa_", "usersessions", "api:")


@pytest.fixture(scope="module")
def shops(portal: Portal, browser: Browser) -> Shops:
    return prepare(browser, portal)


@pytest.mark.timeout(900)
def test_every_page_is_accessible(portal: Portal, browser: Browser, shops: Shops) -> None:
    """Each is opened once and turned round: nothing of it may depend on how it was first drawn."""
    found: list[str] = []
    seen = 0
    # Colours change at once: axe would measure what lies between them.
    for view, page in walk(browser, portal, shops, viewport=WIDE, reduced_motion="reduce"):
        for viewport, scheme, faults in LOOKS:
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)
            seen += 1
            where = f"{view.name}, {viewport['width']}, {scheme}"
            found += [f"{where}: {fault}" for fault in faults(page)]
    assert seen == len(PAGES) * len(LOOKS)
    assert "\n".join(found) == ""


def test_at_night_nothing_but_colours_changes() -> None:
    """Which is why dark pages are asked for faults of colour alone."""
    lines = Path(str(finders.find("css/brand-dark.css"))).read_text().splitlines()
    named = [line.strip().partition(":")[0] for line in lines if line.endswith(";")]
    assert [name for name in named if not name.startswith("--")] == ["color-scheme"]
    assert len(named) > 20


def test_axe_sees_a_fault(portal: Portal, browser: Browser) -> None:
    """That nothing is found on our pages means something."""
    context, page, _complaints = new_page(browser)
    page.goto(f"{portal.url}/accounts/login/")
    field = page.locator("[name=login]")
    field.evaluate("input => { input.labels[0].remove(); input.placeholder = ''; }")
    assert [fault.split(":")[0] for fault in axe.faults(page)] == ["label"]
    assert axe.faults_of_colour(page) == axe.faults_of_focus(page) == []
    field.evaluate("input => { input.style.cssText = 'outline: none; box-shadow: none'; }")
    assert [fault.split(":")[0] for fault in axe.faults_of_focus(page)] == ["focus is not shown"]
    page.locator("h1").evaluate("title => { title.style.color = '#f2f2f0'; }")
    found = [fault.split(":")[0] for fault in axe.faults_of_colour(page)]
    assert found == ["color-contrast"]
    context.close()


def test_each_page_of_the_list_has_a_name_of_its_own() -> None:
    names = [view.name for view in PAGES]
    assert sorted(set(names)) == sorted(names)


def test_every_page_of_ours_is_in_the_list() -> None:
    """A page that has a rule of access, is opened by GET and is in no list of exceptions."""
    pages = {
        name
        for name, rule in every_rule().items()
        if rule.method == "get" and name in OURS and not name.startswith(NOT_OURS)
    }
    shown = {resolve(view.path.format(**WORDS).partition("?")[0]).url_name for view in PAGES}
    assert pages - shown - set(NOT_A_PAGE) == set()
    assert set(NOT_A_PAGE) - pages == set()


def test_the_first_page_is_light(portal: Portal, browser: Browser) -> None:
    """What a first visit transfers, compressed as a production server sends it, in bytes."""
    context, page, _complaints = new_page(browser)
    bodies: list[bytes] = []
    page.on("response", lambda response: bodies.append(response.body()))
    page.goto(f"{portal.url}/accounts/login/", wait_until="networkidle")
    context.close()
    assert len(bodies) >= 8
    assert sum(min(len(gzip.compress(body)), len(body)) for body in bodies) < 150_000

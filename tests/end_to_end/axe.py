"""What a machine can see of WCAG 2.2 AA on an open page: by axe-core, and what axe does not look at."""

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
FAULTS = Path(__file__).with_name("accessibility.js").read_text(encoding="utf-8")
FOCUS = Path(__file__).with_name("focus.js").read_text(encoding="utf-8")
COLOURS = {
    **OPTIONS,
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}


STILL = """async () => {
  for (let before = -1, looks = 0; before !== scrollY && looks < 50; looks += 1) {
    before = scrollY;
    await new Promise(done => setTimeout(done, 100));
  }
}"""


def until_still(page: Page) -> None:
    """Wait while the page scrolls."""
    page.evaluate(STILL)


def faults(page: Page) -> list[str]:
    """One sentence each. For a page of pages.py test_accessibility.py asks; a page that is only there late in
    a test is asked by that test."""
    return _violations(page, OPTIONS) + list(page.evaluate(FAULTS))


def faults_of_colour(page: Page) -> list[str]:
    """Those that other colours can bring about."""
    return _violations(page, COLOURS) + list(page.evaluate(FAULTS))


def faults_of_focus(page: Page) -> list[str]:
    """It leaves the focus at the page's end."""
    page.keyboard.press("Tab")
    return list(page.evaluate(FOCUS))


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    page.wait_for_load_state()  # what is still to come belongs to the page, too
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options)", options)
    if found["violations"]:  # of a page that moved meanwhile axe has measured two states
        until_still(page)
        found = page.evaluate("options => axe.run(options)", options)
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]

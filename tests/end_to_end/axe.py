"""What a machine can see of WCAG 2.2 AA on an open page: by axe-core, and what axe does not look at."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
FAULTS = Path(__file__).with_name("accessibility.js").read_text(encoding="utf-8")
AXE = Axe()


def faults(page: Page) -> list[str]:
    """One sentence each. For a page of pages.py test_accessibility.py asks; a page that is only there late in
    a test is asked by that test."""
    found = AXE.run(page, options=OPTIONS).response
    assert found["testEngine"]["name"] == "axe-core"
    violations = [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    return violations + list(page.evaluate(FAULTS))

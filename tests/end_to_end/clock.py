"""From the invitation to a green check, with the clock running: `python -m tests.end_to_end.clock`.

Starts a portal of its own and walks through it as an owner who has Kleep's printed guide at hand: reads every
word of every page at the pace of an adult, types at the pace of one who seldom types, waits for what a page
waits for. Prints each step with its seconds. What is done in Magento itself is not in it: the sandbox has no
administration, its four values are there as the window shows them.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests import browsers
from tests.end_to_end.journey import checked, integration, new_page, paste, popup
from tests.end_to_end.test_first_phase import PASSWORD, invited
from tests.portal import environment, launched

WORDS_PER_SECOND = 240 / 60
PER_CHARACTER = 300  # milliseconds: forty words of five letters a minute


def _read(page: Page) -> None:
    """The page from its first word to its last, its guide too."""
    words = len(page.locator("main").inner_text().split())
    time.sleep(words / WORDS_PER_SECOND)


def _type(page: Page, name: str, text: str) -> None:
    page.locator(f"[name={name}]").press_sequentially(text, delay=PER_CHARACTER)


def _account(page: Page, link: str) -> None:
    page.goto(link)
    _read(page)
    _type(page, "name", "Camille Martin")
    _type(page, "password", PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/shops/*/")


def _platform(page: Page) -> None:
    _read(page)
    page.get_by_role("link", name="Choose the platform").click()
    _read(page)
    page.get_by_role("radio", name="Magento / Adobe Commerce").check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/access")


def _access(page: Page, config: dict[str, str]) -> None:
    _read(page)
    paste(page, popup(config))
    _type(page, "url", config["url"])
    page.get_by_role("button", name="Test and save").click()
    page.wait_for_url("**/check")


def _check(page: Page) -> None:
    checked(page)


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="kleep-clock-") as temporary,
        launched(environment(Path(temporary) / "var", embedded=True)) as portal,
        browsers.running() as browser,
    ):
        link = invited(portal, browser, "Maison Chrono", "owner@maison-chrono.example")
        _context, page, _complaints = new_page(browser)
        config = integration(portal)
        steps: list[tuple[str, Callable[[], None]]] = [
            ("make the account", lambda: _account(page, link)),
            ("say what the shop runs on", lambda: _platform(page)),
            ("read the guide, paste, test and save", lambda: _access(page, config)),
            ("the check is green", lambda: _check(page)),
        ]
        begun = time.monotonic()
        for name, step in steps:
            before = time.monotonic()
            step()
            sys.stdout.write(f"{time.monotonic() - before:6.1f} s  {name}\n")
        sys.stdout.write(f"{time.monotonic() - begun:6.1f} s  in all\n")


if __name__ == "__main__":
    main()

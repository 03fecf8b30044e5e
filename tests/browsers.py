"""The browser that walks through our own pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.parts import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@contextmanager
def running() -> Iterator["Browser"]:
    """A browser without a window. Fails where there is none: a skipped browser test proves nothing."""
    from playwright.sync_api import sync_playwright

    program = CHROMIUM.program
    if program is None:
        pytest.fail(f"Chromium is not installed (Debian: apt install {CHROMIUM.package})")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, in which Django would refuse its database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=program, args=["--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()

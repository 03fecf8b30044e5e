"""The screens on which a page is looked at, each in a browser profile of its own."""

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error

from onboarding.browser.observations import DESKTOP, MOBILE, Job

SCREENS: dict[str, dict[str, Any]] = {
    DESKTOP: {"viewport": {"width": 1280, "height": 900}},
    MOBILE: {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        # Not Playwright's is_mobile: on a page that is wider than the screen it shrinks the page as a
        # telephone does, and clicks beside what it means to click.
        "has_touch": True,
        "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/130.0.0.0 Mobile Safari/537.36",
    },
}


def profile(browser: Browser, job: Job, screen: str) -> BrowserContext:
    """A profile of its own: no cookies, no permissions, no downloads, no service workers."""
    parts = urlsplit(job.url)
    log_in: Any = None
    if job.user:
        origin = f"{parts.scheme}://{parts.netloc}"
        log_in = {"username": job.user, "password": job.password, "origin": origin}
    return browser.new_context(
        **SCREENS[screen],
        locale=job.language,
        service_workers="block",
        accept_downloads=False,
        permissions=[],
        http_credentials=log_in,
    )


def failure(error: Error) -> str:
    """A short name for what Playwright says; its own text holds the whole address."""
    text = str(error.message)
    if found := re.search(r"net::(ERR_[A-Z_]+)", text):
        return found[1]
    if "Timeout" in text:
        return "timeout"
    if "crash" in text.lower():
        return "crashed"
    return "download" if "Download is starting" in text else "failed"

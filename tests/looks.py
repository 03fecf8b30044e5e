"""The machine's look at a page of the simulated storefront, in real Chromium, without a database."""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from onboarding.browser import running, verdicts
from onboarding.browser.lines import Line, Status
from onboarding.browser.observations import Job, Observed
from onboarding.widget import consent
from tests.storefront import Site

MEGABYTE = 2**20


def job(site: Site, url: str, **other: Any) -> Job:
    """As the portal gives it to the browser for that site."""
    kleep = site.kleep
    hosts = tuple(urlsplit(origin).netloc for origin in kleep.origins)
    ports = {urlsplit(one).port or 0 for one in (site.url, *kleep.origins)}
    tools = {str(tool.label): tool.accept for tool in consent.TOOLS.values() if tool.accept}
    usual: dict[str, Any] = {
        "url": url,
        "button_id": kleep.button_id,
        "hosts": hosts,
        "drawer_host": urlsplit(kleep.drawer_url).netloc,
        "retailer": site.settings.retailer_uuid,
        "accept_buttons": {"own": site.settings.consent_button, **tools},
        "program": running.program(),
        "sandboxed": False,  # the tests may be root
        "patience": 15.0,
        "opening": 60.0,
        "max_bytes": 60 * MEGABYTE,
        "max_requests": 2_000,
        "allow_loopback": True,
        "ports": tuple(ports),
    }
    return Job(**{**usual, **other})


def found(observed: Observed, asked: Job) -> dict[str, list[str]]:
    """What is said of each line that is not as it should be: item -> codes."""
    return {
        str(line.item): [finding.code for finding in line.findings]
        for line in lines(observed, asked)
        if line.status in (Status.FAILED, Status.WARNING)
    }


def lines(observed: Observed, asked: Job) -> list[Line]:
    """The lines as they come out of the database."""
    stored = msgspec.json.encode(verdicts.lines(observed, asked))
    return msgspec.json.decode(stored, type=list[Line])

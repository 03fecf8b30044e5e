"""The process in which the browser is driven: a job on stdin, pictures and what was seen into a folder.

It runs apart from the worker, with none of the portal's settings, keys or database: what a hostile page
breaks is broken here. Started by running.py, which also ends it.
"""

import hashlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings

from onboarding.browser.observations import DESKTOP, Job, Observed, View

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from onboarding.browser.driver import Keep
    from onboarding.browser.proxy import Guard

RESULT = "observed.json"
# A browser that asks nobody but the proxy, opens no window and keeps to itself.
SWITCHES = [
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-gpu",
    "--dns-prefetch-disable",
    "--no-pings",
    "--js-flags=--max-old-space-size=512",
]


def main(folder: Path) -> None:
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    # The address check reads one setting; nothing else of the portal is known here.
    settings.configure(ALLOW_PRIVATE_ADDRESSES=job.allow_loopback, USE_I18N=False)
    _browse(job, folder)


def _browse(job: Job, folder: Path) -> None:
    from playwright.sync_api import Error, sync_playwright

    from onboarding.browser import proxy  # needs the setting

    guard = proxy.Guard(
        max_bytes=job.max_bytes,
        max_requests=job.max_requests,
        ports=job.ports,
    )
    observed, began = Observed(), time.monotonic()

    def keep() -> None:
        observed.refusals, observed.stopped = list(guard.refusals), guard.stopped
        observed.bytes, observed.requests = guard.bytes, guard.requests
        observed.seconds = time.monotonic() - began
        draft = folder / f"{RESULT}.draft"
        draft.write_bytes(msgspec.json.encode(observed))
        draft.replace(folder / RESULT)

    with proxy.serving(guard) as address, sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=job.program,
                chromium_sandbox=job.sandboxed,
                proxy={"server": address},
                args=SWITCHES,
                downloads_path=folder,
                timeout=30_000,
            )
        except Error as error:
            observed.error = error.message[:2_000]
            keep()
            return
        observed.browser = browser.version
        _views(browser, job, guard, observed=observed, folder=folder, keep=keep)
        keep()
        browser.close()


def _views(
    browser: "Browser",
    job: Job,
    guard: "Guard",
    *,
    observed: Observed,
    folder: Path,
    keep: "Keep",
) -> None:
    from onboarding.browser.driver import Visit

    for name in job.screens:
        if guard.stopped:
            return
        view = View(name=name)
        observed.views.append(view)
        visit = Visit(browser, job, guard, view=view, folder=folder, keep=keep)
        visit.look()
        if name == DESKTOP:
            observed.policy = visit.policy
            observed.snippet = hashlib.sha256("\0".join(visit.snippets).encode()).hexdigest()
            if job.is_timed and view.loads_script and not guard.stopped:
                observed.timing = visit.time_the_page()
        visit.close()


if __name__ == "__main__":
    os.nice(5)  # pulls and pages come first
    main(Path(sys.argv[1]))

"""The rules of each line: functions from what was seen to reasons. No reason means: as it should be."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from onboarding.browser.lines import Status
from onboarding.browser.observations import Button, Drawer, Job, Observed, View, Violation
from onboarding.widget import csp

SMALLEST = 24  # CSS pixels: WCAG 2.2, target size
UNREADABLE, READABLE = 3.0, 4.5  # contrast of text, WCAG 2.2
DRAWER_SMALLEST = 200
MUCH_ADDED_MS, LATE_MS = 1_000, 3_000
CORS = re.compile(
    r"Access to (?P<what>\S+) at '(?P<url>[^']+)'.* from origin '(?P<origin>[^']+)' has been blocked by"
    r" CORS policy: (?P<reason>.*)",
    re.DOTALL,
)
# What the browser's reason means: the header that is missing or wrong.
HEADERS = (
    ("access-control-allow-headers", "Access-Control-Allow-Headers"),
    ("access-control-allow-methods", "Access-Control-Allow-Methods"),
    ("access-control-allow-credentials", "Access-Control-Allow-Credentials"),
)
# Status, code, what fills its sentence.
Found = tuple[Status, str, dict[str, Any]]


def passed() -> Found:
    return Status.PASSED, "", {}


def skipped(cause: str) -> Found:
    return Status.NOT_TESTED, f"after_{cause}", {}


def _fails(code: str, **params: Any) -> Found:
    return Status.FAILED, code, params


def failed(found: list[Found]) -> bool:
    return any(status in (Status.FAILED, Status.NOT_TESTED) for status, _code, _params in found)


def page(view: View, observed: Observed, job: Job) -> Iterator[Found]:
    host = urlsplit(job.url).netloc
    own = {host, f"{host}:443", f"{host}:80"}
    refused = [one.code for one in observed.refusals if one.host in own]
    private = [one.host for one in observed.refusals if one.code == "private_address"]
    if view.crashed:
        yield _fails("page_crashed")
    elif view.failure and view.status is None and refused:
        yield _fails("page_refused", error=refused[0], host=host)
    elif private and (view.failure or view.status is None or not view.final_url.startswith("http")):
        yield _fails("page_private", host=private[0])
    elif view.failure == "timeout":
        yield _fails("page_timeout")
    elif view.failure.startswith("ERR_CERT"):
        yield _fails("page_certificate", reason=view.failure)
    elif view.status == 401 or view.failure == "ERR_INVALID_AUTH_CREDENTIALS":
        yield _fails("page_password")
    elif view.status is not None and view.status >= 400:
        yield _fails("page_status", status=view.status)
    elif view.failure == "download":
        yield _fails("page_download")
    elif view.failure and urlsplit(view.final_url).netloc not in ("", host):
        yield _fails("page_moved", where=urlsplit(view.final_url).netloc)
    elif view.failure and view.final_url and not view.final_url.startswith("http"):
        yield _fails("page_moved", where=view.final_url)
    elif view.failure:
        yield _fails("page_failed", reason=view.failure)


def consent(view: View) -> Iterator[Found]:
    if view.requests_before:
        hosts = sorted({urlsplit(url).netloc for url in view.requests_before})
        yield _fails("consent_requests", hosts=", ".join(hosts))
    elif view.storage_before:
        yield _fails("consent_storage", names=", ".join(view.storage_before[:5]))


def policies(view: View, observed: Observed, job: Job) -> Iterator[Found]:
    for one in view.violations:
        if not one.is_ours or one.report_only:
            continue
        if not one.blocked:
            yield _fails("policy_inline", directive=csp.plain(one.directive))
            continue
        line = f"{_line_to_write(one, observed, job)};"
        yield _fails("policy_blocks", host=urlsplit(one.blocked).netloc, line=line)


def _line_to_write(one: Violation, observed: Observed, job: Job) -> str:
    """Of the policy that blocks it: a header's; of one in a meta tag only the directive is known."""
    parts = urlsplit(one.blocked)
    blocking = (
        policy
        for policy in csp.parse(observed.policy)
        if not csp.allows(policy, one.directive, one.blocked, page=job.url)
    )
    policy = next(blocking, csp.Policy({}))
    return csp.line_with(policy, one.directive, f"{parts.scheme}://{parts.netloc}")


def script(view: View, job: Job) -> Iterator[Found]:
    missing = [one for one in view.failed if one.kind == "script" and _ours(one.url, job)]
    if missing and view.button is None:
        yield _fails("script_missing", url=missing[0].url, reason=missing[0].reason)
    for fault in view.faults:
        if any(_ours(url, job) for url in fault.urls) or re.search(r"\bkleep\b", fault.text, re.I):
            yield _fails("script_error", text=fault.text[:200])
            return


def cors(view: View, job: Job) -> Iterator[Found]:
    seen = set()
    for said in view.console:
        found = CORS.search(said.text)
        if found is None or not _ours(found["url"], job):
            continue
        reason, host = found["reason"].lower(), urlsplit(found["url"]).netloc
        header = next((name for word, name in HEADERS if word in reason), None)
        header = header or "Access-Control-Allow-Origin"
        if (host, header) not in seen:
            seen.add((host, header))
            yield _fails("cors", host=host, header=header, origin=found["origin"])


def button(view: View, cause: str) -> Iterator[Found]:
    if view.button is None:
        if cause:
            yield skipped(cause)
        elif view.loads_script:
            yield _fails("button_missing")
        else:
            yield _fails("button_not_loaded" if view.consent else "button_no_consent")
        return
    yield from _rendered(view.button)


def _rendered(button: Button) -> Iterator[Found]:
    if button.hidden_by == "hidden":
        yield _fails("button_switched_off")
    elif button.hidden_by:
        yield _fails("button_hidden", by=button.hidden_by)
    elif min(button.width, button.height) < SMALLEST:
        yield _fails(
            "button_small", width=round(button.width), height=round(button.height), least=SMALLEST
        )
    elif not button.is_within_view:
        yield _fails("button_outside")
    elif button.covered_share >= 0.5:
        yield _fails("button_covered", by=button.covered_by)
    elif button.contrast is not None and button.contrast < READABLE:
        status = Status.FAILED if button.contrast < UNREADABLE else Status.WARNING
        yield status, "button_contrast", {"ratio": f"{button.contrast:.1f}"}


def drawer(view: View, job: Job, cause: str, *, button_is_fine: bool) -> Iterator[Found]:
    drawer = view.drawer
    if drawer is None or not (button_is_fine or drawer.opened):
        yield skipped(cause or "button")
    elif cause and (drawer.failure or not drawer.opened):
        yield skipped(cause)
    elif drawer.failure == "click":
        yield _fails("drawer_click")
    elif not drawer.opened:
        yield _fails("drawer_left") if drawer.left_page else _fails("drawer_closed")
    else:
        yield from _loaded(drawer, job)


def _loaded(drawer: Drawer, job: Job) -> Iterator[Found]:
    if drawer.status is not None and drawer.status >= 400:
        yield _fails("drawer_status", host=job.drawer_host, status=drawer.status)
    elif drawer.failure == "refused":
        yield _fails("drawer_refused", host=job.drawer_host)
    elif drawer.failure:
        yield _fails("drawer_failed", host=job.drawer_host, reason=drawer.failure)
    elif min(drawer.width, drawer.height) < DRAWER_SMALLEST:
        yield _fails("drawer_small", width=round(drawer.width), height=round(drawer.height))
    elif job.retailer and drawer.domain != job.retailer:
        yield _fails("drawer_other_shop", given=drawer.domain)


def variant(view: View, *, drawer_is_fine: bool) -> Iterator[Found]:
    drawer, choice = view.drawer, view.choice
    if drawer is None or not drawer_is_fine:
        yield skipped("drawer")
    elif not drawer.product:
        yield _fails("variant_no_product")
    elif choice is None or not choice.found:
        yield Status.WARNING, "variant_unseen", {}
    elif not drawer.variant:
        yield _fails("variant_missing")


def both(observed: Observed) -> Iterator[Found]:
    """Another size was chosen on each screen: the drawer must have been told of two."""
    seen = [
        (view.choice.value, view.drawer.variant)
        for view in observed.views
        if view.choice and view.choice.options > 1 and view.drawer and view.drawer.variant
    ]
    if len(seen) == 2 and seen[0][0] != seen[1][0] and seen[0][1] == seen[1][1]:
        yield _fails("variant_same")


def late(observed: Observed) -> Iterator[Found]:
    """Said once, of the slower screen."""
    slowest = max((view.button.after_ms or 0 for view in observed.views if view.button), default=0)
    if slowest > LATE_MS:
        yield Status.WARNING, "speed_late", {"seconds": f"{slowest / 1000:.1f}"}


def added(observed: Observed) -> Iterator[Found]:
    added = observed.timing.added
    if added is not None and added > MUCH_ADDED_MS:
        yield Status.WARNING, "speed_added", {"seconds": f"{added / 1000:.1f}"}
    elif added is not None:
        yield passed()


def _ours(url: str, job: Job) -> bool:
    try:
        return urlsplit(url).netloc.lower() in job.hosts
    except ValueError:
        return False

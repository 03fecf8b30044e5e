"""Writes down what a page does while the driver looks at it: console, failures, exceptions, violations."""

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, ConsoleMessage, Dialog, Error, Page, Request, Response

from onboarding.browser.observations import Failed, Fault, Job, Said, View, Violation
from onboarding.browser.proxy import Guard

MOST_LINES, LONGEST = 100, 500
MOST_INLINE = 10  # pieces of inline code whose owner is looked up
URL = re.compile(r"https?://[^\s)'\"<>]+")
INLINE = {"kInlineViolation", "kEvalViolation"}


def without_query(url: str) -> str:
    """An address without what may tell a person's doings."""
    return url.partition("?")[0].partition("#")[0][:300]


def is_ours(url: str, job: Job) -> bool:
    """Whether an address is one of Kleep's hosts."""
    try:
        return urlsplit(url).netloc.lower() in job.hosts
    except ValueError:
        return False


class Recorder:
    """Listens to one page from before its first request. What it keeps is bounded, whatever the page does."""

    def __init__(self, page: Page, view: View, job: Job, guard: Guard) -> None:
        self._view, self._job, self._guard = view, job, guard
        self._inline: list[dict[str, Any]] = []
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.on("Audits.issueAdded", self._issue)
        self._session.send("Audits.enable")
        page.on("console", self._console)
        page.on("pageerror", self._fault)
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        page.on("download", lambda _download: self._add(downloads=1))
        page.on("dialog", self._dialog)
        page.on("crash", lambda _page: setattr(view, "crashed", True))
        self.is_on = True
        self.asked: list[str] = []  # of Kleep's hosts, in order

    def _add(self, *, downloads: int = 0, dialogs: int = 0) -> None:
        self._view.downloads += downloads
        self._view.dialogs += dialogs

    def _dialog(self, dialog: Dialog) -> None:
        self._add(dialogs=1)
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        self._guard.count(requests=1)
        if is_ours(request.url, self._job) and len(self.asked) < MOST_LINES:
            self.asked.append(without_query(request.url))

    def _failed(self, request: Request) -> None:
        self._keep_failed(request, request.failure or "failed")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._keep_failed(response.request, f"HTTP {response.status}")

    def _keep_failed(self, request: Request, reason: str) -> None:
        kept = self._view.failed
        if self.is_on and len(kept) < MOST_LINES:
            url = without_query(request.url)
            kept.append(Failed(url=url, reason=reason[:100], kind=request.resource_type))

    def _console(self, said: ConsoleMessage) -> None:
        kept = self._view.console
        if self.is_on and said.type in ("error", "warning") and len(kept) < MOST_LINES:
            url = without_query(str(said.location.get("url", "")))
            text = URL.sub(lambda found: without_query(found[0]), said.text)[:LONGEST]
            kept.append(Said(level=said.type, text=text, url=url))

    def _fault(self, error: Error) -> None:
        kept = self._view.faults
        if self.is_on and len(kept) < MOST_LINES:
            urls = dict.fromkeys(map(without_query, URL.findall(error.stack or "")))
            kept.append(Fault(text=error.message[:LONGEST], urls=tuple(urls)[:20]))

    def _issue(self, event: dict[str, Any]) -> None:
        issue = event["issue"]
        details = issue["details"].get("contentSecurityPolicyIssueDetails")
        if not details or not self.is_on or len(self._view.violations) >= MOST_LINES:
            return
        if details["contentSecurityPolicyViolationType"] in INLINE and not details.get(
            "blockedURL"
        ):
            if len(self._inline) < MOST_INLINE:
                self._inline.append(details)
            return
        blocked = str(details.get("blockedURL", ""))
        self._keep_violation(details, blocked, ours=is_ours(blocked, self._job))

    def _keep_violation(self, details: dict[str, Any], blocked: str, *, ours: bool) -> None:
        violation = Violation(
            directive=str(details["violatedDirective"])[:60],
            blocked=without_query(blocked),
            is_ours=ours,
            report_only=bool(details.get("isReportOnly")),
        )
        if violation not in self._view.violations:
            self._view.violations.append(violation)

    def look_up_inline(self) -> None:
        """Inline code that a policy stopped is ours where it names Kleep. A listener may not ask."""
        pieces, self._inline = self._inline, []
        for details in pieces:
            code = ""
            try:
                if node := details.get("violatingNodeId"):
                    found = self._session.send("DOM.getOuterHTML", {"backendNodeId": node})
                    code = str(found["outerHTML"])
            except Error:
                code = ""
            self._keep_violation(details, "", ours="kleep" in code.lower())

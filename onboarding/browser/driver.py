"""Looks at a product page as a visitor would: before consent, the button, the click, the drawer.

No request is intercepted: interception makes Playwright answer CORS preflights itself, which hides the very
errors that are looked for. What may be reached is decided in proxy.py.
"""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, Error, Locator, Page, Response

from onboarding.browser import consent, drawer
from onboarding.browser.observations import DESKTOP, Button, Choice, Job, Timing, View
from onboarding.browser.proxy import Guard
from onboarding.browser.recorder import Recorder, without_query
from onboarding.browser.screens import failure, profile

HERE = Path(__file__).parent
MEASURE = (HERE / "measure.js").read_text(encoding="utf-8")
CHOOSE = (HERE / "choose.js").read_text(encoding="utf-8")
CHOSEN = "[data-kleep-chosen]"
STORED = """prefix => [
    ...Object.keys(localStorage).map(key => ['localStorage', key]),
    ...Object.keys(sessionStorage).map(key => ['sessionStorage', key]),
    ...document.cookie.split('; ').map(part => ['cookie', part.split('=')[0]]),
  ].filter(([, key]) => key.toLowerCase().startsWith(prefix)).map(([where, key]) => `${where}: ${key}`)"""
SNIPPETS = """() => [...document.scripts]
    .filter(one => !one.src && /kleep/i.test(one.text)).map(one => one.text)"""
LOADED = """() => { const [entry] = performance.getEntriesByType('navigation');
    return entry && entry.loadEventEnd ? Math.round(entry.loadEventEnd) : null }"""
# What a page does at once takes a machine that is busy with pulls seconds: no reason to blame the page.
LOAD_MS, ACTION_MS = 10_000, 10_000
PICTURE_MS = 5_000
# After the load event, what a page does before anybody has agreed to anything.
SETTLE_MS = 1_000
# A page that has not asked for Kleep by then will not; a button that is hidden so long stays hidden.
QUIET_SECONDS, HIDDEN_SECONDS = 3.0, 1.5
MOST_POPUPS = 10  # windows that a page may open; each is closed at once
JPEG_QUALITY = 70

Keep = Callable[[], None]  # writes down what is known so far


class Visit:
    """One view of the page, step by step. Each step leaves what it saw in `view`."""

    def __init__(
        self, browser: Browser, job: Job, guard: Guard, *, view: View, folder: Path, keep: Keep
    ) -> None:
        self._job, self._guard, self._folder, self._keep = job, guard, folder, keep
        self.view = view
        self._context = profile(browser, job, view.name)
        self._context.set_default_timeout(ACTION_MS)
        self._page = self._context.new_page()
        self._context.on("page", self._close_popup)
        self._recorder = Recorder(self._page, view, job, guard)
        self.policy = ""
        self.snippets: list[str] = []

    def close(self) -> None:
        self._context.close()

    def look(self) -> None:
        """All steps in order; what fails ends the visit and is named."""
        try:
            if not self._open():
                return
            self._before_consent()
            self._accept()
            button = self._find_button()
            if button is not None:
                self._choose()
                self._measure(button)
                self._click(button)
            self._recorder.look_up_inline()
        except Error as error:
            self.view.failure = self.view.failure or failure(error)
            self.view.final_url = without_query(self._page.url)  # a page may leave by itself
        finally:
            self.view.loads_script = bool(self._recorder.asked)
            self._stage("done")

    def _stage(self, name: str) -> None:
        self.view.stage = name
        self._keep()

    def _close_popup(self, page: Page) -> None:
        self.view.popups += 1
        page.close()
        if self.view.popups > MOST_POPUPS:
            self._guard.stop("windows")
            self._page.close()

    def _picture(self, name: str) -> None:
        file = f"{self.view.name}-{name}.jpg"
        try:
            self._page.screenshot(
                path=self._folder / file,
                type="jpeg",
                quality=JPEG_QUALITY,
                scale="css",
                timeout=PICTURE_MS,
            )
        except Error:  # a page too busy to be drawn: the rest is still worth knowing
            return
        self.view.pictures.append(file)

    def _open(self) -> bool:
        self._stage("opening")
        try:
            answer = self._page.goto(
                self._job.url, wait_until="domcontentloaded", timeout=self._job.opening * 1000
            )
            self._answered(answer)
        except Error as error:
            self.view.failure = failure(error)
            return False
        try:
            self._page.wait_for_load_state("load", timeout=LOAD_MS)
        except Error:
            self.view.load_ms = (
                None  # a page whose last picture never comes may still have a button
            )
        else:
            self.view.load_ms = self._page.evaluate(LOADED)
        return self.view.status is not None and self.view.status < 400

    def _answered(self, answer: Response | None) -> None:
        self.view.final_url = without_query(self._page.url)
        self.view.title = self._page.title()[:120]
        if answer is not None:
            self.view.status = answer.status
            self.policy = answer.headers.get("content-security-policy", "")[:4_000]

    def _before_consent(self) -> None:
        self._stage("consent")
        self._page.wait_for_timeout(SETTLE_MS)
        self.view.final_url = without_query(self._page.url)  # it may have gone elsewhere by itself
        self.view.requests_before = list(dict.fromkeys(self._recorder.asked))
        self.view.storage_before = self._page.evaluate(STORED, self._job.storage_prefix)[:20]
        self.snippets = [str(text)[:20_000] for text in self._page.evaluate(SNIPPETS)[:20]]
        self._picture("before")

    def _accept(self) -> None:
        self.view.consent = consent.accept(
            self._page, self._job.accept_buttons, seconds=self._job.patience
        )
        self._accepted_at = time.monotonic()

    def _find_button(self) -> Locator | None:
        self._stage("button")
        found = self._page.locator(f'[id="{self._job.button_id}"]')
        shown = found.filter(visible=True)
        self._wait_for_button(found, shown)
        count = found.count()
        if count == 0:
            self._picture("button")
            return None
        after = round((time.monotonic() - self._accepted_at) * 1000)
        self.view.button = Button(count=count, is_rendered=False, after_ms=after)
        return shown.first if shown.count() else found.first

    def _wait_for_button(self, found: Locator, shown: Locator) -> None:
        """As long as there is hope: something of Kleep's is on its way, or a hidden button may yet show."""
        began, hidden_since = time.monotonic(), None
        while (waited := time.monotonic() - began) < self._job.patience:
            if shown.count():
                return
            if found.count():
                hidden_since = hidden_since or waited
                if waited - hidden_since > HIDDEN_SECONDS:
                    return
            elif waited > QUIET_SECONDS and not self._is_on_its_way():
                return
            self._page.wait_for_timeout(100)

    def _is_on_its_way(self) -> bool:
        """Kleep's script was asked for, and has neither failed nor been stopped."""
        asked = set(self._recorder.asked)
        return bool(asked) and not any(failed.url in asked for failed in self.view.failed)

    def _choose(self) -> None:
        """A size, another one on each screen, so that two drawers can be compared."""
        turn = 0 if self.view.name == DESKTOP else 1
        found = self._page.evaluate(CHOOSE, turn)
        if found is None:
            self.view.choice = Choice(found=False)
            return
        chosen = self._page.locator(CHOSEN).first
        try:
            if found["kind"] == "select":
                chosen.select_option(found["value"])
            else:
                chosen.click()
        except Error:
            self.view.choice = Choice(found=False)
            return
        self.view.choice = Choice(
            found=True, value=str(found["value"])[:100], options=found["options"]
        )
        self._page.wait_for_timeout(200)  # the shop's own script reacts to the choice

    def _measure(self, button: Locator) -> None:
        seen = button.evaluate(MEASURE)
        known = self.view.button
        assert known is not None  # noqa: S101  # found a step before
        rendered = not seen["hidden_by"] and seen["width"] > 0 and seen["height"] > 0
        self.view.button = msgspec.convert(
            {**seen, "count": known.count, "after_ms": known.after_ms, "is_rendered": rendered},
            Button,
        )
        self._picture("button")

    def _click(self, button: Locator) -> None:
        if self.view.button is None or not self.view.button.is_rendered:
            return
        self._stage("drawer")
        self.view.drawer = drawer.open_with(button, self._page, self._job)
        self._picture("drawer")

    def time_the_page(self) -> Timing:
        """The same page twice more, with consent remembered: with Kleep's hosts, then without them."""
        self._stage("timing")
        self._recorder.is_on = False
        with_widget = self._reload()
        self._guard.block(self._job.hosts)
        without_widget = self._reload()
        self._guard.block(())
        self._stage("done")
        return Timing(with_widget=with_widget, without_widget=without_widget)

    def _reload(self) -> int | None:
        try:
            self._page.goto(self._job.url, wait_until="load", timeout=LOAD_MS)
            self._page.wait_for_timeout(50)  # the event's own end is noted after it
            found = self._page.evaluate(LOADED)
        except Error:
            return None
        return int(found) if found is not None else None

"""Presses the button and looks at what it opens."""

import time
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import ElementHandle, Error, Frame, Locator, Page, Response

from onboarding.browser.observations import Drawer, Job
from onboarding.browser.recorder import without_query
from onboarding.browser.screens import failure

CLICK_MS = 5_000
LEAST = 200  # CSS pixels: a smaller iframe is not the drawer that a visitor sees
SLIDES_IN = 10  # looks, a tenth of a second apart


def open_with(button: Locator, page: Page, job: Job) -> Drawer:
    """The drawer after a click on the button, as far as one came."""
    statuses: dict[str, int] = {}
    page.on("response", lambda answer: _note(statuses, answer))
    before, began = page.url, time.monotonic()
    try:
        button.click(timeout=CLICK_MS)
    except Error:
        return Drawer(opened=False, failure="click")
    frame = _wait(page, job)
    if frame is None:
        return Drawer(opened=False, left_page=without_query(page.url) if page.url != before else "")
    return _opened(frame, page, job, statuses=statuses, began=began)


def _note(statuses: dict[str, int], answer: Response) -> None:
    if answer.request.resource_type == "document" and len(statuses) < 100:
        statuses[without_query(answer.url)] = answer.status


def _wait(page: Page, job: Job) -> Frame | None:
    end = time.monotonic() + job.patience
    while time.monotonic() < end:
        for frame in page.frames[1:]:
            if _source(frame, job):
                return frame
        page.wait_for_timeout(100)
    return None


def _source(frame: Frame, job: Job) -> str:
    """The address that the shop's page gave the iframe, where it is the drawer's."""
    try:
        source = str(frame.frame_element().evaluate("element => element.src || ''"))
    except Error:  # an iframe that went away
        return ""
    return source if urlsplit(source).netloc.lower() == job.drawer_host else ""


def _opened(
    frame: Frame, page: Page, job: Job, *, statuses: dict[str, int], began: float
) -> Drawer:
    source, element, failed = _source(frame, job), frame.frame_element(), ""
    try:
        frame.wait_for_load_state("load", timeout=job.patience * 1000)
    except Error as error:
        failed = failure(error)
    after = round((time.monotonic() - began) * 1000)
    width, height = _size(element, page)
    query = parse_qs(urlsplit(source).query)
    return Drawer(
        opened=True,
        status=statuses.get(without_query(source)),
        # Chromium shows a page of its own in a frame that may not be shown or did not answer.
        failure=failed or ("refused" if frame.url.startswith("chrome-error:") else ""),
        width=width,
        height=height,
        product=query.get(job.product_argument, [""])[0][:100],
        variant=query.get(job.variant_argument, [""])[0][:100],
        domain=query.get(job.retailer_argument, [""])[0][:200],
        after_ms=after,
    )


def _size(element: ElementHandle, page: Page) -> tuple[float, float]:
    """Once it is as large as a drawer, or after a while as it is; nothing where it is not shown."""
    box = None
    for _look in range(SLIDES_IN):
        box = element.bounding_box() if element.is_visible() else None
        if box and min(box["width"], box["height"]) >= LEAST:
            break
        page.wait_for_timeout(100)
    return (box["width"], box["height"]) if box else (0, 0)

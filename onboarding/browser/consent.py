"""Accepts in a shop's consent tool like a visitor, to see what loads before and after.

The tools that a snippet knows come with the job. More of them are in the table here; one that is in neither
is looked for by the words on its button.
"""

import time

from playwright.sync_api import Error, Locator, Page

# Tool -> its "accept all" button; open shadow roots are looked into.
MORE: dict[str, str] = {
    "TrustCommander": "#popin_tc_privacy_button_2, #footer_tc_privacy_button_2",
    "Quantcast Choice": ".qc-cmp2-summary-buttons button[mode=primary]",
    "TrustArc": "#truste-consent-button",
    "iubenda": ".iubenda-cs-accept-btn",
    "CookieYes": ".cky-btn-accept",
    "Complianz": ".cmplz-btn.cmplz-accept",
    "Cookie Script": "#cookiescript_accept",
    "Osano": ".osano-cm-accept-all",
    "Klaro": ".klaro .cm-btn-accept-all, .klaro .cm-btn-success",
    "Shopify": "#shopify-pc__banner__btn-accept",
    "Magento": "#btn-cookie-allow",
}
# Words of the usual languages, for a button inside something that calls itself a cookie or consent box.
BOXES = "[id*=cookie i], [class*=cookie i], [id*=consent i], [class*=consent i], [role=dialog]"
WORDS = (
    "accept all", "accept", "allow all", "i agree", "tout accepter", "accepter", "j'accepte",
    "j’accepte", "alle akzeptieren", "akzeptieren", "aceptar todo", "aceptar", "accetta tutti",
    "accetta", "alles accepteren", "accepteren", "acceptera alla", "aceitar tudo",
)  # fmt: skip
OTHER = "other"
CLICK_MS = 5_000
PATIENCE = 4.0  # seconds for a tool to show itself


def accept(page: Page, buttons: dict[str, str], *, seconds: float) -> str:
    """Press the accept button; the tool's name, or blank where none is shown in that time: many come late."""
    end = time.monotonic() + min(seconds, PATIENCE)
    while True:
        for name, selector in {**buttons, **MORE}.items():
            if _press(page, selector):
                return name
        if _press_by_words(page):
            return OTHER
        if time.monotonic() > end:
            return ""
        page.wait_for_timeout(200)


def _press(page: Page, selector: str) -> bool:
    try:
        button = page.locator(selector).filter(visible=True).first
        if button.count() == 0:
            return False
        _click(button)
    except Error:
        return False
    return True


def _click(button: Locator) -> None:
    """With the pointer, or by script where it cannot be reached: the tool itself is not what is looked at."""
    try:
        button.click(timeout=CLICK_MS)
    except Error:
        button.dispatch_event("click", timeout=CLICK_MS)


def _press_by_words(page: Page) -> bool:
    try:
        buttons = page.locator(BOXES).locator("button, [role=button], a").filter(visible=True)
        said = [text.strip().lower() for text in buttons.all_inner_texts()]
        for word in WORDS:
            if word in said:
                _click(buttons.nth(said.index(word)))
                return True
    except Error:
        return False
    return False

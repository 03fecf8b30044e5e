"""The way to a connected shop and a button that is looked at, with the keyboard alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.end_to_end.journey import PATIENCE, RETAILER, integration, popup
from tests.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.once]

FARTHEST = 150  # presses of Tab from the top of a page
# The focus shows, and nothing lies over it: not the header, not the end of the window.
SHOWN = """element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const above = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
  const marked = element.closest('.choice, .file-drop, label') ?? element;
  const marks = [style, getComputedStyle(marked)];
  return marks.some(one => one.outlineStyle !== 'none' || one.boxShadow !== 'none')
    && (above === element || element.contains(above) || marked.contains(above));
}"""


def go_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, and see that one can tell."""
    expect(wanted).to_be_visible()
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            # Once the page has scrolled there.
            page.wait_for_function(SHOWN, arg=wanted.element_handle())
            return
    raise AssertionError(f"not reached: {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    go_to(page, wanted)
    page.keyboard.press(key)


def fill(page: Page, name: str, text: str) -> None:
    go_to(page, page.locator(f"main [name={name}]"))
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_a_shop_is_connected_with_the_keyboard_alone(portal: Portal, page: Page) -> None:
    email, password = portal.account("merchant")
    page.goto(portal.url)
    fill(page, "login", email)
    fill(page, "password", password)
    page.keyboard.press("Enter")

    press(page, page.get_by_role("link", name="Add a shop"))
    page.wait_for_url("**/shops/new")
    fill(page, "name", "Sans souris")
    page.keyboard.press("Enter")
    page.wait_for_url("**/platform")
    # One Tab for the group, arrows within it.
    press(page, page.locator("[name=platform]").first, "Space")
    wanted = page.locator("[name=platform][value=magento]")
    for _ in range(page.locator("[name=platform]").count()):
        if wanted.is_checked():
            break
        page.keyboard.press("ArrowDown")
    expect(wanted).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url("**/access")

    config = integration(portal)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", popup(config))
    press(page, page.locator("[name=paste]"), "Control+V")
    expect(page.locator("[name=access_token_secret]")).not_to_have_value("")
    fill(page, "url", config["url"])
    press(page, page.get_by_role("button", name="Test and save"))
    page.wait_for_url("**/check")
    page.locator("#check-lines:not([hx-get])").wait_for(timeout=PATIENCE)
    # One line is tested again: the page comes back at that line, where the keyboard goes on.
    press(page, page.locator("#again-orders"))
    page.wait_for_url("**/check#line-orders")
    page.locator("#check-lines:not([hx-get])").wait_for(timeout=PATIENCE)
    page.keyboard.press("Tab")
    expect(page.locator("#again-orders")).to_be_focused()


def test_the_button_is_chosen_and_looked_at_with_the_keyboard_alone(
    portal: Portal, page: Page
) -> None:
    email, password = portal.account("merchant")
    page.goto(f"{portal.url}/shops/new")
    fill(page, "login", email)
    fill(page, "password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/shops/new")
    fill(page, "name", "Sans souris non plus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/platform")
    slug = page.url.split("/")[-2]

    page.goto(f"{portal.url}/shops/{slug}/widget/settings")
    fill(page, "retailer_uuid", RETAILER)
    press(page, page.get_by_role("button", name="Save and go on"))
    page.wait_for_url("**/widget/install**")
    # Code that scrolls can be scrolled, and copied.
    go_to(page, page.locator("pre:has(#code-snippet)"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, page.locator("[data-copy=code-snippet]"))
    expect(page.locator("[data-copy=code-snippet]")).to_contain_text("Copied")
    assert RETAILER in page.evaluate("navigator.clipboard.readText()")
    press(page, page.get_by_role("link", name="It is on the page: look at it"))
    page.wait_for_url("**/widget**")
    fill(page, "urls", "http://127.0.0.1:9/nothing-here")
    press(page, page.get_by_role("button", name="Save and look"))
    # Nobody answers there: the page says so beside its address.
    expect(page.locator("main")).to_contain_text("127.0.0.1:9", timeout=PATIENCE)

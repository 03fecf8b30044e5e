"""A manager adds a program, tests it, and the workers tell it what happens in a shop, signed."""

import pytest
from playwright.sync_api import Browser, expect

from tests.end_to_end.axe import faults
from tests.end_to_end.journey import add_shop, log_in, new_page
from tests.onboarding.receiver import receiving
from tests.portal import Portal
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_a_program_is_added_tested_and_told_by_the_workers(
    portal: Portal, browser: Browser
) -> None:
    staff, page, complaints = new_page(browser)
    log_in(page, portal, "staff")
    with receiving() as receiver:
        page.goto(f"{portal.url}/console/")
        page.get_by_role("link", name="Notifications").click()
        page.get_by_role("link", name="Add one").click()
        page.get_by_label("Name").fill("Ticket system")
        page.get_by_label("A program: a signed JSON document").check()
        page.get_by_label("Address").fill(f"{receiver.url}/tickets/3f9a2b7c8d1e4f60")
        page.get_by_role("button", name="Save").click()
        secret = page.locator("#code-secret").inner_text()
        assert faults(page) == []

        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("It arrived: HTTP 200")).to_be_visible()
        assert receiver.posts[0].document["event"] == "test"
        assert "3f9a2b7c8d1e4f60" not in page.content()
        assert secret not in page.content()

        merchants, theirs, more = new_page(browser)
        log_in(theirs, portal)
        slug = add_shop(theirs, portal, "Maison Nouvelle")
        wait_until(lambda: len(receiver.posts) > 1, seconds=60, what="the post of a worker")
        told = receiver.posts[1]
        assert (told.document["event"], told.document["shop"]["slug"]) == ("shop_created", slug)
        assert [post.is_signed_with(secret) for post in receiver.posts] == [True, True]

        line = page.locator(".line", has_text="to Ticket system").first

        def is_written_down() -> bool:  # a moment after it has arrived
            page.goto(f"{portal.url}/console/notifications/log?state=sent")
            return line.filter(has_text="The shop was added").count() == 1

        wait_until(is_written_down, seconds=60, what="what was sent")
        expect(line).to_contain_text("The shop was added")
        expect(line).to_contain_text("HTTP 200")
        assert faults(page) == []
        page.goto(f"{portal.url}/console/notifications")
        page.locator(".line", has_text="Ticket system").get_by_role("link", name="Change").click()
        page.get_by_role("button", name="Remove").first.click()
        page.locator("#confirm-remove").get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Ticket system was removed.")).to_be_visible()
    merchants.close()
    staff.close()
    assert complaints + more == []

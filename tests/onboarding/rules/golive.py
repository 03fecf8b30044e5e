"""Check and go live: the merchant's pages and Kleep's."""

from onboarding.models import PageRun, Shop
from tests.onboarding.conftest import World
from tests.onboarding.rules.rule import (
    ABSENT,
    MOVED,
    Rule,
    shop_change,
    shop_page,
    staff_change,
    staff_page,
)

PRODUCTION = {"site": "golive"}


def _run(world: World) -> int:
    return PageRun.objects.get_or_create(
        shop=world.shop, environment=Shop.Environment.PREPROD, url="https://shop.example/dress"
    )[0].pk


RULES: dict[str, Rule] = {
    "validate": shop_page(),
    "golive": shop_page(),
    "looks": shop_page(more=PRODUCTION),
    "look": shop_page(more={"run": _run}),
    "look_start": shop_change(ok=MOVED, more=PRODUCTION),
    "look_pages": shop_change(ok=422, more=PRODUCTION),  # nothing was filled in
    "line_sign": shop_change(ok=MOVED, data={"item": "privacy", "signed": "1"}),
    "golive_confirm": shop_change(ok=MOVED),
    # Nothing is live, no picture was taken.
    "look_picture": shop_page(ok=ABSENT, more={"picture": 1}),
    "certificate": shop_page(ok=ABSENT),
    "certificate_pdf": shop_page(ok=ABSENT),
    "console_golive": staff_page(),
    "console_sign": staff_change("manager", "approver", data={"item": "data", "signed": "1"}),
    "console_approve": staff_change("manager", "approver"),
    "console_send_back": staff_change("manager", "approver", ok=422),
    "console_undo": staff_change("manager", "approver", ok=422),
}

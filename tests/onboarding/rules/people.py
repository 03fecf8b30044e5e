"""Hand-off links: who makes them, and who opens them."""

from onboarding import links
from tests.onboarding.conftest import World
from tests.onboarding.rules.rule import MOVED, Rule, everybody, shop_change


def _link(world: World) -> int:
    return world.link("holder of access").pk


RULES: dict[str, Rule] = {
    "hand_offs": shop_change("get"),
    "hand_off_revoke": shop_change(ok=MOVED, more={"link": _link}),
    "hand_off_renew": shop_change(ok=MOVED, more={"link": _link}),
    "hand_off_open": everybody(
        ok=MOVED, more={"token": lambda world: links.token(world.link("holder of access"))}
    ),
}

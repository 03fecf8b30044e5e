"""Members, invitations and hand-off links: who manages them, and who opens them."""

from collections.abc import Mapping
from typing import Any

from onboarding import links
from onboarding.models import Invitation, Membership
from tests.onboarding.conftest import World
from tests.onboarding.rules.rule import (
    ABSENT,
    FORBIDDEN,
    MOVED,
    OK,
    Rule,
    everybody,
    members,
    shop_change,
    shop_page,
    staff_change,
)


def _link(world: World) -> int:
    return world.link("holder of access").pk


def _invitation(world: World) -> Invitation:
    return Invitation.objects.get_or_create(merchant=world.merchant, email="new@maison.example")[0]


def _merchant(world: World) -> str:
    return str(world.merchant.pk)


def _viewer(world: World) -> int:
    return Membership.objects.get(user=world.people["viewer"]).pk


def _change(*, ok: object = MOVED, data: Mapping[str, Any] | None = None, **more: Any) -> Rule:
    """access.merchant_change: the merchant's owners, and Kleep's managers."""
    refused = dict.fromkeys(("viewer", "developer", "support", "approver", "staff"), FORBIDDEN)
    answers = {**shop_page(ok=ok).answers, **refused}
    return Rule("post", answers, {"merchant": _merchant, **more}, data or {})


RULES: dict[str, Rule] = {
    "people": shop_page(more={"merchant": _merchant}),
    "people_invite": _change(
        data={"email": "x@maison.example", "role": "viewer", "language": "en"}
    ),
    "people_role": _change(member=_viewer, data={"role": "developer"}),
    "people_remove": _change(member=_viewer),
    "invitation_renew": _change(invitation=lambda world: _invitation(world).pk),
    "invitation_revoke": _change(invitation=lambda world: _invitation(world).pk),
    "invitation": everybody(
        ok=MOVED, more={"token": lambda world: links.token(_invitation(world))}
    ),
    "invitation_accept": everybody(ok=ABSENT),  # who has not opened one
    "company_choose": members("post", ok=MOVED),
    "merchant_new": staff_change("manager", method="get", ok=OK),
    "hand_offs": shop_change("get"),
    "hand_off_revoke": shop_change(ok=MOVED, more={"link": _link}),
    "hand_off_renew": shop_change(ok=MOVED, more={"link": _link}),
    "hand_off_open": Rule(  # a page with one button; who has pressed it is led on
        "get",
        {**everybody().answers, "holder of access": MOVED},
        more={"token": lambda world: links.token(world.link("holder of access"))},
    ),
}

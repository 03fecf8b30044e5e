"""Who may open which page: every address, every kind of person; a new address without a rule fails."""

import pytest
from django.test import Client
from django.urls import reverse

from connectors.models import Check, Cursor
from onboarding import urls
from onboarding.models import Event, Shop
from tests.onboarding.conftest import World

LOGIN, OK, MOVED, FORBIDDEN, ABSENT = "log-in", 200, 302, 403, 404

# Address by name: how it is asked, and what each kind of person gets: anonymous, stranger, viewer,
# member who may change, Kleep's staff.
RULES: dict[str, tuple[str, tuple[object, object, object, object, object]]] = {
    "home": ("get", (LOGIN, OK, OK, OK, OK)),
    "language": ("post", (MOVED, MOVED, MOVED, MOVED, MOVED)),
    "appearance": ("post", (MOVED, MOVED, MOVED, MOVED, MOVED)),
    "shop_new": ("get", (LOGIN, OK, FORBIDDEN, OK, OK)),
    "shop": ("get", (LOGIN, ABSENT, OK, OK, OK)),
    # The shop is connected: its platform stays, and the page leads to the access.
    "platform": ("get", (LOGIN, ABSENT, FORBIDDEN, MOVED, MOVED)),
    "access": ("get", (LOGIN, ABSENT, FORBIDDEN, OK, OK)),
    "access_hints": ("post", (LOGIN, ABSENT, FORBIDDEN, OK, OK)),
    "access_compare": ("post", (LOGIN, ABSENT, FORBIDDEN, OK, OK)),
    "check": ("get", (LOGIN, ABSENT, OK, OK, OK)),
    "check_lines": ("get", (LOGIN, ABSENT, OK, OK, OK)),
    "check_start": ("post", (LOGIN, ABSENT, FORBIDDEN, MOVED, MOVED)),
    "check_again": ("post", (LOGIN, ABSENT, FORBIDDEN, MOVED, MOVED)),
    "pull": ("get", (LOGIN, ABSENT, OK, OK, OK)),
    "pull_progress": ("get", (LOGIN, ABSENT, OK, OK, OK)),
    "pull_start": ("post", (LOGIN, ABSENT, FORBIDDEN, MOVED, MOVED)),
    "data": ("get", (LOGIN, ABSENT, OK, OK, OK)),
    "export": ("post", (LOGIN, ABSENT, OK, OK, OK)),
    "readiness": ("get", (LOGIN, ABSENT, OK, OK, OK)),
    "readiness_json": ("get", (LOGIN, ABSENT, OK, OK, OK)),
    "datasets": ("get", (LOGIN, OK, OK, OK, OK)),
}
PEOPLE = ("anonymous", "stranger", "viewer", "owner", "staff")
CASES = [
    (name, method, who, expected)
    for name, (method, answers) in RULES.items()
    for who, expected in zip(PEOPLE, answers, strict=True)
]


OF_A_SHOP = {str(p.name) for p in urls.urlpatterns if "<slug:slug>" in str(p.pattern)}


def _address(name: str, shop: Shop) -> str:
    kwargs = {"slug": shop.slug} if name in OF_A_SHOP else {}
    if name == "check_again":
        kwargs["resource"] = "orders"
    return reverse(name, kwargs=kwargs)


def _ask(client: Client, method: str, address: str) -> object:
    response = client.get(address) if method == "get" else client.post(address)
    response.close()  # a download keeps its file open until then
    if response.status_code == MOVED and response["Location"].startswith("/accounts/login/"):
        return LOGIN
    return response.status_code


def test_every_address_has_a_rule() -> None:
    assert {str(pattern.name) for pattern in urls.urlpatterns} == set(RULES)


@pytest.mark.parametrize(("name", "method", "who", "expected"), CASES)
def test_each_person_gets_what_the_rule_says(
    world: World, name: str, method: str, who: str, expected: object
) -> None:
    assert _ask(world.client(who), method, _address(name, world.shop)) == expected


@pytest.mark.parametrize("who", ["anonymous", "stranger", "viewer"])
def test_who_may_not_change_a_shop_changes_nothing(world: World, who: str) -> None:
    client, before = world.client(who), Event.objects.count()
    sealed = world.connection.sealed
    for name in RULES:
        if name not in ("language", "appearance", "export"):
            client.post(_address(name, world.shop), {"name": "X", "merchant": world.merchant.pk})
    world.connection.refresh_from_db()
    assert world.connection.sealed == sealed
    assert (Event.objects.count(), Check.objects.count(), Cursor.objects.count()) == (before, 0, 0)
    assert Shop.objects.count() == 1


@pytest.mark.parametrize("name", [name for name in RULES if RULES[name][0] == "post"])
def test_what_changes_something_is_not_done_by_a_link(world: World, name: str) -> None:
    assert world.client("owner").get(_address(name, world.shop)).status_code == 405


def test_the_list_shows_a_person_only_the_shops_of_their_merchants(world: World) -> None:
    assert b"Paris" in world.client("viewer").get("/").content
    assert b"Paris" not in world.client("stranger").get("/").content
    assert b"Paris" in world.client("staff").get("/").content


def test_a_stranger_cannot_put_a_shop_into_another_merchant(world: World) -> None:
    answer = world.client("stranger").post(
        "/shops/new", {"merchant": world.merchant.pk, "name": "Mine", "environment": "preprod"}
    )
    assert answer.status_code == 200
    assert Shop.objects.count() == 1


def test_a_page_that_updates_itself_reloads_whole_when_the_session_is_over(world: World) -> None:
    lines = reverse("check_lines", args=[world.shop.slug])
    answer = world.client("anonymous").get(lines, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""

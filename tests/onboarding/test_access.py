"""Who may open which page: every address, every kind of person; a new address without a rule fails."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from onboarding.models import Shop
from tests.onboarding.conftest import World
from tests.onboarding.rules import every_rule
from tests.onboarding.rules.rule import (
    ABSENT,
    FORBIDDEN,
    LOGIN,
    MOVED,
    PEOPLE,
    REFUSED,
)

RULES = every_rule()

pytestmark = pytest.mark.once  # who may what does not depend on the database


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the project, by its name with the namespaces; one without a name by its route."""
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from _walk(part, f"{prefix}{part.namespace}:" if part.namespace else prefix)
        else:
            yield f"{prefix}{part.name or part.pattern}", part


PATTERNS = dict(_walk(get_resolver()))
OURS = {name: pattern for name, pattern in PATTERNS.items() if not name.startswith("admin:")}


def _address(name: str, world: World) -> str:
    pattern, rule = OURS[name], RULES[name]
    if pattern.name is None:
        return f"/{pattern.pattern}".replace("<str:key>", "x")
    more = {key: value(world) if callable(value) else value for key, value in rule.more.items()}
    shop = {"slug": world.shop.slug} if "slug" in pattern.pattern.converters else {}
    return reverse(name, kwargs={**shop, **more})


def _ask(client: Client, method: str, address: str, data: Any = None) -> object:
    response = getattr(client, method)(address, data or {})
    for close in response._resource_closers:  # a download keeps its file open until then
        close()
    if response.status_code == MOVED and response["Location"].startswith("/accounts/login/"):
        return LOGIN
    return response.status_code


def _everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the sessions, and but who logged in when."""
    found = {}
    for model in apps.get_models():
        fields = [field.name for field in model._meta.concrete_fields if field.name != "last_login"]
        found[model._meta.label] = list(model._base_manager.order_by("pk").values_list(*fields))
    del found["sessions.Session"]
    return found


def test_every_address_has_a_rule_and_every_rule_an_address() -> None:
    assert set(OURS) == set(RULES)


@pytest.mark.parametrize("who", PEOPLE)
def test_a_person_gets_what_the_rules_say_and_changes_nothing_where_refused(
    world: World, who: str
) -> None:
    client = world.client(who)
    addresses = {name: _address(name, world) for name in RULES}
    before, given = _everything(), {}
    cookies = deepcopy(client.cookies)
    for name, rule in RULES.items():
        with transaction.atomic():
            given[name] = _ask(client, rule.method, addresses[name], rule.sent(world))
            is_refused = given[name] in REFUSED
            if is_refused:
                _ask(client, "post", addresses[name], _guess(world))
            # What this person may do is undone for the next address, their session included.
            transaction.set_rollback(not is_refused)
        client.cookies = deepcopy(cookies)
    assert given == {name: rule.answers[who] for name, rule in RULES.items()}
    assert _everything() == before


def _guess(world: World) -> dict[str, Any]:
    """What somebody sends who has no business here."""
    return {"name": "X", "merchant": world.merchant.pk, "email": "x@shop.example", "task": "access"}


@pytest.mark.parametrize("name", [name for name in RULES if RULES[name].method == "post"])
def test_what_changes_something_is_not_done_by_a_link(world: World, name: str) -> None:
    assert world.client("owner").get(_address(name, world)).status_code in (405, MOVED)


def _of_admin() -> Iterator[str]:
    """Every address of the admin but its log-in and log-out; of objects, the first."""
    parts = {"app_label": "onboarding", "url": "nothing", "content_type_id": "1"}
    for prefix, pattern in _admin_patterns(get_resolver("kleep_portal.urls")):
        if pattern.name in ("login", "logout"):
            continue
        route = prefix + str(pattern.pattern).strip("^$")
        route = re.sub(r"\(\?P<(\w+)>[^)]+\)", lambda part: parts[part[1]], route)
        yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: parts.get(part[1], "1"), route)


def _admin_patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for part in resolver.url_patterns:
        route = prefix + str(part.pattern)
        if isinstance(part, URLResolver) and route.startswith("admin/"):
            yield from _admin_patterns(part, route)
        elif isinstance(part, URLPattern) and route.startswith("admin/"):
            yield prefix, part


@pytest.mark.parametrize("who", ["anonymous", "holder of access", "owner"])
def test_the_administration_is_for_staff_alone(world: World, who: str) -> None:
    client, before = world.client(who), _everything()
    addresses = list(_of_admin())
    assert len(addresses) > 100
    for address in addresses:
        answer = client.post(address, _guess(world))
        assert answer.status_code == MOVED, address
        assert answer["Location"].startswith("/admin/login/?next="), address
    assert client.get("/admin/").status_code == MOVED
    assert _everything() == before


def test_staff_without_a_role_change_nothing_in_the_administration(world: World) -> None:
    client, before = world.client("staff"), _everything()
    for address in _of_admin():
        answer = client.post(address, _guess(world))
        if re.match(r"/admin/(auth|account|connectors|onboarding|mfa)/.", address):
            assert answer.status_code in (MOVED, FORBIDDEN, ABSENT), address
    assert _everything() == before


def test_the_list_shows_a_person_only_the_shops_of_their_merchants(world: World) -> None:
    assert b"Paris" in world.client("viewer").get("/").content
    assert b"Paris" not in world.client("stranger").get("/").content
    assert b"Paris" in world.client("staff").get("/").content


def test_a_stranger_cannot_put_a_shop_into_another_merchant(world: World) -> None:
    before = Shop.objects.count()
    data = {"merchant": world.merchant.pk, "name": "Mine", "environment": "preprod"}
    answer = world.client("stranger").post("/shops/new", data)
    assert answer.status_code == 200
    assert Shop.objects.count() == before


def test_a_page_that_updates_itself_reloads_whole_when_the_session_is_over(world: World) -> None:
    lines = reverse("check_lines", args=[world.shop.slug])
    answer = world.client("anonymous").get(lines, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""

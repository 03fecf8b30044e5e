"""Who may open which page of the admin and do which action: every table, every action, every role."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from connectors.models import Connection, Cursor, PullRun
from onboarding.models import Event, Membership, User
from tests import access_matrix
from tests.onboarding import filled as rows
from tests.onboarding.admin_rules import (
    EVERYBODY,
    OTHERS,
    TABLES,
    WITHOUT_SECOND_FACTOR,
    Action,
    Table,
)
from tests.onboarding.conftest import PASSWORD, SECOND_FACTOR, World
from tests.onboarding.test_access import _everything

pytestmark = pytest.mark.once  # who may what does not depend on the database

OK, MOVED, FORBIDDEN = 200, 302, 403
DJANGOS = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete"}
DJANGOS |= {"jsi18n", "view_on_site", "app_list"}
OF_A_TABLE = ("_changelist", "_add", "_history", "_delete", "_change")


def _rule(model: type[Model]) -> Table:
    return TABLES.get(model._meta.label, Table())


def _url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture(autouse=True)
def _unlogged() -> Iterator[None]:
    """Thousands of refusals, each with its traceback, take longer to write down than to give."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def ready(filled: World, settings: Any) -> World:
    """Every action has something to do: an older key, a lease that lapsed, a run that is held."""
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    rows.lapse(Cursor.objects.get())
    PullRun.objects.update(state="held", error="held", params={"now": 1, "before": 9})
    return filled


def _client(world: World, who: str) -> Client:
    role, _, alone = who.partition(" ")
    if role == "superuser":
        person = User.objects.create_superuser("superuser@kleep.example", PASSWORD)
        TOTP.activate(person, SECOND_FACTOR)
        world.people["superuser"] = person
    client = world.client(role)
    if alone:
        Authenticator.objects.filter(user=world.people[role]).delete()
    return client


def _row(model: type[Model], world: World) -> Model:
    """One that nothing but the role protects: not the last owner, not somebody who belongs to a merchant."""
    if model is User:
        return User.objects.get_or_create(email="nobody@maison.example")[0]
    if model is Membership:
        return Membership.objects.get(user=world.people["viewer"])
    if model is Connection:
        return world.connection
    found = model._default_manager.order_by("pk").first()
    assert found is not None
    return found


def test_every_table_and_every_action_has_a_rule(rf: RequestFactory, world: World) -> None:
    request = rf.get("/admin/")
    request.user = User.objects.create_superuser("superuser@kleep.example", PASSWORD)
    found = {
        model._meta.label: set(page.get_actions(request))
        for model, page in admin.site._registry.items()
    }
    assert found == {model._meta.label: set(_rule(model).actions) for model in rows.models()}
    assert set(TABLES) <= set(found)


def test_every_page_has_a_rule() -> None:
    named = {
        str(pattern.name)
        for pattern in _patterns(get_resolver("kleep_portal.urls"))
        if pattern.name
    }
    own = {name for name in named - DJANGOS if not name.endswith(OF_A_TABLE)}
    assert own == {name for name in OTHERS if not name.endswith(OF_A_TABLE)}
    assert len(named) > 5 * 40


def _patterns(resolver: Any, *, inside: bool = False) -> Iterator[Any]:
    for part in resolver.url_patterns:
        is_inside = inside or str(part.pattern).startswith("admin/")
        if hasattr(part, "url_patterns"):
            yield from _patterns(part, inside=is_inside)
        elif is_inside:
            yield part


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_person_opens_the_pages_that_the_rules_say(ready: World, who: str) -> None:
    client = _client(ready, who)
    given, wanted = {}, {}
    for model in rows.models():
        name, rule, row = model._meta.label, _rule(model), _row(model, ready)
        pages = {
            "list": (_url(model, "changelist"), rule.read),
            "row": (_url(model, "change", row.pk), rule.read),
            "history": (_url(model, "history", row.pk), rule.read),
            "add": (_url(model, "add"), rule.add),
            "delete": (_url(model, "delete", row.pk), rule.delete),
        }
        for page, (address, may) in pages.items():
            given[name, page] = client.get(address).status_code
            wanted[name, page] = OK if who in may else _refusal(who)
    for name, may in OTHERS.items():
        args = [ready.people["viewer"].pk] if name.startswith("auth_user") else []
        given[name, ""] = client.get(reverse(f"admin:{name}", args=args)).status_code
        wanted[name, ""] = OK if who in may else _refusal(who)
    assert given == wanted


def _refusal(who: str) -> int:
    """Who is no staff, or has no second factor, is led elsewhere; staff are told that it is not theirs."""
    return MOVED if who in ("anonymous", "owner", *WITHOUT_SECOND_FACTOR) else FORBIDDEN


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_person_changes_what_the_rules_say_and_nothing_else(ready: World, who: str) -> None:
    client = _client(ready, who)
    for model in rows.models():
        _row(model, ready)
    before, done, wanted = _everything(), set(), set()
    for model in rows.models():
        rule, name = _rule(model), model._meta.label
        for action, told in rule.actions.items():
            if _does(client, ready, model, action, told, may=who in told.may):
                done.add((name, action))
            wanted |= {(name, action)} if who in told.may else set()
        for page, may in (("add", rule.add), ("change", rule.change), ("delete", rule.delete)):
            row = _row(model, ready)
            address = _url(model, page, *([] if page == "add" else [row.pk]))
            if who not in may:
                sent = {"post": "yes", "name": "X", "config": "{}", "role": "owner"}
                assert client.post(address, sent).status_code in (MOVED, FORBIDDEN), address
    for name, may in OTHERS.items():
        if who not in may:
            args = [ready.people["viewer"].pk] if name.startswith("auth_user") else []
            client.post(reverse(f"admin:{name}", args=args), {"typed": "everything"})
    assert done == wanted
    assert _everything() == before


def _does(
    client: Client, world: World, model: type[Model], action: str, told: Action, *, may: bool
) -> bool:
    """Whether the action was done; what was allowed is undone for the next one."""
    row = _row(model, world)
    sent = {"action": action, "_selected_action": [str(row.pk)], **told.sent(world)}
    with transaction.atomic():
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        client.post(_url(model, "changelist"), sent)
        events = Event.objects.filter(pk__gt=newest)
        if told.event:
            was_done = list(events.values_list("kind", flat=True)) == [told.event]
            assert not was_done or {str(event.actor_id) for event in events} == {_whose(client)}
        else:
            was_done = not model._default_manager.filter(pk=row.pk).exists()
        transaction.set_rollback(may)
    return was_done


def _whose(client: Client) -> str:
    return str(client.session["_auth_user_id"])


@pytest.mark.parametrize("who", ["anonymous", "owner", "support", "approver", "manager"])
def test_the_console_leads_to_the_admin_whoever_may_see_it(ready: World, who: str) -> None:
    client = _client(ready, who)
    answer = client.get(reverse("console_shop", args=[ready.shop.slug]))
    is_staff = who in ("support", "approver", "manager")
    assert (b"/admin/connectors/cursor/?connection__id__exact=" in answer.content) is is_staff


def test_a_superuser_without_the_flag_of_staff_stays_outside(ready: World) -> None:
    client = _client(ready, "superuser")
    User.objects.filter(pk=ready.people["superuser"].pk).update(is_staff=False)
    assert client.get(_url(Connection, "changelist")).status_code == MOVED


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"staff_role": ""}])
def test_a_role_that_was_taken_opens_nothing(ready: World, change: dict[str, Any]) -> None:
    client = _client(ready, "manager")
    assert client.get(_url(Connection, "changelist")).status_code == OK
    User.objects.filter(pk=ready.people["manager"].pk).update(**change)
    assert client.get(_url(Connection, "changelist")).status_code in (MOVED, FORBIDDEN)


def test_the_matrix_can_be_printed() -> None:
    printed = list(access_matrix.lines())
    anonymous, owner, *staff = "no", "no", "no", "no", "no", "yes", "yes", "no", "no", "no"
    row = ["connectors.Cursor: action start_over", anonymous, owner, *staff]
    assert f"| {' | '.join(row)} |" in printed
    assert len(printed) > 100 + 4 * len(rows.models())

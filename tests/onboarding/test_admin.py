"""The admin shows support everything but the secrets, and changes nothing behind the engine's back."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP as TOTP_FACTOR
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from connectors import checking, pulling
from connectors.datasets import DATASETS
from connectors.models import (
    TABLES,
    Check,
    Circuit,
    Connection,
    Cursor,
    ProductLink,
    PullRun,
    PullSpan,
    SeenPage,
)
from kleep_portal.celery import app
from onboarding import services
from onboarding.models import Event, Membership, Shop, User
from tests.onboarding.conftest import PASSWORD, SECOND_FACTOR, SECRETS, World

EDITABLE = {User, Membership}
MEMBERSHIPS = ["member_added", "role_changed", "member_removed"]
NO_MEMBERSHIPS = {"membership_set-TOTAL_FORMS": "0", "membership_set-INITIAL_FORMS": "0"}
TOTP = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def support(world: World) -> Client:
    """Somebody of Kleep's support, with every permission."""
    person = User.objects.create_superuser("administrator@kleep.example", PASSWORD)
    TOTP_FACTOR.activate(person, SECOND_FACTOR)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def filled(world: World) -> World:
    """A row of every model."""
    connection = world.connection
    Circuit.objects.create(connection=connection, opened_at=timezone.now())
    check = checking.start(connection)
    check.lines.update(status="failed", error="failed", detail="what we know")
    cursor = Cursor.objects.create(connection=connection, resource="orders")
    run = PullRun.objects.create(
        cursor=cursor, until=timezone.now(), state="failed", error="shop_down"
    )
    PullSpan.objects.create(run=run, after=0, reached=0)
    SeenPage.objects.create(run=run, rows=[124])
    ProductLink.objects.create(connection=connection, product_id="144", variant_id="124")
    for name, table in TABLES.items():
        key = dict.fromkeys(DATASETS[name].key, "124")
        table._default_manager.create(connection=connection, seen_at=timezone.now(), **key)
    Authenticator.objects.create(user=world.people["owner"], type="totp", data={"secret": TOTP})
    services.invite(world.merchant, email="ada@maison.example", by=world.people["owner"])
    world.link("holder of access")
    for model in _models():
        if not model._default_manager.exists():
            baker.make(model, _create_files=False)
    return world


def _models() -> list[type[Model]]:
    ours = [*apps.get_app_config("connectors").get_models()]
    return [*ours, *apps.get_app_config("onboarding").get_models(), Authenticator]


def _url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def _names(models: list[type[Model]]) -> list[str]:
    return [model.__name__ for model in models]


@pytest.fixture
def queued() -> Iterator[Callable[[], list[tuple[str, list[Any]]]]]:
    """Reads the tasks that wait in the queue: their names and arguments, oldest first."""
    with app.connection() as broker, broker.channel() as channel:
        waiting = channel.client
        waiting.delete("celery")

        def read() -> list[tuple[str, list[Any]]]:
            messages = [json.loads(raw) for raw in reversed(waiting.lrange("celery", 0, -1))]
            return [
                (message["headers"]["task"], json.loads(b64decode(message["body"]))[0])
                for message in messages
            ]

        yield read
        waiting.delete("celery")


@pytest.mark.parametrize("model", _models(), ids=_names(_models()))
def test_every_model_has_its_pages_and_none_shows_a_secret(
    model: type[Model], filled: World, support: Client
) -> None:
    assert model in admin.site._registry
    row = model._default_manager.first()
    assert row is not None
    pages = [support.get(_url(model, "changelist")), support.get(_url(model, "change", row.pk))]
    pages.append(support.get(_url(model, "changelist"), {"q": "124"}))
    filled.connection.refresh_from_db()
    for page in pages:
        assert page.status_code == 200
        text = page.content.decode()
        for secret in (*SECRETS.values(), filled.connection.sealed, TOTP):
            assert secret not in text


def test_no_page_of_the_admin_searches_a_secret() -> None:
    for page in admin.site._registry.values():
        searched = {str(name).partition("__")[0] for name in page.search_fields}
        assert not {"sealed", "data", "lease_token", "password"} & searched


@pytest.mark.parametrize(
    "model", [m for m in _models() if m not in EDITABLE], ids=lambda m: m.__name__
)
def test_what_the_engine_wrote_cannot_be_edited(
    model: type[Model], filled: World, support: Client
) -> None:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    before = model._default_manager.filter(pk=row.pk).values().get()
    assert support.get(_url(model, "add")).status_code == 403
    assert support.post(_url(model, "change", row.pk), {"config": "{}"}).status_code == 403
    if model is not Authenticator:
        answer = support.post(_url(model, "delete", row.pk), {"post": "yes"})
        assert answer.status_code == 403
    assert model._default_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("who", ["anonymous", "owner", "viewer", "staff"])
def test_the_admin_is_closed_to_whoever_was_not_given_it(who: str, filled: World) -> None:
    """Staff may come in, and see nothing until somebody gives them permissions."""
    client = filled.client(who)
    assert client.get(_url(Connection, "changelist")).status_code == (
        403 if who == "staff" else 302
    )
    answer = client.get("/admin/login/", {"next": "/admin/"})
    assert answer.status_code == {"anonymous": 302, "staff": 302}.get(who, 403)


def test_a_log_in_goes_through_the_portals_own_page(world: World) -> None:
    given = {"username": "staff@kleep.example", "password": PASSWORD}
    answer = Client().post("/admin/login/?next=/admin/", given)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert "sessionid" not in answer.cookies


def _act(client: Client, model: type[Model], action: str, *rows: Model) -> str:
    """The messages that an action gave."""
    answer = client.post(
        _url(model, "changelist"),
        {"action": action, "_selected_action": [str(row.pk) for row in rows]},
        follow=True,
    )
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


@pytest.mark.django_db(transaction=True)
def test_check_again_queues_a_check_of_every_resource(
    world: World, support: Client, queued: Any
) -> None:
    assert _act(support, Connection, "check_again", world.connection) == "1 checks queued."
    check = Check.objects.get()
    resources = [resource.name for resource in world.connection.connector_class.resources]
    assert sorted(check.lines.values_list("resource", flat=True)) == sorted(resources)
    assert queued() == [("connectors.tasks.check_connection", [check.pk])]


@pytest.mark.django_db(transaction=True)
def test_check_again_of_a_shop_says_who_did_it(world: World, support: Client, queued: Any) -> None:
    assert _act(support, Shop, "check_again", world.shop) == "1 checks queued."
    event = Event.objects.get(kind="check_started")
    assert event.actor is not None
    assert (event.shop, event.actor.email) == (world.shop, "administrator@kleep.example")
    assert queued() == [("connectors.tasks.check_connection", [Check.objects.get().pk])]


@pytest.mark.django_db(transaction=True)
def test_queue_a_pull_makes_it_due_and_queues_it(
    world: World, support: Client, queued: Any
) -> None:
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    assert _act(support, Cursor, "queue_a_pull", cursor) == "1 pulls queued."
    cursor.refresh_from_db()
    assert cursor.due_at is not None
    assert cursor.due_at <= timezone.now()
    assert queued() == [("connectors.tasks.pull_resource", [cursor.pk])]


def test_releasing_a_lease_lets_somebody_else_pull(world: World, support: Client) -> None:
    later = timezone.now() + timedelta(hours=1)
    held = Cursor.objects.create(
        connection=world.connection, resource="orders", lease_token=uuid4(), lease_until=later
    )
    free = Cursor.objects.create(connection=world.connection, resource="customers")
    assert pulling.run_slice(held) is None
    assert _act(support, Cursor, "release_lease", held, free) == "1 leases released."
    held.refresh_from_db()
    assert (held.lease_token, held.lease_until) == (None, None)


def test_starting_over_forgets_the_position_and_keeps_the_rows(
    world: World, support: Client
) -> None:
    cursor = Cursor.objects.create(
        connection=world.connection, resource="orders", position_at=timezone.now(), position_id=7
    )
    run = PullRun.objects.create(cursor=cursor, until=timezone.now())
    TABLES["orders"]._default_manager.create(
        connection=world.connection, seen_at=timezone.now(), line_id="1", price=Decimal("1")
    )
    assert _act(support, Cursor, "start_over", cursor) == "1 cursors begin anew."
    cursor.refresh_from_db()
    run.refresh_from_db()
    assert (cursor.position, run.state) == (None, "stopped")
    assert TABLES["orders"]._default_manager.count() == 1


def test_a_person_is_added_by_e_mail(world: World, support: Client) -> None:
    answer = support.post(
        _url(User, "add"),
        {
            "email": "New@Maison.example",
            "name": "New",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
            **NO_MEMBERSHIPS,
        },
    )
    assert answer.status_code == 302
    person = User.objects.get(email__iexact="new@maison.example")
    assert person.check_password(PASSWORD)
    assert not person.is_staff


def test_a_membership_is_given_and_taken(world: World, support: Client) -> None:
    stranger = world.people["stranger"]
    given = {"user": stranger.pk, "merchant": str(world.merchant.pk), "role": "viewer"}
    assert support.post(_url(Membership, "add"), given).status_code == 302
    membership = Membership.objects.get(user=stranger, merchant=world.merchant)
    assert membership.role == "viewer"
    changed = {**given, "user": world.people["viewer"].pk, "role": "developer"}
    assert support.post(_url(Membership, "change", membership.pk), changed).status_code == 302
    membership.refresh_from_db()
    assert (membership.user, membership.role) == (stranger, "developer")  # the person stays
    answer = support.post(_url(Membership, "delete", membership.pk), {"post": "yes"})
    assert answer.status_code == 302
    assert not Membership.objects.filter(pk=membership.pk).exists()
    events = Event.objects.filter(merchant=world.merchant, kind__in=MEMBERSHIPS).order_by("pk")
    assert [(event.kind, event.data["email"], str(event.actor)) for event in events] == [
        (kind, stranger.email, "administrator@kleep.example") for kind in MEMBERSHIPS
    ]


def test_the_last_owner_stays_one(world: World, support: Client) -> None:
    owner = Membership.objects.get(user=world.people["owner"])
    page = support.post(_url(Membership, "change", owner.pk), {"role": "viewer"})
    assert "This is the last owner." in page.content.decode()
    answer = support.post(_url(Membership, "delete", owner.pk), {"post": "yes"})
    assert answer.status_code == 403
    answer = support.post(_url(User, "delete", world.people["viewer"].pk), {"post": "yes"})
    assert answer.status_code == 403  # who belongs to a merchant
    owner.refresh_from_db()
    assert owner.role == "owner"
    assert Membership.objects.filter(user=world.people["viewer"]).exists()


def test_the_address_of_a_person_stays_what_their_invitation_proved(
    world: World, support: Client
) -> None:
    person = world.people["viewer"]
    sent = {"email": "other@maison.example", "name": "Renamed", **NO_MEMBERSHIPS}
    answer = support.post(_url(User, "change", person.pk), sent)
    assert answer.status_code == 302
    person.refresh_from_db()
    assert (person.email, person.name) == ("viewer@maison.example", "Renamed")


def test_support_releases_a_pull_that_is_held(filled: World, support: Client) -> None:
    run = PullRun.objects.get()
    PullRun.objects.update(state="held", error="held", params={"now": 1, "before": 9})
    page = _url(PullRun, "changelist")
    support.post(page, {"action": "release_held", "_selected_action": [run.pk]})
    run.refresh_from_db()
    assert (run.state, run.error, run.released_by) == ("running", "", "administrator@kleep.example")
    answer = support.post(
        page, {"action": "release_held", "_selected_action": [run.pk]}, follow=True
    )
    assert "0 held pulls go on." in answer.content.decode()

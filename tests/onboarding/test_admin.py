"""The admin shows support everything but the secrets, and changes nothing behind the engine's back."""

from typing import Any

import pytest
from allauth.account.models import EmailConfirmation
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from model_bakery import baker

from connectors.models import Connection
from onboarding.models import Event, Membership, User
from tests.onboarding.conftest import PASSWORD, SECRETS, World
from tests.onboarding.filled import TOTP, models

# Django's own, which nobody needs to see: what it finds by itself, and what opens a person's pages.
NOT_SHOWN = {Permission, ContentType, Session}
MEMBERSHIPS = ["member_added", "role_changed", "member_removed"]
NO_MEMBERSHIPS = {"membership_set-TOTAL_FORMS": "0", "membership_set-INITIAL_FORMS": "0"}


def _url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def _first(model: type[Model]) -> Model:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    return row


@pytest.mark.once
def test_every_table_has_its_pages_and_none_shows_or_finds_a_secret(
    filled: World, support: Client
) -> None:
    secrets = (*SECRETS.values(), filled.connection.sealed, TOTP)
    for model in models():
        row, address = _first(model), _url(model, "changelist")
        pages = [support.get(_url(model, page, row.pk)) for page in ("change", "history")]
        pages += [support.get(address), support.get(address, {"q": "124"})]
        for page in pages:
            assert page.status_code == 200, model
            text = page.content.decode()
            assert [secret for secret in secrets if secret in text] == [], model
        for secret in secrets[-3:] if _searched(model) else ():
            found = support.get(address, {"q": secret})
            assert found.context["cl"].result_count == 0, model


def test_every_table_is_shown() -> None:
    assert set(apps.get_models()) - set(models()) - NOT_SHOWN == {EmailConfirmation}


SECRET_COLUMNS = {
    *("sealed", "seal", "data", "lease_token", "password", "token_hash", "session_key", "key"),
}


@pytest.mark.once
def test_no_address_asks_a_secret_letter_by_letter(filled: World, support: Client) -> None:
    """Django lets an address narrow a list by any column: true or false is an answer, too."""
    asked = 0
    for model in models():
        columns = {field.name for field in model._meta.concrete_fields} & SECRET_COLUMNS
        people = {field.name for field in model._meta.fields if field.related_model is User}
        for column in (*columns, *(f"{name}__password" for name in people)):
            for way in ("", "__startswith", "__gte", "__regex"):
                query = {f"{column}{way}": "a"}
                assert support.get(_url(model, "changelist"), query).status_code == 400, query
                asked += 1
        searched = {str(name).partition("__")[0] for name in _searched(model)}
        assert not searched & SECRET_COLUMNS, model
    assert asked > 50


def _searched(model: type[Model]) -> Any:
    request = RequestFactory().get("/admin/")
    return admin.site._registry[model].get_search_fields(request)


@pytest.mark.once
def test_a_list_costs_the_same_number_of_queries_whatever_its_length(
    filled: World, support: Client
) -> None:
    for model in models():
        apart = [field.name for field in model._meta.fields if field.is_relation and field.null]
        counted = []
        for size in (1, 6):
            with transaction.atomic():
                more = {"type": "totp"} if model is Authenticator else {}
                baker.make(model, _quantity=size, _create_files=False, _fill_optional=apart, **more)
                with CaptureQueriesContext(connection) as queries:
                    assert support.get(_url(model, "changelist")).status_code == 200, model
                transaction.set_rollback(True)
            counted.append(len(queries))
        assert counted[0] == counted[1], model


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

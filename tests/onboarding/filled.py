"""A row of every table, in the world of the tests: what the admin's pages have to show."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from model_bakery import baker

from connectors import checking
from connectors.datasets import DATASETS
from connectors.models import (
    TABLES,
    Circuit,
    Cursor,
    ProductLink,
    PullRun,
    PullSpan,
    SeenPage,
)
from onboarding import services
from onboarding.models import Shop
from tests.onboarding.conftest import World

TOTP = "JBSWY3DPEHPK3PXP"


def models() -> list[type[Model]]:
    """Every table that the admin shows."""
    return list(admin.site._registry)


def fill(world: World) -> World:
    connection, owner = world.connection, world.people["owner"]
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
    Authenticator.objects.create(user=owner, type="totp", data={"secret": TOTP})
    EmailAddress.objects.create(user=owner, email=owner.email)
    UserSession.objects.create(
        user=owner, ip="192.0.2.1", session_key="k" * 32, last_seen_at=timezone.now(), data={}
    )
    LogEntry.objects.create(
        user=owner,
        content_type=ContentType.objects.get_for_model(Shop),
        object_id=str(world.shop.pk),
        object_repr="Paris",
        action_flag=CHANGE,
    )
    services.invite(world.merchant, email="ada@maison.example", by=owner)
    world.link("holder of access")
    for model in models():
        if not model._default_manager.exists():
            baker.make(model, _create_files=False)
    return world


def lapse(cursor: Cursor) -> None:
    """The lease of a worker that gave its last sign of life a while ago."""
    Cursor.objects.filter(pk=cursor.pk).update(
        lease_token="5f0c1a1e-0000-4000-8000-000000000000",
        lease_until=timezone.now() - timedelta(hours=1),
    )

"""Two merchants, their people and a connected shop: what the tests of the pages stand on."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.test import Client
from kombu import pools

from connectors.models import Connection
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from kleep_portal.celery import app
from onboarding import links, services
from onboarding.models import HandOff, Membership, Merchant, Shop, StaffRole, User
from tests.onboarding.magento import Magento

PASSWORD = "correct horse battery"
SECOND_FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SECRETS = {
    "consumer_key": "ck" + "0" * 30,
    "consumer_secret": "cs" + "1" * 30,
    "access_token": "at" + "2" * 30,
    "access_token_secret": "as" + "3" * 30,
}
CONFIG = {
    "url": "https://shop.example",
    "stores": [{"base": "https://shop.example", "store": ""}],
    "type": "V1",
}


@dataclass(frozen=True)
class World:
    """One merchant with a connected shop, another with nothing in common, and everybody's people."""

    merchant: Merchant
    shop: Shop
    people: dict[str, User]

    @property
    def connection(self) -> Connection:
        assert self.shop.connection is not None
        return self.shop.connection

    def client(self, who: str) -> Client:
        """A browser in which that person is logged in, or has opened their link; `anonymous` did neither."""
        client = Client()
        if who.startswith("holder "):
            session = client.session
            links.remember(session, self.link(who))
            session.save()
            client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
        elif who != "anonymous":
            client.force_login(
                self.people[who], backend="django.contrib.auth.backends.ModelBackend"
            )
        return client

    def link(self, who: str) -> HandOff:
        """What "holder of <task>" holds, or "holder elsewhere". Its making is no part of the history."""
        shop, task = self.shop, who.removeprefix("holder of ")
        if who == "holder elsewhere":
            other = Merchant.objects.get(name="Atelier")
            shop = Shop.objects.get_or_create(merchant=other, name="Vienna", slug="vienna")[0]
            task = HandOff.Task.ACCESS
        return HandOff.objects.get_or_create(
            shop=shop, task=task, email="dev@agency.example", name="Agency Nord"
        )[0]


def _member(merchant: Merchant, who: str, role: str) -> User:
    user = User.objects.create_user(f"{who}@maison.example", PASSWORD, name=who.title())
    Membership.objects.create(user=user, merchant=merchant, role=role)
    return user


def _staff(name: str, role: str = "") -> User:
    """With the second factor without which Kleep's staff reach nothing."""
    person = User.objects.create_user(
        f"{name}@kleep.example", PASSWORD, is_staff=True, staff_role=role
    )
    TOTP.activate(person, SECOND_FACTOR)
    return person


@pytest.fixture
def world(db: None) -> World:
    merchant = services.create_merchant("Maison", by=None)
    other = services.create_merchant("Atelier", by=None)
    people = {
        "owner": _member(merchant, "owner", Membership.Role.OWNER),
        "developer": _member(merchant, "developer", Membership.Role.DEVELOPER),
        "viewer": _member(merchant, "viewer", Membership.Role.VIEWER),
        "stranger": _member(other, "stranger", Membership.Role.OWNER),
        "staff": _staff("staff"),
        **{role: _staff(role, role) for role in StaffRole},
    }
    shop = services.create_shop(merchant, "Paris", by=None)
    services.save_credentials(
        shop, platform="magento", config=CONFIG, secrets=SECRETS, by=None, prove=False
    )
    return World(merchant, shop, people)


@pytest.fixture
def filled(world: World) -> World:
    """A row of every table that the admin shows."""
    from tests.onboarding.filled import fill  # which needs the World from here

    return fill(world)


@pytest.fixture
def support(world: World) -> Client:
    """A browser of a superuser."""
    person = User.objects.create_superuser("administrator@kleep.example", PASSWORD)
    TOTP.activate(person, SECOND_FACTOR)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


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


@pytest.fixture
def no_queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody listens where the queue should be."""
    _forget_connections()
    monkeypatch.setitem(app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    yield
    monkeypatch.undo()
    _forget_connections()


def _forget_connections() -> None:
    """Celery keeps its connections to the broker open from one message to the next."""
    pools.reset()
    app._after_fork()


@pytest.fixture(scope="module")
def magento() -> Iterator[Magento]:
    shop = SandboxShop(seed=7, orders=15, styles=6)
    with serve(shop) as address:
        yield Magento(shop, address.url)


@pytest.fixture
def shop(world: World) -> Shop:
    """A shop on Magento, without a connection."""
    shop = services.create_shop(world.merchant, "Lyon", by=None)
    services.choose_platform(shop, "magento", by=None)
    return shop


@pytest.fixture
def client(world: World) -> Client:
    """A browser in which the shop's owner is logged in."""
    return world.client("owner")

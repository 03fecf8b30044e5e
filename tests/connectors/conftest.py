"""Fixtures of the engine's tests: a shop in memory, and a connection to it."""

import uuid

import pytest

from connectors import registry
from connectors.models import Connection
from tests.connectors.fake_platform import FakeConnector, FakeNumberedConnector, FakeShop


@pytest.fixture
def fake_shop() -> FakeShop:
    return FakeShop()


@pytest.fixture
def fake_connection(db: None, fake_shop: FakeShop, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setitem(registry.platforms(), "fake", FakeConnector)
    return Connection.objects.create(
        tenant=uuid.uuid4(), platform="fake", config=FakeConnector.opens(fake_shop)
    )


@pytest.fixture
def numbered_connection(
    db: None, fake_shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> Connection:
    """To a shop whose orders and products can be read by id."""
    monkeypatch.setitem(registry.platforms(), "numbered", FakeNumberedConnector)
    return Connection.objects.create(
        tenant=uuid.uuid4(), platform="numbered", config=FakeNumberedConnector.opens(fake_shop)
    )

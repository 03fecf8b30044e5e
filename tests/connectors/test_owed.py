"""Which datasets a shop owes as files follows from its platform, its check and its choices."""

import uuid
from typing import Any

import pytest

from connectors import checking
from connectors.models import CheckLine, Connection
from connectors.owed import Owed, owed

Status = CheckLine.Status


def connection(platform: str, **config: Any) -> Connection:
    return Connection.objects.create(tenant=uuid.uuid4(), platform=platform, config=config)


def checked(connection: Connection, **statuses: str) -> Connection:
    check = checking.start(connection)
    for resource, status in statuses.items():
        check.lines.filter(resource=resource).update(status=status)
    return connection


def _owed(connection: Connection | None) -> list[Owed]:
    return owed(connection, connection.checks.first() if connection else None)


def names(connection: Connection | None) -> dict[str, str]:
    return {one.dataset.name: str(one.reason) for one in _owed(connection)}


@pytest.mark.django_db
def test_a_shop_without_an_api_owes_everything_that_is_needed() -> None:
    everything = dict.fromkeys(("products", "orders", "returns", "return_reasons"), "no_api")
    assert names(None) == names(connection("files")) == everything
    assert [one.is_needed for one in _owed(None)] == [True, True, True, False]


@pytest.mark.django_db
def test_a_shop_that_gives_everything_owes_nothing() -> None:
    assert names(connection("magento")) == {}
    assert names(connection("wshop")) == {}
    gives = checked(connection("magento"), returns=Status.NOT_AVAILABLE, creditmemos=Status.READY)
    assert names(gives) == {}


@pytest.mark.django_db
def test_what_the_edition_does_not_offer_is_owed() -> None:
    shop = checked(connection("wshop"), returns=Status.NOT_AVAILABLE)
    assert names(shop) == {"returns": "not_in_edition", "return_reasons": "not_in_edition"}
    absent = {"returns": Status.NOT_AVAILABLE, "creditmemos": Status.NOT_AVAILABLE}
    assert set(names(checked(connection("magento"), **absent))) == {"returns", "return_reasons"}


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.MISSING_PERMISSION, Status.FAILED, Status.EMPTY])
def test_what_can_still_be_given_is_not_owed(status: str) -> None:
    assert names(checked(connection("wshop"), returns=status)) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("source", "reason"), [("file", "chosen"), ("external", "external"), ("credit_memos", None)]
)
def test_what_was_chosen_to_come_as_files_is_owed(source: str, reason: str | None) -> None:
    expected = dict.fromkeys(("returns", "return_reasons"), reason) if reason else {}
    assert names(connection("magento", returns={"source": source})) == expected


@pytest.mark.django_db
def test_a_route_of_the_shops_own_is_not_owed() -> None:
    route = {"source": "custom", "path": "acme/returns", "fields": {}}
    shop = checked(
        connection("magento", returns=route),
        returns=Status.NOT_AVAILABLE,
        creditmemos=Status.NOT_AVAILABLE,
    )
    assert names(shop) == {}

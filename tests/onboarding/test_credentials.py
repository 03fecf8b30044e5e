"""Credentials in the form of a simulated shop: tried, sealed, kept, compared, and refused without a trace."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from connectors import connections
from connectors.models import Check, CheckLine
from connectors.sandbox.server import serve
from onboarding.models import Event, Shop
from tests.onboarding.magento import NAMES, Magento, connected, page, submit

pytestmark = pytest.mark.django_db(transaction=True)


def test_credentials_that_the_shop_accepts_are_sealed_and_a_check_begins(
    client: Client, shop: Shop, magento: Magento
) -> None:
    shown = submit(client, shop, magento.fields())
    assert "Your shop accepts these credentials. They are saved." in shown
    assert shop.connection is not None
    assert shop.connection.config["url"] == magento.url
    assert magento.fields()["consumer_key"] not in shop.connection.sealed
    assert connections.is_stored_secret(
        shop.connection, "consumer_key", magento.fields()["consumer_key"]
    )
    check = Check.objects.get(connection=shop.connection)
    assert {line.status for line in check.lines.all()} == {CheckLine.Status.NOT_TESTED}
    kinds = Event.objects.filter(shop=shop).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [
        "shop_created",
        "platform_chosen",
        "credentials_saved",
        "check_started",
    ]


def test_blanks_and_quotes_around_the_values_are_mended(
    client: Client, shop: Shop, magento: Magento
) -> None:
    fields = {name: f'  "{value}" \n' for name, value in magento.fields().items()}
    assert "They are saved." in submit(client, shop, fields)


@pytest.mark.parametrize("pasted", ["json", "window"])
def test_everything_pasted_at_once_is_sorted_by_the_server_too(
    client: Client, shop: Shop, magento: Magento, pasted: str
) -> None:
    fields = magento.fields()
    text = {
        "json": json.dumps(
            {
                "url": fields["url"],
                "consumerKey": fields["consumer_key"],
                "consumerSecret": fields["consumer_secret"],
                "accessToken": fields["access_token"],
                "accessTokenSecret": fields["access_token_secret"],
                "type": "V1",
            }
        ),
        "window": "\n".join(f"{name.replace('_', ' ').title()}\n{fields[name]}" for name in NAMES),
    }[pasted]
    given = {"paste": text} if pasted == "json" else {"paste": text, "url": fields["url"]}
    assert "They are saved." in submit(client, shop, given)


def test_swapped_credentials_are_refused_by_name_and_nothing_is_stored(
    client: Client, shop: Shop, magento: Magento
) -> None:
    fields = magento.fields()
    key, token = fields["consumer_key"], fields["access_token"]
    shown = submit(client, shop, {**fields, "consumer_key": token, "access_token": key})
    assert "Magento knows no integration with this Consumer Key" in shown
    assert key not in shown
    assert token not in shown
    assert shop.connection is None


def test_new_credentials_that_are_refused_leave_the_old_ones_at_work(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connection = connected(client, shop, magento.fields())
    before = connection.sealed
    shown = submit(client, shop, magento.fields("revoked"))
    assert "The Access Token has been revoked" in shown
    connection.refresh_from_db()
    assert connection.sealed == before
    with connections.open_connector(connection) as connector:
        connector.prove()


def test_a_blank_field_keeps_what_is_stored_and_says_since_when(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connection = connected(client, shop, magento.fields())
    mark = connections.fingerprint(connection, "access_token")
    form = page(client, "access", shop)
    assert f"by owner@maison.example, fingerprint {mark}. Leave it blank to keep it." in form
    shown = submit(client, shop, {"url": f"{magento.url}/rest/V1", **dict.fromkeys(NAMES, "")})
    assert "They are saved." in shown
    connection.refresh_from_db()
    assert connections.fingerprint(connection, "access_token") == mark


def test_stored_credentials_do_not_travel_to_another_address(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connection = connected(client, shop, magento.fields())
    with serve(magento.shop) as elsewhere:
        shown = submit(client, shop, {"url": elsewhere.url, **dict.fromkeys(NAMES, "")})
    assert "The address has changed. Enter all the credentials again." in shown
    connection.refresh_from_db()
    assert connection.config["url"] == magento.url


def test_a_value_is_compared_with_the_stored_one_and_never_shown(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connected(client, shop, magento.fields())
    address = reverse("access_compare", args=[shop.slug])
    value = magento.fields()["consumer_secret"]
    yes = client.post(address, {"name": "consumer_secret", "value": value}).content.decode()
    no = client.post(address, {"name": "consumer_key", "value": value}).content.decode()
    assert "Yes, this is the one that is stored." in yes
    assert "No, another value is stored." in no
    assert value not in yes + no

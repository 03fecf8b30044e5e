"""A second shop on the same access: its store view is chosen among the real ones, nothing is typed."""

import html

import pytest
from django.test import Client
from django.urls import reverse

from connectors import checking, connections
from connectors.models import Check, Connection, Cursor
from onboarding import services
from onboarding.models import Event, Shop
from onboarding.services import NotConnectedError
from tests.onboarding.conftest import World
from tests.onboarding.magento import Magento, connected

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(client: Client, world: World, shop: Shop, magento: Magento) -> Shop:
    """Beside Lyon, which is connected."""
    world.connection.delete()
    connected(client, shop, magento.fields())
    second = services.create_shop(world.merchant, "Lyon anglais", by=None)
    services.choose_platform(second, "magento", by=None)
    return second


def _share(client: Client, shop: Shop, **fields: str) -> str:
    answer = client.post(reverse("access_share", args=[shop.slug]), fields, follow=True)
    shop.refresh_from_db()
    return html.unescape(answer.content.decode())


def test_the_form_offers_the_access_of_the_first_shop(client: Client, second: Shop) -> None:
    shown = html.unescape(client.get(reverse("access", args=[second.slug])).content.decode())
    assert "Lyon is connected already." in shown
    offered = client.get(reverse("access_share", args=[second.slug])).content.decode()
    assert [code for code in ("fr", "en", "de") if f'value="{code}"' in offered] == [
        "fr",
        "en",
        "de",
    ]


def test_a_store_view_is_named_by_its_language_and_its_code(client: Client, second: Shop) -> None:
    address = reverse("access_share", args=[second.slug])
    for language, name in (("en", "German"), ("fr", "Allemand")):
        client.post("/language", {"language": language, "next": "/"})
        shown = client.get(address).content.decode()
        view = shown.split('for="store-de"')[1].split("</label>")[0]
        assert f'<span class="choice-title">{name}</span>' in view
        assert "<code>de</code>" in view


def test_the_store_view_is_read_with_the_same_credentials(
    client: Client, shop: Shop, second: Shop, magento: Magento
) -> None:
    sealed = Connection.objects.get().sealed
    shown = _share(client, second, store="en")
    assert "This shop uses the access of Lyon." in shown
    connection = Connection.objects.get()
    assert (second.connection, second.store) == (connection, "en")
    assert connection.sealed == sealed
    assert connection.config["stores"] == [
        {"base": magento.url, "store": ""},
        {"base": magento.url, "store": "en"},
    ]
    event = Event.objects.get(shop=second, kind="access_shared")
    assert event.data == {"source": shop.slug, "store": "en"}
    # Products are read per store view, orders once; each is due.
    due = Cursor.objects.exclude(due_at=None).values_list("resource", "scope")
    assert {("products", ""), ("products", "en"), ("orders", "")} <= set(due)
    check = Check.objects.first()
    assert check is not None
    checking.run(check)
    assert checking.is_ok(check)


def test_the_same_store_view_again_changes_nothing_of_the_connection(
    client: Client, second: Shop
) -> None:
    _share(client, second, store="en")
    before = Connection.objects.get().config
    third = services.create_shop(second.merchant, "Lyon bis", by=None)
    services.choose_platform(third, "magento", by=None)
    _share(client, third, store="en")
    assert third.connection == second.connection
    assert Connection.objects.get().config == before


@pytest.mark.parametrize("store", ["", "zz", "../de"])
def test_what_is_no_store_view_is_refused_and_changes_nothing(
    client: Client, second: Shop, store: str
) -> None:
    shown = _share(client, second, store=store)
    assert "Please look at this first" in shown
    assert second.connection is None
    assert len(Connection.objects.get().config["stores"]) == 1
    assert not Event.objects.filter(kind="access_shared").exists()


def test_where_the_store_views_cannot_be_asked_the_code_is_typed(
    client: Client, shop: Shop, second: Shop, magento: Magento
) -> None:
    assert shop.connection is not None
    integration = magento.shop.integrations["nothing"]
    secrets = {
        name: getattr(integration, name) for name in shop.connection.connector_class.secret_names
    }
    connections.set_credentials(
        shop.connection, config=shop.connection.config, secrets=secrets, by=""
    )
    shown = html.unescape(client.get(reverse("access_share", args=[second.slug])).content.decode())
    assert "We could not ask for the store views; type the code." in shown
    assert "Stores > Settings > All Stores" in shown
    assert 'name="store"' in shown


def test_another_merchants_access_is_neither_offered_nor_given(world: World, second: Shop) -> None:
    stranger = world.people["stranger"].merchants.get()
    theirs = services.create_shop(stranger, "Nantes", by=None)
    services.choose_platform(theirs, "magento", by=None)
    client = world.client("stranger")
    assert client.get(reverse("access_share", args=[theirs.slug])).status_code == 404
    source = second.merchant.shops.get(name="Lyon")
    with pytest.raises(NotConnectedError):
        services.share_connection(theirs, source, store="en", by=None)
    theirs.refresh_from_db()
    assert theirs.connection is None


def test_the_access_that_is_entered_anew_goes_on_reading_the_views_of_other_shops(
    client: Client, shop: Shop, second: Shop, magento: Magento
) -> None:
    _share(client, second, store="en")
    connected(client, shop, magento.fields())
    assert [one["store"] for one in Connection.objects.get().config["stores"]] == ["", "en"]
    assert Cursor.objects.filter(resource="products", scope="en").exists()

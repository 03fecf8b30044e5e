"""The questions about the products: proposed from the shop, told what they do, kept, and done."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors import pulling
from connectors.models import TABLES, Connection, Cursor
from onboarding import phases
from onboarding.models import Event, ProductConfiguration, Shop
from onboarding.phases import Party, State
from tests.onboarding.conftest import World
from tests.onboarding.magento import Magento, connected

pytestmark = pytest.mark.django_db

PROPOSED = {
    "size": "size",
    "color": "color",
    "gender": "gender",
    "brand": "brand",
    "ean": "ean",
    "material": "material",
    "is_new": "-",
    "is_children": "-",
}
ANSWERS = {
    **PROPOSED,
    "internal_reference": "-",
    "parent_reference": "-",
    "dimensions_from": "-",
    "languages": ["fr", "en"],
    "returns": "rma",
}


@pytest.fixture
def connection(client: Client, shop: Shop, magento: Magento) -> Connection:
    """A shop whose products have arrived."""
    found = connected(client, shop, magento.fields())
    pulling.pull(found, "products")
    return found


def _ask(client: Client, shop: Shop, **answers: Any) -> str:
    answer = client.post(reverse("configuration", args=[shop.slug]), {**ANSWERS, **answers})
    return html.unescape(answer.content.decode()) if answer.status_code == 200 else "moved"


def _page(client: Client, shop: Shop) -> str:
    return html.unescape(client.get(reverse("configuration", args=[shop.slug])).content.decode())


def _chosen(page: str, name: str) -> str:
    select = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
    assert select, name
    found = re.search(r'<option value="([^"]*)" selected', select[0])
    return found[1] if found else ""


def _values(connection: Connection, column: str) -> set[Any]:
    rows = TABLES["products"].objects.filter(connection=connection, deleted_at=None)
    return set(rows.values_list(column, flat=True))


def _task(shop: Shop) -> phases.Task:
    return next(task for task in phases.tasks(shop) if task.key == "configuration")


def test_the_shops_attributes_are_proposed_with_their_values(
    client: Client, shop: Shop, connection: Connection
) -> None:
    page = _page(client, shop)
    assert {role: _chosen(page, role) for role in PROPOSED} == PROPOSED
    assert _chosen(page, "internal_reference") == ""
    size = re.search(r'<option value="size" selected>(.*?)</option>', page)
    assert size
    label, _, samples = size[1].partition(": ")
    assert label == "Size (size)"
    assert set(samples.split(", ")) <= {
        *("XS", "S", "M", "L", "XL", "XXL"),
        *("34", "36", "38", "40", "42", "44", "46"),
    }


def test_answers_that_agree_with_the_proposal_change_no_row(
    client: Client, shop: Shop, connection: Connection
) -> None:
    assert _task(shop).state is State.INCOMPLETE
    positions = list(Cursor.objects.order_by("pk").values_list("position_at", flat=True))
    assert _ask(client, shop) == "moved"
    connection.refresh_from_db()
    shop.refresh_from_db()
    assert connection.config["attributes"]["size"] == ["size"]
    assert connection.config["attributes"]["parent_reference"] == []
    assert connection.config["returns"] == {"source": "rma"}
    assert shop.languages == ["fr", "en"]
    assert _task(shop).state is State.COMPLETED
    assert list(Cursor.objects.filter(resource="products").values_list("due_at", flat=True)) != []
    assert positions[0] == Cursor.objects.order_by("pk")[0].position_at
    assert _values(connection, "color") != {None}


def test_another_attribute_is_said_first_and_read_again_then(
    client: Client, shop: Shop, connection: Connection
) -> None:
    _ask(client, shop)
    colours = _values(connection, "color")
    rows = TABLES["products"].objects.filter(connection=connection).count()
    before = Event.objects.count()

    page = _ask(client, shop, color="season")
    assert "All variants of products are read from your shop again." in page
    assert f"That is {rows} rows." in page
    connection.refresh_from_db()
    assert connection.config["attributes"]["color"] == ["color"]
    assert Event.objects.count() == before
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert sent["color"] == "season"

    assert _ask(client, shop, color="season", confirmed="yes") == "moved"
    cursor = Cursor.objects.get(connection=connection, resource="products")
    assert cursor.position_at is None
    assert _values(connection, "color") == colours  # until what is read again has arrived
    connection.refresh_from_db()
    pulling.pull(connection, "products")
    seasons = _values(connection, "color") - {None}
    assert seasons
    assert all(re.fullmatch(r"(SS|AW)2[56](, (SS|AW)2[56])*", season) for season in seasons)


def test_a_column_that_no_attribute_fills_is_emptied_without_asking_the_shop(
    client: Client, shop: Shop, connection: Connection
) -> None:
    _ask(client, shop)
    position = Cursor.objects.get(connection=connection, resource="products").position_at
    assert "The column <code>material</code> is emptied at once." in _ask(
        client, shop, material="-"
    )
    assert _values(connection, "material") != {None}
    assert _ask(client, shop, material="-", confirmed="yes") == "moved"
    assert _values(connection, "material") == {None}
    assert Cursor.objects.get(connection=connection, resource="products").position_at == position


def test_what_the_merchant_does_not_know_is_kleeps_turn(
    client: Client, shop: Shop, connection: Connection
) -> None:
    assert _ask(client, shop, parent_reference="?", dimensions_from="?") == "moved"
    stored = ProductConfiguration.objects.get(shop=shop)
    assert stored.unknown == ["parent_reference", "dimensions"]
    connection.refresh_from_db()
    assert "parent_reference" not in connection.config["attributes"]
    task = _task(shop)
    assert (task.state, task.turn) == (State.INCOMPLETE, Party.KLEEP)
    assert task.fact == "2 answers are left to Kleep"
    assert _chosen(_page(client, shop), "parent_reference") == "?"


def test_a_question_that_was_not_answered_is_named_and_nothing_is_kept(
    client: Client, shop: Shop, connection: Connection
) -> None:
    page = _ask(client, shop, internal_reference="", languages=[], dimensions_from="attributes")
    for name in ("internal_reference", "languages", "dimensions"):
        assert f'id="id_{name}_error"' in page
    assert not ProductConfiguration.objects.exists()
    connection.refresh_from_db()
    assert "attributes" not in connection.config


def test_an_attribute_that_the_shop_does_not_have_is_refused(
    client: Client, shop: Shop, connection: Connection
) -> None:
    assert "id_color_error" in _ask(client, shop, color="nothing_like_it")
    assert not ProductConfiguration.objects.exists()


def test_a_shop_that_does_not_answer_still_gets_its_questions(world: World) -> None:
    client = world.client("owner")
    page = _page(client, world.shop)
    assert "Your shop did not tell us its attributes" in page
    assert 'name="languages"' in page
    answer = _ask(client, world.shop, **dict.fromkeys(PROPOSED, "?"))
    assert answer == "moved"

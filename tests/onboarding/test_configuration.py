"""The questions about the products: proposed from the shop, told what they do, kept, and done."""

import csv
import html
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connectors import catalogue, ingesting, pulling, storing
from connectors.datasets import DIMENSIONS, PRODUCTS
from connectors.models import TABLES, Connection, Cursor, ReceivedFile
from onboarding import phases, platforms
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
    stored = TABLES["products"].objects.filter(connection=connection)
    rows = stored.exclude(
        is_parent=True
    ).count()  # the variants, as the page of the data counts them
    assert rows < stored.count()
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
    assert page.count("Choose an answer: “I do not know” is one.") == 2  # above, and at its field
    assert not ProductConfiguration.objects.exists()
    connection.refresh_from_db()
    assert "attributes" not in connection.config


def test_only_what_may_be_left_blank_is_marked_as_optional(
    client: Client, shop: Shop, connection: Connection
) -> None:
    labels = re.findall(r'<label class="form-label"[^>]*>(.*?)</label>', _page(client, shop))
    optional = {label.partition(" <")[0] for label in labels if "(optional)" in label}
    assert optional == {"And also", "Is there anything else that Kleep should know?"}
    assert "Which attribute holds a dimension?" in labels


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


# --- dimensions that come in a file ---


def _template(client: Client, shop: Shop, language: str = "en") -> list[list[str]]:
    address = reverse("dimensions_template", args=[shop.slug])
    answer = client.get(address, headers={"Accept-Language": language})
    text = answer.getvalue().decode("utf-8-sig")
    delimiter = ";" if language == "fr" else ","
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def test_the_template_has_a_line_for_each_variant(
    client: Client, shop: Shop, connection: Connection
) -> None:
    head, *lines = _template(client, shop)
    assert head[:4] == ["sku", "title", "size_label", "chest_cm"]
    expected = [row["sku"] for row in catalogue.variants(connection)]
    assert [line[0] for line in lines] == expected
    assert len(expected) > 20
    assert {len(line) for line in lines} == {len(head)}
    assert _template(client, shop, "fr") == [head, *lines]


def test_measures_that_arrived_are_exported_as_dimensions_and_stand_in_the_template(
    client: Client, shop: Shop, connection: Connection
) -> None:
    measured = next(iter(catalogue.variants(connection)))
    before = timezone.now()
    row = DIMENSIONS.row(sku=measured["sku"], chest_cm=Decimal("46.50"), length_cm=Decimal(92))
    storing.store(connection, DIMENSIONS, [row], origin="file")
    rows = {row["sku"]: row["dimensions"] for row in catalogue.variants(connection)}
    assert rows.pop(measured["sku"]) == {"chest_cm": "46.5", "length_cm": "92"}
    assert set(map(str, rows.values())) == {"None"}
    changed = catalogue.variants(connection, since=before)
    assert [row["sku"] for row in changed] == [measured["sku"]]
    line = next(line for line in _template(client, shop) if line[0] == measured["sku"])
    assert line[3:] == ["46.5", "", "", "", "", "92", "", "", ""]


def test_a_title_does_not_become_a_formula(shop: Shop, client: Client, world: World) -> None:
    row = PRODUCTS.row(variant_id="1", sku="A", title="=HYPERLINK(1)", size_label="M")
    storing.store(world.connection, PRODUCTS, [row])
    assert _template(client, world.shop)[1][:3] == ["A", "'=HYPERLINK(1)", "M"]


def test_who_cannot_read_it_from_an_api_is_asked_for_languages_and_dimensions_alone(
    client: Client, shop: Shop
) -> None:
    shop.platform = platforms.OTHER
    shop.save()
    page = _page(client, shop)
    assert 'name="languages"' in page
    assert 'name="size"' not in page
    answer = client.post(
        reverse("configuration", args=[shop.slug]),
        {"languages": ["ja"], "dimensions_from": "files"},
    )
    assert answer.status_code == 302
    shop.refresh_from_db()
    assert shop.languages == ["ja"]
    assert ProductConfiguration.objects.get(shop=shop).dimensions_in_files
    task = _task(shop)
    assert (task.state, task.turn) == (State.INCOMPLETE, Party.MERCHANT)
    assert task.fact == "Your file with the dimensions has not arrived yet"


def test_a_returns_module_of_their_own_is_kleeps_turn(
    client: Client, shop: Shop, connection: Connection
) -> None:
    assert _ask(client, shop, returns="custom") == "moved"
    connection.refresh_from_db()
    assert "returns" not in connection.config
    assert ProductConfiguration.objects.get(shop=shop).unknown == ["custom_returns"]
    assert re.search(r'name="returns" value="custom"[^>]*checked', _page(client, shop))


@pytest.mark.parametrize(("language", "typed"), [("en", "46.5"), ("fr", "46,5")])
def test_the_filled_in_template_is_checked_row_by_row_and_taken(
    client: Client, shop: Shop, connection: Connection, language: str, typed: str
) -> None:
    head, first, second, *rest = _template(client, shop, language)
    place = head.index("chest_cm")
    first[place], second[place] = typed, "large"
    filled = io.StringIO()
    delimiter = ";" if language == "fr" else ","
    csv.writer(filled, delimiter=delimiter).writerows([head, first, second, *rest])
    stream = io.BytesIO(filled.getvalue().encode("utf-8-sig"))
    file = ingesting.receive(
        connection, name=f"dimensions-{shop.slug}.csv", stream=stream, origin="upload",
        dataset="dimensions", shop=shop.slug,
    )  # fmt: skip
    outcome = ingesting.take(file)
    assert (outcome.accepted, outcome.rejected) == (len(rest) + 1, 1)
    [problem] = outcome.problems
    assert (problem.row, problem.column, problem.value) == (3, "chest_cm", "large")
    rows = {row["sku"]: row["dimensions"] for row in catalogue.variants(connection)}
    assert rows[first[0]] == {"chest_cm": "46.5"}
    assert rows[second[0]] is None
    assert _ask(client, shop, dimensions_from="files") == "moved"
    assert _task(shop).state is State.COMPLETED


def test_the_file_with_the_dimensions_is_sent_on_its_own_page(
    client: Client, shop: Shop, connection: Connection
) -> None:
    address = reverse("dimensions", args=[shop.slug])
    assert "id_file_error" in client.post(address).content.decode()
    sku = next(iter(catalogue.variants(connection)))["sku"]
    sent = SimpleUploadedFile("measures.csv", f"sku;chest_cm\n{sku};46,5\n".encode())
    answer = client.post(address, {"file": sent})
    file = ReceivedFile.objects.get()
    assert answer["Location"] == reverse("file", args=[shop.slug, file.pk])
    assert (file.dataset, file.connection) == ("dimensions", connection)
    assert client.get(answer["Location"]).status_code == 200
    assert Event.objects.filter(shop=shop, kind="file_received").count() == 1

"""The page of the readiness: measures in words, plots with their tables; the same as JSON and by command."""

import html
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation

from connectors.datasets import DATASETS
from connectors.models import TABLES
from tests.commands import run
from tests.onboarding.conftest import World


def _store(world: World, dataset: str, **values: Any) -> None:
    TABLES[dataset].objects.create(connection=world.connection, seen_at=timezone.now(), **values)


@pytest.fixture
def pulled(world: World) -> World:
    """Two variants of one product, one without a size; orders in November and January."""
    for id, size in (("1", "S"), ("2", None)):
        _store(world, "products", variant_id=id, product_id="9", sku=id, size_label=size)
    for id, month in (("1", 11), ("2", 11), ("3", 13)):
        moment = datetime(2025 + month // 13, (month - 1) % 12 + 1, 5, tzinfo=UTC)
        _store(
            world, "orders", line_id=id, order_id=id, order_date=moment,
            product_id="9", variant_id="1", quantity=Decimal(1),
        )  # fmt: skip
    return world


def _page(world: World, language: str = "en") -> str:
    client = world.client("viewer")
    address = f"/shops/{world.shop.slug}/readiness"
    return client.get(address, headers={"Accept-Language": language}).content.decode()


def test_the_page_says_every_measure_and_what_to_do(pulled: World) -> None:
    page = _page(pulled)
    assert "Not yet: something that is needed is missing." in page
    assert "Variants without a size: 1 of 2 (50%)." in page
    assert "Tell us which attribute of your shop holds the size" in page
    assert "Months with orders: 2." in page
    assert "No return has arrived." in page
    assert page.count("Holds the go-live up") == 2


def test_the_page_is_in_french_for_who_reads_french(pulled: World) -> None:
    page = _page(pulled, "fr")
    assert "Les données suffisent-elles\N{NO-BREAK SPACE}?" in page
    assert "Déclinaisons sans taille\u00a0: 1 sur 2 (50\u00a0%)." in page
    assert "nov. 2025\u00a0: 2" in page


def test_a_plot_has_a_bar_for_every_month_and_a_table_of_its_figures(pulled: World) -> None:
    page = _page(pulled)
    bars = re.findall(r'<g class="bar"><title>(.+?)</title>', page)
    assert bars == ["Nov. 2025: 2", "Dec. 2025: 0", "Jan. 2026: 1"]
    assert '<th scope="row">November 2025</th><td class="number">2</td>' in page
    assert '<th scope="row"><code>size_label</code></th><td class="number">1</td>' in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_on_the_page_needs_a_style_or_a_script_of_its_own(
    pulled: World, language: str
) -> None:
    page = _page(pulled, language)
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(
        r'(width|height|x|y)="\d+,\d', page
    )  # French decimals would break a drawing


def test_what_is_good_enough_looks_good_and_what_would_be_better_stands_apart(
    pulled: World,
) -> None:
    TABLES["products"].objects.filter(variant_id="2").update(size_label="M")
    for month in range(1, 13):
        moment = datetime(2024, month, 5, tzinfo=UTC)
        _store(
            pulled, "orders", line_id=f"old-{month}", order_id="1", order_date=moment,
            product_id="9", variant_id="1", quantity=Decimal(1),
        )  # fmt: skip
    page = _page(pulled)
    note = page.split('class="note note-good check-summary"')[1].split("</div>")[0]
    assert "#check-circle-fill" in note
    assert "Good enough to go live." in note
    assert "What is missing, and what to do" not in page
    better = page.split('id="better-title"')[1].split("</section>")[0]
    assert better.count("Does not block the go-live") == better.count('class="line-name"') == 2


def test_a_month_that_is_not_over_is_said_to_be_growing(world: World) -> None:
    today = timezone.now()
    _store(
        world, "orders", line_id="1", order_id="1", order_date=today,
        product_id="9", variant_id="1", quantity=Decimal(1),
    )  # fmt: skip
    page = _page(world)
    assert f'<th scope="row">{today:%B %Y}*</th>' in page
    assert page.count("This month is not over: its bar still grows.") == 1


def test_a_shop_without_data_is_told_what_is_missing(world: World) -> None:
    page = _page(world)
    assert "No variant of a product has arrived." in page
    assert "No order has arrived." in page
    assert 'class="pygal-chart"' not in page


def test_a_shop_without_a_connection_has_no_readiness(world: World) -> None:
    world.shop.connection = None
    world.shop.save()
    for ending in ("readiness", "readiness.json"):
        answer = world.client("owner").get(f"/shops/{world.shop.slug}/{ending}")
        assert answer.status_code == 404


def test_the_json_and_the_command_say_the_same_as_the_page(pulled: World) -> None:
    slug = pulled.shop.slug
    served = pulled.client("staff").get(f"/shops/{slug}/readiness.json").json()
    printed = run("readiness", slug, "--json")
    assert printed.code == 1
    assert served["shop"] == slug
    assert not served["ok"]
    [size] = [m for m in served["measures"] if m["name"] == "variants_without_size"]
    assert (size["number"], size["of"], size["share"]) == (1, 2, 0.5)
    assert (size["ok"], size["severity"]) == (False, "blocks_go_live")
    assert served["volumes"]["orders"] == {"2025-11": 2, "2026-01": 1}
    assert {**printed.document, "measured_at": served["measured_at"]} == served


def test_the_command_prints_a_table_for_a_person(pulled: World) -> None:
    shown = run("readiness", pulled.shop.slug)
    assert shown.code == 1
    heading, first, *_rest = shown.out.splitlines()
    assert heading.split() == ["measure", "verdict", "number", "of", "sentence"]
    assert first.split()[:4] == ["variants_without_size", "blocks_go_live", "1", "2"]


def test_the_data_page_leads_to_it(pulled: World) -> None:
    page = pulled.client("viewer").get(f"/shops/{pulled.shop.slug}/data").content.decode()
    assert f'href="/shops/{pulled.shop.slug}/readiness"' in page


def test_the_page_of_the_datasets_has_every_column_with_its_origin(world: World) -> None:
    page = world.client("stranger").get("/datasets").content.decode()
    for dataset in DATASETS.values():
        assert f'id="dataset-{dataset.name}"' in page
        section = page.split(f'id="dataset-{dataset.name}"')[1].split("</section>")[0]
        named = re.findall(r'<th scope="row"><code>(\w+)</code>', section)
        assert named == [column.name for column in dataset.columns]
        assert section.count("to be confirmed") == sum(c.ours for c in dataset.columns)
        assert section.count("One of:") == sum(bool(c.choices) for c in dataset.columns)
        assert section.count("<strong>Kleep</strong>") == sum(not c.ours for c in dataset.columns)


def test_the_datasets_are_explained_in_the_readers_language(world: World) -> None:
    page = world.client("stranger").get("/datasets", headers={"Accept-Language": "fr"})
    text = html.unescape(page.content.decode())
    with translation.override("fr"):
        for dataset in DATASETS.values():
            assert translation.gettext(dataset.description) in text
            for column in dataset.columns:
                assert (said := translation.gettext(column.description)) in text
                assert said != column.description, column.name

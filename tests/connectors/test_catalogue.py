"""The join of variants and products, and the lines of orders that look things up in it."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connectors import catalogue, storing
from connectors.datasets import ORDERS, PRODUCTS
from connectors.models import TABLES, Connection, Cursor

OLD = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
NEW = OLD + timedelta(days=1)
COLUMNS = [column.name for column in PRODUCTS.columns]


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(tenant=uuid.uuid4(), platform="magento")


def variant(id: str, **values: Any) -> dict[str, Any]:
    given = {"sku": f"SKU-{id}", "size_label": "36", "active": True, "updated_at": OLD, **values}
    return PRODUCTS.row(product_id=id, variant_id=id, **given)


def parent(id: str, *children: str, **values: Any) -> dict[str, Any]:
    given = {"active": True, "updated_at": OLD, **values}
    return PRODUCTS.row(
        product_id=id, variant_id=id, is_parent=True, children=list(children), **given
    )


def store(connection: Connection, *rows: dict[str, Any], scope: str = "") -> None:
    storing.store(connection, PRODUCTS, rows, scope=scope)


def exported(connection: Connection, scope: str = "") -> dict[str, dict[str, Any]]:
    return {row["variant_id"]: row for row in catalogue.variants(connection, scope)}


def deleted(*ids: str) -> None:
    TABLES["products"].objects.filter(variant_id__in=ids).update(deleted_at=NEW)


def test_there_is_one_row_per_variant_and_none_for_the_product_itself(connection):
    store(connection, parent("10", "1", "2"), variant("1"), variant("2"), variant("3"))
    rows = exported(connection)
    assert {id: row["product_id"] for id, row in rows.items()} == {"1": "10", "2": "10", "3": "3"}
    assert all(list(row) == COLUMNS for row in rows.values())


def test_each_column_joins_by_its_own_rule(connection):
    store(
        connection,
        parent(
            "10", "1",
            title="Robe", description="", url="u-parent", images=["p"], category="Dresses",
            gender="female", color="Rouge", brand="Maison", price=Decimal(99), sku="PARENT",
            size_label="never", dimensions={"a": "1"}, is_new=True, kleep_enabled=False,
            updated_at=NEW,
        ),
        variant(
            "1",
            title="Robe 36", description="own", url="u-own", images=[], color="Vert",
            price=Decimal(91), is_new=False, kleep_enabled=True, dimensions=None,
        ),
    )  # fmt: skip
    row = exported(connection)["1"]
    expected = {
        "sku": "SKU-1", "size_label": "36", "price": Decimal(91),  # never
        "images": ["p"], "gender": "female", "color": "Vert", "brand": "Maison",  # if blank
        "dimensions": {"a": "1"},
        "title": "Robe", "url": "u-parent", "category": "Dresses",  # always
        "is_new": True, "kleep_enabled": False,
        "description": "own",  # always, but the product's is blank
        "updated_at": NEW,  # the later
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("own", "of_product", "joined"),
    [
        (True, True, True), (True, False, False), (False, True, False), (False, False, False),
        (None, True, True), (True, None, True), (None, False, False), (None, None, None),
    ],
)  # fmt: skip
def test_a_variant_is_active_only_with_its_product(connection, own, of_product, joined):
    store(connection, parent("10", "1", active=of_product), variant("1", active=own))
    assert exported(connection)["1"]["active"] is joined


def test_of_several_products_the_smallest_id_wins_as_a_number(connection):
    store(connection, parent("10", "1"), parent("9", "1"), parent("100", "1"), variant("1"))
    assert exported(connection)["1"]["product_id"] == "9"


def test_a_deleted_product_lends_nothing_and_a_deleted_variant_is_left_out(connection):
    store(connection, parent("9", "1", "2", title="gone"), parent("10", "1", title="here"))
    store(connection, variant("1"), variant("2", title="alone"), variant("3"))
    deleted("9", "3")
    rows = exported(connection)
    assert {id: (row["product_id"], row["title"]) for id, row in rows.items()} == {
        "1": ("10", "here"),
        "2": ("2", "alone"),
    }


def test_a_link_to_a_product_that_never_came_changes_nothing(connection):
    store(connection, parent("10", "1", "unknown"), variant("1"))
    assert list(exported(connection)) == ["1"]


def test_store_views_have_texts_of_their_own(connection):
    for scope, title in (("fr", "Robe"), ("en", "Dress")):
        store(connection, parent("10", "1", title=title), variant("1"), scope=scope)
        Cursor.objects.create(connection=connection, resource="products", scope=scope)
    assert exported(connection, "fr")["1"]["title"] == "Robe"
    assert exported(connection, "en")["1"]["title"] == "Dress"


@pytest.mark.parametrize("asked", ["", "de"])
def test_a_store_view_that_was_never_pulled_means_the_first_one(connection, asked):
    for scope in ("fr", "en"):
        store(connection, variant("1", title=scope), scope=scope)
        Cursor.objects.create(connection=connection, resource="products", scope=scope)
    assert exported(connection, asked)["1"]["title"] == "fr"


def test_chunks_join_alike_and_cost_a_fixed_number_of_queries(connection, monkeypatch):
    store(connection, *[variant(str(id)) for id in range(100, 120)])
    store(
        connection, parent("1", *map(str, range(100, 110))), parent("2", *map(str, range(110, 120)))
    )

    def read(size: int) -> tuple[dict[str, str], int]:
        monkeypatch.setattr(catalogue, "CHUNK", size)
        with CaptureQueriesContext(database) as captured:
            rows = exported(connection)
        return {id: row["product_id"] for id, row in rows.items()}, len(captured)

    small, queries_of_small = read(3)
    whole, queries_of_whole = read(1000)
    assert small == whole == {str(id): "1" if id < 110 else "2" for id in range(100, 120)}
    # 20 rows are 7 chunks of 3, or one; the first statement and the scope are asked once.
    assert queries_of_small - queries_of_whole == 6 * 3


def line(variant_id: str, **values: Any) -> dict[str, Any]:
    return ORDERS.row(order_id="1", line_id="1", variant_id=variant_id, **values)


def canonical(connection: Connection, *rows: dict[str, Any]) -> list[tuple[Any, Any]]:
    found = catalogue.canonical(connection, "", rows)
    return [(row["product_id"], row["size_label"]) for row in found]


def test_order_lines_get_the_products_id_and_a_size_where_they_name_none(connection):
    store(connection, parent("10", "1"), variant("1"), variant("2", size_label="M"))
    assert canonical(
        connection,
        line("1", product_id="77", size_label=None),
        line("1", product_id="77", size_label="38"),
        line("2", product_id="2", size_label=""),
        line("3", product_id="30", size_label=None),
    ) == [("10", "36"), ("10", "38"), ("2", "M"), ("30", None)]


def test_order_lines_of_what_is_no_longer_sold_keep_their_product_and_find_their_size(connection):
    store(connection, parent("10", "1"), variant("1"))
    deleted("10", "1")
    assert canonical(connection, line("1", product_id="10")) == [("10", "36")]


def test_rows_without_a_size_column_get_none(connection):
    store(connection, parent("10", "1"), variant("1"))
    row = {"variant_id": "1", "product_id": None, "sku": "SKU-1"}
    assert list(catalogue.canonical(connection, "", [row])) == [{**row, "product_id": "10"}]


def test_a_line_without_variant_is_left_as_it_is(connection):
    row = {"variant_id": None, "product_id": "5", "sku": "x"}
    assert list(catalogue.canonical(connection, "", [row])) == [row]


def test_what_is_exported_of_orders_meets_what_is_exported_of_products(connection):
    store(
        connection, parent("10", "1"), parent("11", "2"), variant("1"), variant("2"), variant("3")
    )
    deleted("11")
    products = {row["variant_id"]: row["product_id"] for row in catalogue.variants(connection)}
    lines = [line(id, product_id="old") for id in products]
    found = catalogue.canonical(connection, "", lines)
    assert {row["variant_id"]: row["product_id"] for row in found} == products

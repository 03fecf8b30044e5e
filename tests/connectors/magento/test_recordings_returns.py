"""What a real Magento answered about refunds, stock, stores and attributes becomes the right rows."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.datasets import RETURNS, STOCK
from connectors.magento.return_shapes import ReturnAttribute
from tests import recordings
from tests.connectors.magento.replay import Shop, connected, pull, rows
from tests.connectors.magento.test_recordings import LABEL_ATTRIBUTES, moment, recorded_shop
from tests.connectors.magento.test_returns import line

pytestmark = pytest.mark.recordings


def memo_rows(name: str) -> list[dict[str, Any]]:
    shop = Shop()
    shop.set("creditmemos", recordings.load(name).body)
    return rows(shop, "creditmemos")


FULL_REFUND = [
    ("cm-1", "1", "5", "14", "407", "407", "ÉCHARPE-01", 1, "refunded"),
    ("cm-1", "2", "5", "15", "105", "77", "JEANS-009-White-38", 2, "refunded"),
    ("cm-1", "4", "5", "17", "144", "124", "DRESS-016-White-42", 1, "refunded"),
    ("cm-1", "6", "5", "19", "71", "37", "SHIRT-007-Off-white-XS", 1, "refunded"),
    ("cm-1", "8", "5", "21", "406", "406", "TOTE BAG 01", 2, "refunded"),
]


def test_a_full_refund_is_one_row_per_line_of_the_order() -> None:
    found = memo_rows("creditmemos_of_closed_full_refund")
    assert [line(row) for row in found] == FULL_REFUND
    assert found[1] == RETURNS.row(
        return_id="cm-1",
        line_id="2",
        return_date=moment("2024-10-26 20:40:29"),
        order_id="5",
        order_line_id="15",
        product_id="105",
        variant_id="77",
        sku="JEANS-009-White-38",
        quantity=Decimal(2),
        status="refunded",
        source="credit_memo",
        updated_at=moment("2024-10-27 02:27:29"),
    )


def test_a_full_refund_names_the_lines_that_its_order_has() -> None:
    shop = recorded_shop()
    shop.listing("orders", [recordings.load("order_closed_full_refund").body])
    config = {"attributes": LABEL_ATTRIBUTES}
    ordered = {row["line_id"]: row for row in rows(shop, "orders", **config)}
    for row in memo_rows("creditmemos_of_closed_full_refund"):
        bought = ordered[row["order_line_id"]]
        for name in ("order_id", "product_id", "variant_id", "sku"):
            assert row[name] == bought[name]
        assert row["quantity"] == bought["quantity_refunded"]


def test_a_refund_that_only_adjusts_the_sum_returns_nothing_but_is_counted() -> None:
    shop = Shop()
    shop.set("creditmemos", recordings.load("creditmemos_of_partial_refund").body)
    with connected(shop) as (connector, _wire):
        (page,) = pull(connector, "creditmemos")
    assert (page.rows, page.fetched) == ([], 1)
    assert (page.position.at, page.position.id) == (moment("2024-11-01 11:04:17"), 2)


def test_a_page_of_credit_memos() -> None:
    assert [line(row) for row in memo_rows("creditmemos_page")] == [
        *FULL_REFUND,
        ("cm-3", "9", "8", "29", "395", "391", "TSHIR-043-Black-XL", 1, "refunded"),
    ]


def test_a_partial_refund_with_something_kept_back_is_the_line_that_came_back() -> None:
    found = memo_rows("creditmemos_updated_at")
    assert [line(row) for row in found] == [
        ("cm-59", "119", "200", "741", "34", "10", "DRESS-001-Red-40", 1, "refunded")
    ]


@pytest.mark.parametrize(
    "name",
    recordings.names(
        "creditmemos_of_*", "creditmemos_page", "creditmemos_order_id", "creditmemos_updated_at"
    ),
)
def test_every_recorded_page_of_credit_memos_is_mapped(name: str) -> None:
    for memo in recordings.load(name).body["items"]:
        counted = [item for item in memo["items"] if "row_total" in item]
        shop = Shop()
        shop.listing("creditmemos", [memo])
        found = rows(shop, "creditmemos")
        assert [row["order_line_id"] for row in found] == [
            str(item["order_item_id"]) for item in counted
        ]
        assert [row["quantity"] for row in found] == [item["qty"] for item in counted]


def test_a_page_of_source_items() -> None:
    shop = Shop()
    shop.listing("inventory/source-items", recordings.load("source_items_page").body["items"])
    assert rows(shop, "inventory") == [
        STOCK.row(sku=sku, location="default", quantity=Decimal(quantity), in_stock=True)
        for sku, quantity in (
            ("SHIRT-002-White-XS", 498),
            ("DRESS-001-Red-36", 199),
            ("JEANS-004-White-36", 223),
            ("TSHIR-003-Black-S", 224),
            ("SHIRT-002-White-S", 205),
        )
    ]


def test_a_sku_in_three_sources_is_three_rows() -> None:
    shop = Shop()
    shop.set("inventory/source-items", recordings.load("source_items_sku").body)
    assert [
        (row["location"], row["quantity"], row["in_stock"]) for row in rows(shop, "inventory")
    ] == [("berlin_wh", 149, True), ("default", 200, True), ("paris_store", 0, False)]


def test_reasons_are_read_in_the_three_languages_of_the_recorded_stores() -> None:
    shop = Shop()
    shop.set("store/storeConfigs", recordings.load("store_storeConfigs").body)
    for store, label in (("fr", "Trop petit"), ("en", "Too small"), ("de", "Zu klein")):
        options = [{"label": " ", "value": ""}, {"label": label, "value": "70"}]
        shop.set(
            "returnsAttributeMetadata", [{"attribute_code": "reason", "options": options}], store
        )
    found = {(row["language"], row["code"]): row["label"] for row in rows(shop, REASONS)}
    assert found == {
        ("fr", "70"): "Trop petit",
        ("en", "70"): "Too small",
        ("de", "70"): "Zu klein",
        **{(language, "0"): "Other" for language in ("fr", "en", "de")},
    }
    assert ReturnAttribute.__struct_fields__ == (
        "attribute_code",
        "store_label",
        "frontend_label",
        "options",
    )


REASONS = "returnsAttributeMetadata"


@pytest.mark.parametrize(
    ("resource", "route", "name", "count"),
    [
        ("creditmemos", "creditmemos", "creditmemos_page", None),
        ("inventory", "inventory/source-items", "source_items_page", 1075),
        ("store", "store/storeConfigs", "store_storeConfigs", 3),
        ("categories", "categories/list", "categories_list", 9),
        ("attributes", "products/attributes", "attributes_page", 65),
    ],
)
def test_the_check_counts_what_a_real_shop_counts(
    resource: str, route: str, name: str, count: int | None
) -> None:
    shop, recording = Shop(), recordings.load(name)
    shop.set(route, recording.body)
    with connected(shop) as (connector, _wire):
        probe = connector.probe(connector.resource(resource))
    assert probe.error is None
    assert probe.count == (recording.body["total_count"] if count is None else count)


@pytest.mark.parametrize("name", ["returns", "returnsAttributeMetadata"])
def test_open_source_has_no_returns(name: str) -> None:
    assert recordings.load(name).status == 404
    with connected(Shop()) as (connector, _wire):
        probe = connector.probe(connector.resource(name))
    assert probe.error is not None
    assert probe.error.code == "magento_returns_route"

"""The invented data: consistent sums, translated labels, every situation, the same for a seed."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.magento.orders import SAME_SECOND
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.shop import SandboxShop
from tests.connectors.sandbox.asking import HOST, ask, body_of, criteria

ANCHOR = datetime(2026, 6, 1, tzinfo=UTC)
CENT = pytest.approx


@pytest.fixture(scope="module")
def shop() -> SandboxShop:
    return SandboxShop(seed=3, orders=400, styles=20, anchor=ANCHOR)


@pytest.fixture(scope="module")
def orders(shop: SandboxShop) -> list[Json]:
    rows: list[Json] = shop.search("orders", "searchCriteria=")["items"]
    return rows


def tops(order: Json) -> Iterator[Json]:
    return (item for item in order["items"] if "parent_item_id" not in item)


def money(order: Json) -> list[Json]:
    """The items that carry money: not the children of configurables, nor bundles themselves."""
    children = {item["item_id"]: item for item in order["items"]}
    return [
        item
        for item in order["items"]
        if item["product_type"] != "bundle"
        and children.get(item.get("parent_item_id"), {}).get("product_type") != "configurable"
    ]


def test_the_same_seed_gives_the_same_shop_and_another_one_does_not(shop: SandboxShop) -> None:
    same = SandboxShop(seed=3, orders=400, styles=20, anchor=ANCHOR)
    other = SandboxShop(seed=4, orders=400, styles=20, anchor=ANCHOR)
    for table in ("orders", "products", "customers", "creditmemos", "source_items"):
        page = criteria(30)
        assert shop.search(table, page) == same.search(table, page)
        assert shop.search(table, page) != other.search(table, page)


def test_the_totals_of_an_order_follow_from_its_items(orders: list[Json]) -> None:
    for order in orders:
        items = money(order)
        for prefix in ("", "base_"):
            subtotal = sum(
                item[f"{prefix}row_total"] + item[f"{prefix}discount_amount"] for item in items
            )
            tax = (
                sum(item[f"{prefix}tax_amount"] for item in items)
                + order[f"{prefix}shipping_tax_amount"]
            )
            assert order[f"{prefix}subtotal"] == CENT(subtotal)
            assert order[f"{prefix}tax_amount"] == CENT(tax)
            assert order[f"{prefix}grand_total"] == CENT(
                subtotal
                + tax
                + order[f"{prefix}shipping_amount"]
                + order[f"{prefix}discount_amount"]
                + order[f"{prefix}discount_tax_compensation_amount"]
            )


def test_row_total_is_net_of_the_discount_while_row_invoiced_is_not(orders: list[Json]) -> None:
    discounted = [item for order in orders if order["state"] == "complete" for item in money(order)
                  if item["discount_amount"]]  # fmt: skip
    assert len(discounted) > 20
    for item in discounted:
        assert item["row_total"] == CENT(item["row_invoiced"] - item["discount_amount"])
        assert item["price"] * item["qty_ordered"] == CENT(item["row_invoiced"], abs=0.03)


def test_a_configurable_is_two_lines_with_the_childs_sku(
    shop: SandboxShop, orders: list[Json]
) -> None:
    known = {row["id"]: row for row in shop.search("products", "searchCriteria=")["items"]}
    pairs = 0
    for order in orders:
        by_id = {item["item_id"]: item for item in order["items"]}
        for child in order["items"]:
            parent = by_id.get(child.get("parent_item_id"))
            if parent is None or parent["product_type"] != "configurable":
                continue
            pairs += 1
            assert child["sku"] == parent["sku"] == known[child["product_id"]]["sku"]
            assert known[parent["product_id"]]["type_id"] == "configurable"
            assert (
                child["product_id"]
                in known[parent["product_id"]]["extension_attributes"]["configurable_product_links"]
            )
            assert (child["price"], child["row_total"], child["qty_shipped"]) == (0, 0, 0)
            assert child["parent_item"] == parent
            chosen = parent["product_option"]["extension_attributes"]["configurable_item_options"]
            values = {
                one["attribute_code"]: one["value"]
                for one in known[child["product_id"]]["custom_attributes"]
            }
            assert [(one["option_id"], one["option_value"]) for one in chosen] == [
                ("93", int(values["color"])),
                ("137", int(values["size"])),
            ]
    assert pairs > 300


def test_up_to_2_3_the_child_repeats_its_parents_price() -> None:
    shop = SandboxShop(seed=3, orders=5, styles=4, anchor=ANCHOR)
    shop.switches.child_prices = True
    items = [
        item
        for order in shop.search("orders", "searchCriteria=")["items"]
        for item in order["items"]
    ]
    children = [item for item in items if "parent_item" in item]
    assert children
    assert all(item["price"] == item["parent_item"]["price"] > 0 for item in children)


def test_there_is_an_order_of_each_kind(orders: list[Json]) -> None:
    statuses = {order["status"] for order in orders}
    assert statuses == {"complete", "processing", "pending", "holded", "canceled", "closed"}
    assert {order["order_currency_code"] for order in orders if order["store_id"] == 2} == {"USD"}
    assert {order["order_currency_code"] for order in orders if order["store_id"] != 2} == {"EUR"}
    kinds = {item["product_type"] for order in orders for item in tops(order)}
    assert kinds == {"configurable", "simple", "virtual", "bundle"}
    assert any("coupon_code" in order for order in orders)
    partly = [order for order in orders if order["status"] == "processing"
              and len({item["qty_shipped"] > 0 for item in tops(order)}) == 2]  # fmt: skip
    assert partly
    # Deleted since: the customer, and a product.
    assert any(not order["customer_is_guest"] and "customer_id" not in order for order in orders)
    assert any(item["sku"] == "GONE-01" for order in orders for item in order["items"])
    assert all(
        order["total_due"] > 0 and "total_paid" not in order
        for order in orders
        if order["status"] == "canceled"
    )


def test_a_product_that_was_deleted_is_in_no_list(shop: SandboxShop) -> None:
    assert shop.search("products", criteria(None, ("sku", "eq", "GONE-01")))["total_count"] == 0


def test_many_orders_share_one_second(orders: list[Json]) -> None:
    seconds: dict[str, int] = {}
    for order in orders:
        seconds[order["updated_at"]] = seconds.get(order["updated_at"], 0) + 1
    assert max(seconds.values()) == SAME_SECOND > 20


def test_credit_memos_give_back_what_their_orders_say(
    shop: SandboxShop, orders: list[Json]
) -> None:
    by_order: dict[int, list[Json]] = {}
    for memo in shop.search("creditmemos", "searchCriteria=")["items"]:
        by_order.setdefault(memo["order_id"], []).append(memo)
    refunded = [order for order in orders if "total_refunded" in order]
    assert {order["entity_id"] for order in refunded} == set(by_order)
    for order in refunded:
        memos = by_order[order["entity_id"]]
        assert sum(memo["grand_total"] for memo in memos) == CENT(order["total_refunded"])
        for item in tops(order):
            quantity = sum(one["qty"] for memo in memos for one in memo["items"]
                           if one["order_item_id"] == item["item_id"])  # fmt: skip
            assert quantity == item["qty_refunded"]
        if order["status"] == "closed":
            assert order["total_refunded"] == CENT(order["grand_total"])
        else:
            assert order["total_refunded"] < order["grand_total"]
    assert any(len(memos) == 2 for memos in by_order.values())
    only_adjusted = [memo for memos in by_order.values() for memo in memos
                     if not memo["items"] and memo["shipping_amount"] == 0]  # fmt: skip
    assert only_adjusted
    assert all(memo["grand_total"] == memo["adjustment"] > 0 for memo in only_adjusted)


def test_no_line_is_refunded_beyond_what_was_bought(orders: list[Json]) -> None:
    assert all(
        item["qty_refunded"] <= item["qty_ordered"] for order in orders for item in order["items"]
    )


def test_titles_and_labels_are_those_of_the_store_view(shop: SandboxShop) -> None:
    names = {store: shop.search("products", criteria(1, ("sku", "eq", "ROBE-001")), store)["items"][0]["name"]
             for store in ("all", "fr", "en", "de")}  # fmt: skip
    assert names == {"all": "Robe Alba", "fr": "Robe Alba", "en": "Alba Dress", "de": "Kleid Alba"}
    labels = {store: body_of(ask(shop, f"/rest/{store}/V1/products/attributes/color/options"))[1]["label"]
              for store in ("all", "fr", "en", "de")}  # fmt: skip
    assert labels == {"all": "Black", "fr": "Noir", "en": "Black", "de": "Schwarz"}


def test_sizes_come_in_letters_and_numbers(shop: SandboxShop) -> None:
    options = body_of(ask(shop, "/rest/V1/products/attributes/size/options"))
    assert [one["label"] for one in options] == [
        " ",
        "XS",
        "S",
        "M",
        "L",
        "XL",
        "XXL",
        "34",
        "36",
        "38",
        "40",
        "42",
        "44",
        "46",
    ]


@pytest.mark.parametrize(
    ("sku", "path"),
    [
        ("CABAS LIN 01", "CABAS%20LIN%2001"),
        ("FEUTRE-100%", "FEUTRE-100%25"),
        ("000042", "000042"),
        ("靴下-01", "%E9%9D%B4%E4%B8%8B-01"),
        ("ROBE-001", "robe-001"),
    ],
)
def test_awkward_skus_are_found_by_path_and_by_filter(
    shop: SandboxShop, sku: str, path: str
) -> None:
    assert body_of(ask(shop, f"/rest/V1/products/{path}"))["sku"] == sku
    assert (
        shop.search("products", criteria(None, ("sku", "eq", sku)).replace("+", "%2B"))[
            "total_count"
        ]
        == 1
    )


def test_the_stock_field_is_there_only_for_who_may_see_it(shop: SandboxShop) -> None:
    shop.integrations["min-read"].resources = (shop.integrations["min-read"].resources or frozenset()) - {
        "Magento_CatalogInventory::cataloginventory"
    }  # fmt: skip
    target = "/rest/V1/products/000042"
    assert "stock_item" in body_of(ask(shop, target, who="read"))["extension_attributes"]
    assert "stock_item" not in body_of(ask(shop, target, who="min-read"))["extension_attributes"]


def test_variants_carry_the_facts_that_their_kind_has(shop: SandboxShop) -> None:
    def codes(sku: str) -> set[str]:
        (row,) = shop.search("products", criteria(None, ("sku", "eq", sku)))["items"]
        return {one["attribute_code"] for one in row["custom_attributes"]}

    style = shop.search("products", criteria(None, ("sku", "eq", "ROBE-001")))["items"][0]
    links = style["extension_attributes"]["configurable_product_links"]
    variant = shop.search("products", criteria(None, ("entity_id", "eq", str(links[0]))))["items"][
        0
    ]
    assert {"size", "color", "ean", "cost", "brand"} <= codes(variant["sku"])
    assert {"gender", "material", "brand", "special_price"} <= codes("ROBE-001")
    assert not {"size", "color", "ean", "cost", "gender"} & codes("000042")


def test_the_stores_include_the_administration_but_their_settings_do_not(shop: SandboxShop) -> None:
    views = body_of(ask(shop, "/rest/V1/store/storeViews"))
    assert [(view["id"], view["code"]) for view in views] == [
        (1, "fr"),
        (0, "admin"),
        (2, "en"),
        (3, "de"),
    ]
    settings = body_of(ask(shop, "/rest/V1/store/storeConfigs"))
    assert [(one["code"], one["default_display_currency_code"]) for one in settings] == [
        ("fr", "EUR"),
        ("en", "USD"),
        ("de", "EUR"),
    ]
    assert settings[0]["base_url"] == f"http://{HOST}/"


def test_everything_happened_before_the_anchor_and_in_its_order(orders: list[Json]) -> None:
    last = ANCHOR.strftime("%Y-%m-%d %H:%M:%S")
    assert all(order["created_at"] <= order["updated_at"] <= last for order in orders)
    created = [order["created_at"] for order in orders]
    assert created == sorted(created)
    assert created[0] < (ANCHOR - timedelta(days=700)).strftime("%Y-%m-%d")


def test_only_adobe_commerce_has_returns() -> None:
    commerce = SandboxShop(seed=3, orders=60, styles=4, anchor=ANCHOR, is_commerce=True)
    rows: list[dict[str, Any]] = body_of(ask(commerce, "/rest/V1/returns?searchCriteria="))["items"]
    lines = {
        item["item_id"]: item
        for order in commerce.search("orders")["items"]
        for item in order["items"]
    }
    assert rows
    assert None in [row["items"] for row in rows]
    items = [(row, item) for row in rows for item in row["items"] or []]
    # They point to a configurable's own line as well as to its child's.
    pointed = {lines[item["order_item_id"]]["product_type"] for _row, item in items}
    children = [item for _row, item in items if "parent_item_id" in lines[item["order_item_id"]]]
    assert "configurable" in pointed
    assert children
    for row, item in items:
        assert 0 < item["qty_requested"] <= lines[item["order_item_id"]]["qty_ordered"]
        assert lines[item["order_item_id"]]["order_id"] == row["order_id"]
    codes = [
        one["attribute_code"] for one in body_of(ask(commerce, "/rest/V1/returnsAttributeMetadata"))
    ]
    assert codes == ["resolution", "condition", "reason", "reason_other"]
    assert "Magento_Rma" in body_of(ask(commerce, "/rest/V1/modules"))
    refused = ask(commerce, "/rest/V1/returns?searchCriteria=", who="no-returns")
    assert body_of(refused)["parameters"] == {"resources": "Magento_Rma::magento_rma"}
    open_source = ask(SandboxShop.bare(), "/rest/V1/returns?searchCriteria=")
    assert (open_source.status, body_of(open_source)["message"]) == (
        404,
        "Request does not match any route.",
    )


def test_a_shop_of_given_rows_has_nothing_else() -> None:
    shop = SandboxShop.bare(customers=[{"id": 9, "email": "someone@example.com"}])
    assert shop.search("customers")["items"] == [{"id": 9, "email": "someone@example.com"}]
    for table in ("orders", "products", "creditmemos", "source_items", "invoices", "order_items"):
        assert shop.search(table)["total_count"] == 0


def test_a_shop_that_is_asked_from_two_sides_at_its_opening_answers_both() -> None:
    shop = SandboxShop(orders=5)
    at_the_catalogue = threading.Event()

    def who_holds_the_lock() -> int:
        with shop.lock:
            at_the_catalogue.wait(5)
            return len(shop.catalogue.by_id)

    def who_looks_at_the_catalogue() -> int:
        at_the_catalogue.set()
        return len(shop.catalogue.by_id)

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(who_holds_the_lock), pool.submit(who_looks_at_the_catalogue)]
        first, second = (answer.result(timeout=20) for answer in answers)
    assert first == second > 0

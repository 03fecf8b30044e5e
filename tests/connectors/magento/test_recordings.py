"""What a real Magento answered becomes the right rows: every order, product and customer recording."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.datasets import CUSTOMERS, ORDERS, PRODUCTS
from tests import recordings
from tests.connectors.magento.replay import Shop, pseudonym, rows

pytestmark = pytest.mark.recordings

LABEL_ATTRIBUTES = {"size": ["size"], "color": ["color"], "material": ["material"], "ean": []}
NO_PROPOSAL = {
    role: []
    for role in (
        [
            "gender",
            "brand",
            "parent_reference",
            "internal_reference",
            "is_new",
            "is_children",
            "kleep_enabled",
        ]
    )
}
CONFIG = {"attributes": {**NO_PROPOSAL, **LABEL_ATTRIBUTES}}


def recorded_shop() -> Shop:
    """Store views, categories and option labels as the recorded shop has them."""
    shop = Shop()
    shop.set("store/storeConfigs", recordings.load("store_storeConfigs").body)
    shop.set("categories", recordings.load("categories_tree").body)
    shop.set("categories", recordings.load("categories_tree_store_de").body, "de")
    size = {
        **recordings.load("attribute_size").body,
        "options": recordings.load("attribute_size_options").body,
    }
    color = recordings.load("attribute_color_store_de").body
    for store, options in (("", "all"), ("de", "de")):
        labels = recordings.load(f"attribute_color_options_{options}").body
        shop.listing("products/attributes", [size, {**color, "options": labels}], store)
    return shop


def order_rows(name: str) -> list[dict[str, Any]]:
    shop = recorded_shop()
    shop.listing("orders", [recordings.load(name).body])
    return rows(shop, "orders", **CONFIG)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


LINE = (
    "line_id",
    "product_id",
    "variant_id",
    "sku",
    "size_label",
    "quantity",
    "quantity_cancelled",
    "quantity_refunded",
    "price",
)


def line(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in LINE)


def test_a_guest_order_with_a_plain_line_and_two_configurable_ones() -> None:
    found = order_rows("order_configurable_guest")
    assert [line(row) for row in found] == [
        ("22", "410", "410", "HAT-100%", None, 1, 0, 0, Decimal("16.66")),
        ("23", "144", "124", "DRESS-016-White-42", "42", 1, 0, 0, Decimal("93.91")),
        ("25", "142", "122", "JEANS-014-Navy-42", "42", 3, 0, 0, Decimal("79.22")),
    ]
    common = {name: found[0][name] for name in ORDERS.row() if name not in LINE}
    assert common == {
        "order_id": "6",
        "order_date": moment("2024-10-19 02:21:23"),
        "status": "complete",
        "customer_ref": pseudonym("guest9@example.org"),
        "currency": "EUR",
        "country": "FR",
        "store": "fr",
        "updated_at": moment("2024-10-23 06:52:23"),
    }
    assert all({name: row[name] for name in common} == common for row in found)


def test_a_customers_order() -> None:
    found = order_rows("order_configurable_customer")
    assert [line(row) for row in found] == [
        ("33", "252", "244", "TSHIR-028-Red-L", "L", 3, 0, 0, Decimal("28.07"))
    ]
    assert found[0]["order_id"] == "10"
    assert found[0]["order_date"] == moment("2024-10-31 06:51:59")
    assert found[0]["updated_at"] == moment("2024-11-04 14:45:59")
    assert found[0]["customer_ref"] == pseudonym("client032@example.com")
    assert (found[0]["currency"], found[0]["country"], found[0]["store"]) == ("EUR", "FR", "fr")


def test_a_coupon_does_not_lower_the_unit_price() -> None:
    """row_total is net of the discount (14.66, 82.64, 209.13); price is not."""
    found = order_rows("order_coupon")
    assert [(row["line_id"], row["price"], row["quantity"]) for row in found] == [
        ("22", Decimal("16.66"), 1),
        ("23", Decimal("93.91"), 1),
        ("25", Decimal("79.22"), 3),
    ]


def test_a_partly_refunded_order_stays_complete() -> None:
    found = order_rows("order_partial_refund")
    assert [line(row) for row in found] == [
        ("27", "251", "243", "SHIRT-027-White-M", "M", 2, 0, 0, Decimal("73.29"))
    ]
    assert (found[0]["status"], found[0]["currency"], found[0]["country"]) == (
        "complete",
        "USD",
        "GB",
    )
    assert (found[0]["order_id"], found[0]["store"]) == ("7", "en")
    assert found[0]["updated_at"] == moment("2024-10-26 16:16:17")


def test_a_fully_refunded_order_counts_each_returned_piece_once() -> None:
    found = order_rows("order_closed_full_refund")
    assert [line(row) for row in found] == [
        ("14", "407", "407", "ÉCHARPE-01", None, 1, 0, 1, Decimal("16.66")),
        ("15", "105", "77", "JEANS-009-White-38", "38", 2, 0, 2, Decimal("70.44")),
        ("17", "144", "124", "DRESS-016-White-42", "42", 1, 0, 1, Decimal("93.91")),
        ("19", "71", "37", "SHIRT-007-Off-white-XS", "XS", 1, 0, 1, Decimal("53.4")),
        ("21", "406", "406", "TOTE BAG 01", None, 2, 0, 2, Decimal("16.66")),
    ]
    assert {row["status"] for row in found} == {"closed"}


def test_an_order_in_dollars_keeps_the_orders_own_currency() -> None:
    found = order_rows("order_usd_store_en")
    assert [line(row) for row in found] == [
        ("12", "407", "407", "ÉCHARPE-01", None, 1, 0, 0, Decimal("18.12")),
        ("13", "411", "411", "GIFT-CARD-V", None, 1, 0, 0, Decimal("18.11")),
    ]
    assert {(row["currency"], row["country"], row["store"]) for row in found} == {
        ("USD", "GB", "en")
    }
    assert {row["customer_ref"] for row in found} == {pseudonym("client054@example.com")}
    assert {row["order_date"] for row in found} == {moment("2024-10-12 20:58:35")}


def test_a_bundles_money_stands_on_its_own_line_and_not_on_its_parts() -> None:
    orders = recordings.load("orders_page_100").body["items"]
    shop = recorded_shop()
    shop.listing("orders", [order for order in orders if order["entity_id"] == 23])
    assert [line(row) for row in rows(shop, "orders", **CONFIG)] == [
        ("83", "143", "123", "JUMPE-015-Black-XL", "XL", 2, 0, 0, Decimal("70.19")),
        ("85", "417", "417", "BUNDLE-01", None, 1, 0, 0, Decimal("49.98")),
        ("86", "406", "406", "TOTE BAG 01", None, 1, 0, 0, 0),
        ("87", "408", "408", "BELT+01", None, 2, 0, 0, 0),
    ]


def test_a_page_of_a_hundred_orders_gives_one_row_for_every_line_a_shopper_counts() -> None:
    orders = recordings.load("orders_page_100").body["items"]
    in_order = sorted(orders, key=lambda order: (order["updated_at"], order["entity_id"]))
    shop = recorded_shop()
    shop.listing("orders", in_order)
    found = rows(shop, "orders", **CONFIG)
    lines = {
        str(item["item_id"])
        for order in orders
        for item in order["items"]
        if item.get("parent_item", {}).get("product_type") != "configurable"
    }
    assert {row["line_id"] for row in found} == lines
    assert len(found) == len(lines)
    for order in orders:
        own = [row for row in found if row["order_id"] == str(order["entity_id"])]
        # The order's own subtotal is of unrounded prices: a cent per piece may differ.
        total = sum(row["price"] * row["quantity"] for row in own)
        assert abs(total - Decimal(str(order["subtotal"]))) <= Decimal("0.05") * len(own)
        configurable = [item for item in order["items"] if item["product_type"] == "configurable"]
        assert len([row for row in own if row["size_label"]]) == len(configurable)


def records_of(name: str, route: str, key: str) -> list[Any]:
    """The whole records that a recording of this route holds, in the order in which we ask for them."""
    recording = recordings.load(name)
    if recording.status != 200 or f"/V1/{route}" not in recording.path:
        return []
    body = recording.body
    listed = body.get("items") if isinstance(body, dict) and "total_count" in body else [body]
    whole = [
        one for one in listed or [] if isinstance(one, dict) and {key, "updated_at"} <= set(one)
    ]
    return sorted(whole, key=lambda one: (one["updated_at"], one[key]))


@pytest.mark.parametrize(
    "name", recordings.names("order*", "tz_orders_*", "*_orders*", "sig_*", "page*", "iolimit_*")
)
def test_every_recorded_order_is_mapped_without_a_name_an_address_or_an_e_mail(name: str) -> None:
    orders = records_of(name, "orders", "entity_id")
    shop = recorded_shop()
    shop.listing("orders", orders)
    found = rows(shop, "orders", **CONFIG)
    assert {row["order_id"] for row in found} == {
        str(order["entity_id"]) for order in orders if order.get("items")
    }
    shown = repr(found)
    for order in orders:
        personal = [
            order.get("customer_email"),
            order.get("customer_lastname"),
            order.get("remote_ip"),
            *(order.get("billing_address") or {}).get("street", []),
            (order.get("billing_address") or {}).get("telephone"),
        ]
        assert [one for one in personal if one and one in shown] == []


@pytest.mark.parametrize(
    ("store", "title", "category"),
    [
        ("fr", "Robe Lin", "Robes"),
        ("en", "Lin Dress", "Robes"),
        ("de", "Kleid Lin Neu", "Kleider"),
    ],
)
def test_a_configurable_product_in_three_store_views(store: str, title: str, category: str) -> None:
    product = recordings.load(f"product_configurable_store_{store}").body
    shop = recorded_shop()
    shop.listing("products", [product])
    (found,) = rows(shop, "products", store, **CONFIG)
    assert found == PRODUCTS.row(
        product_id="34",
        variant_id="34",
        sku="DRESS-001",
        title=title,
        description="Robe « Lin » — très doux ✨\nLavage 30°",
        url="http://127.0.0.1:8088/robe-lin.html",
        images=[],
        category=category,
        gender="female",
        active=True,
        is_new=False,
        is_children=False,
        currency="EUR",
        material="100% Lin",
        updated_at=moment("2026-11-21 00:17:10"),
        is_parent=True,
        children=["6", "10", "14", "18", "22", "26", "30", "2"],
    )


@pytest.mark.parametrize(("store", "color"), [("fr", "Red"), ("de", "Rot")])
def test_a_variant_has_its_labels_in_the_language_of_the_store_view(store: str, color: str) -> None:
    shop = recorded_shop()
    shop.listing("products", [recordings.load("product_simple").body])
    (found,) = rows(shop, "products", store, **CONFIG)
    assert (found["variant_id"], found["sku"]) == ("6", "DRESS-001-Red-38")
    assert (found["size_label"], found["color"]) == ("38", color)
    assert (found["price"], found["currency"]) == (Decimal("89"), "EUR")
    assert (found["is_parent"], found["children"], found["url"]) == (False, None, None)


def test_a_page_of_products() -> None:
    shop = recorded_shop()
    page = recordings.load("products_page").body["items"]
    shop.listing("products", sorted(page, key=lambda one: (one["updated_at"], one["id"])))
    found = {row["variant_id"]: row for row in rows(shop, "products", "fr", **CONFIG)}
    shown = ("sku", "size_label", "color", "price", "active", "updated_at")
    assert {number: tuple(row[name] for name in shown) for number, row in found.items()} == {
        "1": (
            "SHIRT-002-White-XS",
            "XS",
            "White",
            Decimal("59.9"),
            True,
            moment("2024-12-28 08:01:00"),
        ),
        # The special price of 60 is an offer; the catalogue price stays 91.
        "2": (
            "DRESS-001-Red-36",
            "36",
            "Red",
            Decimal("91"),
            True,
            moment("2026-11-21 00:16:57"),
        ),
        "3": (
            "JEANS-004-White-36",
            "36",
            "White",
            Decimal("79"),
            True,
            moment("2025-06-08 08:03:00"),
        ),
        "4": (
            "TSHIR-003-Black-S",
            "S",
            "Black",
            Decimal("24.95"),
            True,
            moment("2024-06-06 08:04:00"),
        ),
        "5": (
            "SHIRT-002-White-S",
            "S",
            "White",
            Decimal("59.9"),
            True,
            moment("2026-08-23 08:05:00"),
        ),
    }


@pytest.mark.parametrize(
    "name", recordings.names("product*", "minread_products*", "sku_*", "outage_*")
)
def test_every_recorded_product_is_mapped(name: str) -> None:
    products = records_of(name, "products", "id")
    shop = recorded_shop()
    shop.listing("products", products)
    found = {row["variant_id"]: row for row in rows(shop, "products", "fr", **CONFIG)}
    assert {number: row["sku"] for number, row in found.items()} == {
        str(product["id"]): product["sku"] for product in products
    }
    for product in products:
        row = found[str(product["id"])]
        assert row["is_parent"] == (product["type_id"] == "configurable")
        codes = {one["attribute_code"] for one in product["custom_attributes"]}
        assert bool(row["size_label"]) == ("size" in codes)
        assert bool(row["color"]) == ("color" in codes)
        assert row["price"] == (Decimal(str(product.get("price", 0))) or None)


@pytest.mark.parametrize("name", recordings.names("customer*", "minread_customers"))
def test_every_recorded_customer_is_mapped_without_personal_data(name: str) -> None:
    customers = records_of(name, "customers", "email")
    shop = Shop()
    shop.listing("customers/search", sorted(customers, key=lambda one: one["updated_at"]))
    found = rows(shop, "customers")
    assert {row["customer_ref"] for row in found} == {
        pseudonym(customer["email"].lower()) for customer in customers
    }
    for customer in customers:
        assert customer["email"] not in repr(found)
        assert customer["lastname"] not in repr(found)


def test_customers_become_pseudonyms() -> None:
    shop = Shop()
    found = recordings.load("customers_search").body["items"]
    shop.listing("customers/search", sorted(found, key=lambda one: (one["updated_at"], one["id"])))
    assert rows(shop, "customers") == [
        CUSTOMERS.row(
            customer_ref=pseudonym("client002@example.com"),
            created_at=moment("2024-02-22 15:15:00"),
            country="GB",
            updated_at=moment("2024-05-02 15:15:00"),
        ),
        CUSTOMERS.row(
            customer_ref=pseudonym("client001@example.com"),
            created_at=moment("2024-08-20 14:41:00"),
            country="FR",
            updated_at=moment("2025-07-26 14:41:00"),
        ),
        CUSTOMERS.row(
            customer_ref=pseudonym("client.000+tag@example.com"),
            created_at=moment("2024-07-22 22:31:00"),
            gender="male",
            birth_year=1988,
            country="FR",
            updated_at=moment("2026-11-21 00:17:14"),
        ),
    ]

"""A made-up shop in a real Magento's shapes: old releases, bundles, deleted things, two languages."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import CUSTOMERS, ORDERS, PRODUCTS
from connectors.magento.client import decoder
from connectors.magento.proposal import propose
from connectors.magento.resources import RESOURCES
from connectors.magento.shapes import Attribute, List
from tests import recordings
from tests.connectors.magento.replay import Shop, connected, pseudonym, pull, rows

SAMPLES = Path(__file__).parent / "samples"
ADA = pseudonym("ada.lovelace@example.org")


def sample(name: str) -> Any:
    return recordings.read(SAMPLES / f"{name}.json").body


def sample_shop() -> Shop:
    shop = Shop()
    shop.set("store/storeConfigs", sample("store_configs"))
    for store in ("fr", "it"):
        shop.set("categories", sample(f"categories_{store}"), store)
        shop.set("products/attributes", sample(f"attributes_{store}"), store)
    return shop


def order_rows(name: str) -> list[dict[str, Any]]:
    shop = sample_shop()
    shop.listing("orders", [sample(name)])
    with connected(shop, stores=("fr",)) as (connector, _wire):
        return [row for page in pull(connector, "orders") for row in page.rows]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


COMMON = {
    "order_date": moment("2025-04-01 08:00:00"),
    "updated_at": moment("2025-04-02 09:00:00"),
    "customer_ref": ADA,
    "country": "FR",
}


def test_a_configurable_purchase_is_one_row() -> None:
    assert order_rows("order_configurable") == [
        ORDERS.row(
            **COMMON,
            order_id="41",
            line_id="1001",
            status="complete",
            product_id="500",
            variant_id="501",
            sku="LUNE-501",
            size_label="34",
            quantity=Decimal(2),
            quantity_cancelled=Decimal(0),
            quantity_refunded=Decimal(1),
            price=Decimal("80.5"),
            currency="EUR",
            store="fr",
        )
    ]


def test_an_order_of_an_old_release_gives_the_same_row() -> None:
    """Numbers as text, [] for an empty object, the child's price repeated, the child not cancelled."""
    assert order_rows("order_old_release") == [
        ORDERS.row(
            **COMMON,
            order_id="42",
            line_id="1011",
            status="canceled",
            product_id="500",
            variant_id="502",
            sku="LUNE-502",
            size_label="36",
            quantity=Decimal(1),
            quantity_cancelled=Decimal(1),
            quantity_refunded=Decimal(0),
            price=Decimal("80.5"),
            currency="CHF",
            store="it",
        )
    ]


def test_a_bundles_parts_are_rows_without_money() -> None:
    found = order_rows("order_bundle")
    assert [
        (row["line_id"], row["product_id"], row["variant_id"], row["quantity"], row["price"])
        for row in found
    ] == [
        ("1021", "700", "700", 1, 60),
        ("1022", "600", "600", 2, 0),
        ("1023", "601", "601", 1, 0),
        ("1024", "900", "900", 1, 25),
    ]
    assert sum(row["price"] * row["quantity"] for row in found) == 85


def test_the_order_of_a_deleted_customer_keeps_its_reference() -> None:
    (found,) = order_rows("order_deleted_customer")
    assert (found["order_id"], found["customer_ref"], found["price"]) == ("44", ADA, 9)


def test_deleted_options_and_products_leave_a_row_with_what_is_known() -> None:
    found = order_rows("order_deleted_product")
    assert [
        (row["line_id"], row["product_id"], row["variant_id"], row["sku"], row["size_label"])
        for row in found
    ] == [
        ("1041", "500", "9999", "LUNE-OLD", None),
        ("1043", None, None, "GONE", None),
    ]


def test_a_configurable_line_without_its_child_does_not_invent_a_variant() -> None:
    (found,) = order_rows("order_without_child")
    assert (found["product_id"], found["variant_id"]) == ("500", None)
    assert (found["size_label"], found["country"], found["store"]) == ("34", None, None)


@pytest.mark.parametrize(
    ("store", "changed"),
    [
        (
            "fr",
            {
                "title": "Robe Lune",
                "url": "https://www.atelier-lune.example/fr/robe-lune.html",
                "category": "Robes longues",
                "color": "Bleu nuit",
                "currency": "EUR",
                "active": True,
            },
        ),
        (
            "it",
            {
                "title": "Abito Luna",
                "url": "https://www.atelier-lune.example/it/robe-lune.html",
                "category": "Abiti lunghi",
                "color": "Blu notte",
                "currency": "CHF",
                "active": False,  # not offered on the website of this store view
            },
        ),
    ],
)
def test_a_parent_as_each_store_view_shows_it(store: str, changed: dict[str, Any]) -> None:
    shop = sample_shop()
    shop.listing("products", [sample(f"product_configurable_{store}")])
    assert rows(shop, "products", store) == [
        PRODUCTS.row(
            product_id="500",
            variant_id="500",
            sku="LUNE",
            description="Coupe fluide & longue\nLavage 30°",
            images=[
                "https://www.atelier-lune.example/media/catalog/product/l/u/lune-1.jpg",
                "https://www.atelier-lune.example/media/catalog/product/l/u/lune-2.jpg",
            ],
            gender="female",
            is_new=True,
            is_children=False,
            brand="Atelier Lune",
            material="100 % soie",
            parent_reference="LUNE-25",
            updated_at=moment("2025-03-04 05:06:07"),
            is_parent=True,
            children=["503", "501", "502"],
            **changed,
        )
    ]


def products() -> dict[str, dict[str, Any]]:
    shop = sample_shop()
    shop.set("products", sample("products_page"))
    return {row["variant_id"]: row for row in rows(shop, "products", "fr")}


def test_variants_have_their_own_size_price_and_number_and_no_page() -> None:
    found = products()
    shown = ("size_label", "price", "ean", "url", "is_parent", "children", "active")
    assert tuple(found["501"][name] for name in shown) == (
        "34",
        Decimal("129.9"),
        "3701234567890",
        None,
        False,
        None,
        True,
    )
    assert found["502"]["size_label"] == "36"
    # Its option was deleted.
    assert found["503"]["size_label"] is None


def test_a_product_sold_by_itself_has_a_page_and_the_second_kind_of_size() -> None:
    found = products()["600"]
    assert (found["size_label"], found["ean"]) == ("39", "0012345678905")
    assert (found["url"], found["images"]) == ("https://www.atelier-lune.example/fr/bas.html", [])
    assert (found["description"], found["category"]) == ("Doux", "Enfant")
    assert (found["active"], found["is_new"], found["is_children"]) == (False, False, True)


def test_bundles_and_groups_are_rows_without_a_price() -> None:
    found = products()
    assert (found["700"]["price"], found["800"]["price"]) == (None, None)
    assert found["700"]["images"] == [
        "https://www.atelier-lune.example/media/catalog/product/c/o/coffret.jpg"
    ]
    assert (found["800"]["is_parent"], found["800"]["category"]) == (False, None)


def test_customers_keep_no_personal_data_and_accounts_of_one_person_have_one_key() -> None:
    shop = Shop()
    shop.set("customers/search", sample("customers_search"))
    with connected(shop) as (connector, _wire):
        (page,) = pull(connector, "customers")
    assert page.fetched == 5
    person = {"created_at": moment("2024-01-02 03:04:05")}
    assert page.rows == [
        CUSTOMERS.row(
            **person,
            customer_ref=ADA,
            gender="female",
            birth_year=1985,
            country="FR",
            updated_at=moment("2025-01-01 00:00:00"),
        ),
        CUSTOMERS.row(
            **person,
            customer_ref=pseudonym("grace@example.org"),
            country="US",
            updated_at=moment("2025-01-02 00:00:00"),
        ),
        CUSTOMERS.row(
            **person,
            customer_ref=pseudonym("alan@example.org"),
            gender="male",
            updated_at=moment("2025-01-03 00:00:00"),
        ),
        CUSTOMERS.row(
            **person,
            customer_ref=ADA,
            gender="female",
            birth_year=1985,
            country="IT",
            updated_at=moment("2025-01-04 00:00:00"),
        ),
    ]


PERSONAL = ("Ada", "Lovelace", "lovelace@", "Secrète", "Lyon", "69001", "198.51.100.7", "+33")


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("order_*.json")))
def test_no_personal_data_is_left_in_a_row(name: str) -> None:
    assert [one for one in PERSONAL if one in repr(order_rows(name))] == []


def test_every_resource_that_is_pulled_has_a_sample() -> None:
    samples = {
        "products": "products_page",
        "orders": "order_bundle",
        "customers": "customers_search",
        "creditmemos": "creditmemos_page",
        "returns": "returns_page",
        "returnsAttributeMetadata": "return_attributes_fr",
        "inventory": "source_items_page",
        "stockItems": "stock_items_page",
    }
    pulled = {resource.name for resource in RESOURCES if resource.dataset}
    assert set(samples) == pulled
    assert all((SAMPLES / f"{name}.json").is_file() for name in samples.values())


def test_the_roles_of_the_shops_attributes_are_proposed() -> None:
    found = decoder(List[Attribute]).decode(recordings.read(SAMPLES / "attributes_fr.json").content)
    assert propose(found.items or []) == {
        "size": ["pointure", "taille"],
        "color": ["coloris_produit"],
        "gender": ["genre"],
        "ean": ["code_ean"],
        "brand": ["marque"],
        "material": ["composition"],
        "parent_reference": ["ref_modele"],
        "internal_reference": [],
        "is_new": ["nouveaute"],
        "is_children": [],
        "kleep_enabled": [],
    }

"""Records as WSHOP is assumed to write them, value by value, and as it may write them in worse moods."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Row
from connectors.wshop import products
from connectors.wshop.context import Context, UnclearValueError, label_by_id, options_by_code
from connectors.wshop.dialect import DIALECT, Dates
from connectors.wshop.mapping import order_rows, reason_rows, return_rows
from connectors.wshop.paging import Record
from connectors.wshop.shapes import shape
from tests.connectors.wshop.shops import pseudonym

PRODUCT = {
    "id": 12,
    "reference": "R-1012",
    "model_reference": "MOD-004",
    "name": {"fr": "Robe Lin Rouge", "en": "Linen Dress Red"},
    "description": "<p>Robe droite.</p><script>x()</script><p>Lin &amp; coton</p>",
    "url": "https://shop.example/robe-lin-rouge",
    "images": [{"url": "https://shop.example/1.jpg", "alt": "face"}, {"url": ""}, {"url": None}],
    "department_id": 7,
    "active": 1,
    "is_new": "0",
    "currency": "EUR",
    "supplier": {"name": "Jean Fournisseur", "email": "jean@fournisseur.example"},
    "attributes": [
        {"code": "couleur", "value": 31},
        {"code": "matiere", "value": ["41", "42"]},
        {"code": "marque", "value": "Maison Démo"},
        {"code": "longueur", "value": "102 cm"},
        {"code": "secret_margin", "value": "63%"},
        {"code": "genre", "value": 99},
    ],
    "updated_at": "2026-05-02 09:30:00",
    "variants": [
        {
            "id": 1201,
            "sku": "DR-36",
            "ean": "0370000001201",
            "size_id": 3,
            "active": True,
            "price": 89.9,
        },
        {"id": 1202, "sku": "DR-38", "ean": None, "size_id": 4, "active": "0", "price": "92.50"},
        {"id": 1203, "sku": "DR-T", "ean": "", "size_id": 5, "active": None, "price": None},
    ],
}
CONTEXT = Context(
    language="fr",
    dates=Dates(),
    roles={**products.ROLES, "dimensions": ["longueur", "largeur"]},
    pseudonym=pseudonym,
    lookups={"size": "sizes", "department": "departments", "reason": "return_reasons"},
    labels={
        "sizes": {"3": "36", "4": "38"},
        "departments": {"7": "Femme > Robes"},
        "return_reasons": {"1": "Trop petit"},
    },
    options={
        "couleur": {"31": "Rouge"},
        "matiere": {"41": "Lin", "42": "Coton"},
        "genre": {"1": "Femme"},
    },
)


def _record(name: str, document: Mapping[str, Any]) -> Record:
    """As it comes out of an answer: only what the table names is left."""
    body = json.dumps({"success": True, "data": [document]}).encode()
    return shape(DIALECT.endpoints[name]).batch(body).records[0]


def _products(document: Mapping[str, Any], context: Context = CONTEXT) -> list[Row]:
    return products.product_rows(_record("products", document), context)


def test_a_product_is_one_row_per_variant() -> None:
    first, second, third = _products(PRODUCT)
    assert first == {
        "product_id": "12",
        "variant_id": "1201",
        "sku": "DR-36",
        "ean": "0370000001201",
        "title": "Robe Lin Rouge",
        "description": "Robe droite.\nLin & coton",
        "url": "https://shop.example/robe-lin-rouge",
        "images": ["https://shop.example/1.jpg"],
        "category": "Femme > Robes",
        "gender": "female",
        "size_label": "36",
        "active": True,
        "is_new": False,
        "is_children": False,
        "brand": "Maison Démo",
        "color": "Rouge",
        "parent_reference": "MOD-004",
        "internal_reference": "R-1012",
        "price": Decimal("89.9"),
        "currency": "EUR",
        "material": "Lin, Coton",
        "dimensions": {"longueur": "102 cm"},
        "kleep_enabled": None,
        "updated_at": datetime(2026, 5, 2, 9, 30, tzinfo=UTC),
        "is_parent": False,
        "children": None,
    }
    assert {**second, "variant_id": "1201"} == {
        **first,
        "sku": "DR-38",
        "ean": None,
        "size_label": "38",
        "active": False,
        "price": Decimal("92.5"),
    }
    # A size that the list does not have is no label; a variant that says nothing is as live as its product.
    assert (third["variant_id"], third["size_label"], third["active"]) == ("1203", None, True)
    assert (third["ean"], third["price"]) == (None, None)


def test_nothing_that_the_table_does_not_name_is_even_decoded() -> None:
    record = _record("products", PRODUCT)
    assert set(record) == {*DIALECT.endpoints["products"].fields, "lines"}
    assert "Fournisseur" not in json.dumps(record)


def test_titles_come_in_the_language_of_the_connection() -> None:
    assert _products(PRODUCT, replace(CONTEXT, language="en"))[0]["title"] == "Linen Dress Red"
    assert _products(PRODUCT, replace(CONTEXT, language="de"))[0]["title"] == "Robe Lin Rouge"


def test_an_object_whose_keys_are_no_languages_is_no_text() -> None:
    record = {**PRODUCT, "name": {"author": "Jeanne Martin"}}
    assert _products(record)[0]["title"] is None


def test_the_brands_own_attributes_answer_kleeps_questions() -> None:
    roles = {**CONTEXT.roles, "internal_reference": ["longueur"], "parent_reference": ["marque"]}
    row = _products(PRODUCT, replace(CONTEXT, roles=roles))[0]
    assert (row["internal_reference"], row["parent_reference"]) == ("102 cm", "Maison Démo")


def test_a_product_without_variants_is_its_own() -> None:
    for variants in ([], None):
        row = _products({**PRODUCT, "variants": variants})[0]
        assert (row["product_id"], row["variant_id"], row["size_label"]) == ("12", "12", None)
        assert row["active"] is True


def test_a_product_that_is_switched_off_has_no_live_variant() -> None:
    assert [row["active"] for row in _products({**PRODUCT, "active": False})] == [False] * 3


@pytest.mark.parametrize(
    ("department", "gender", "is_children"),
    [
        ("Homme > Chemises", "male", False),
        ("Fille > Robes", "female", True),
        ("Homme & Femme > Sacs", "unisex", False),
        ("Maison > Bougies", None, False),
    ],
)
def test_the_department_says_for_whom_where_no_attribute_does(
    department: str, gender: str | None, is_children: bool
) -> None:
    labels = {**CONTEXT.labels, "departments": {"7": department}}
    row = _products(PRODUCT, replace(CONTEXT, labels=labels))[0]
    assert (row["gender"], row["is_children"]) == (gender, is_children)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"active": "perhaps"}, "active of record 12 is neither true nor false"),
        ({"updated_at": "02/05/2026"}, "updated_at of record 12 is not a date"),
        ({"variants": [{"id": 5, "price": "12,50 €"}]}, "price of record 5 is not a number"),
        ({"variants": [{"id": 5, "price": "1e400"}]}, "price of record 5 is not a number"),
        ({"variants": [{"id": 5, "price": "NaN"}]}, "price of record 5 is not a number"),
    ],
)
def test_a_value_that_is_not_what_its_name_promises_is_named_and_not_shown(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(UnclearValueError) as refused:
        _products({**PRODUCT, **changes})
    assert said in str(refused.value)
    assert not any(value in str(refused.value) for value in ("perhaps", "12,50", "02/05"))


ORDER = {
    "id": 501,
    "reference": "W100501",
    "created_at": "2026-04-30 22:10:05",
    "updated_at": "2026-05-01 08:00:00",
    "status": "shipped",
    "currency": "EUR",
    "store": "fr",
    "customer": {
        "id": 9,
        "email": "Camille.Moreau@Customers.example",
        "firstname": "Camille",
        "lastname": "Moreau",
        "phone": "+33612345678",
    },
    "billing_address": {"country": "FR", "street": "3 rue des Lilas", "city": "Paris"},
    "ip": "198.51.100.7",
    "payment": {"method": "card", "last4": "4242"},
    "lines": [
        {
            "id": 9001,
            "product_id": 12,
            "variant_id": 1201,
            "sku": "DR-36",
            "quantity": 2,
            "quantity_cancelled": 0,
            "quantity_refunded": "1.0000",
            "price_excl_tax": "74.9167",
        },
        {"product_id": 30, "variant_id": "3001", "sku": "", "quantity": "1", "price_excl_tax": 10},
    ],
}


def _orders(document: Mapping[str, Any]) -> list[Row]:
    return order_rows(_record("orders", document), replace(CONTEXT, lookups={}))


def test_an_order_is_one_row_per_line() -> None:
    first, second = _orders(ORDER)
    assert first == {
        "order_id": "501",
        "line_id": "9001",
        "order_date": datetime(2026, 4, 30, 22, 10, 5, tzinfo=UTC),
        "status": "shipped",
        "customer_ref": pseudonym("camille.moreau@customers.example"),
        "product_id": "12",
        "variant_id": "1201",
        "sku": "DR-36",
        "size_label": None,
        "quantity": Decimal(2),
        "quantity_cancelled": Decimal(0),
        "quantity_refunded": Decimal(1),
        "price": Decimal("74.9167"),
        "currency": "EUR",
        "country": "FR",
        "store": "fr",
        "updated_at": datetime(2026, 5, 1, 8, tzinfo=UTC),
    }
    assert (second["line_id"], second["sku"], second["quantity_cancelled"]) == ("501-2", None, None)


def test_no_personal_data_leaves_the_mapper() -> None:
    shown = repr(_orders(ORDER)) + repr({**_record("orders", ORDER), "customer": None})
    for personal in ("Camille", "Moreau", "customers.example", "+336", "Lilas", "198.51", "4242"):
        assert personal.lower() not in shown.lower()


@pytest.mark.parametrize("customer", [[], None, {"email": None}, {"email": " "}])
def test_orders_without_an_address_are_nobodys(customer: object) -> None:
    assert _orders({**ORDER, "customer": customer})[0]["customer_ref"] is None


@pytest.mark.parametrize("lines", [[], None])
def test_an_order_without_lines_gives_no_row(lines: object) -> None:
    assert _orders({**ORDER, "lines": lines}) == []


RETURN = {
    "id": 77,
    "order_id": 501,
    "created_at": "2026-05-08 10:00:00",
    "updated_at": "0000-00-00 00:00:00",
    "status": "closed",
    "customer": {"email": "camille.moreau@customers.example"},
    "lines": [
        {
            "id": 1,
            "order_line_id": 9001,
            "product_id": 12,
            "variant_id": 1201,
            "sku": "DR-36",
            "quantity": 1,
            "reason_id": 1,
            "comment": "serré aux épaules",
        },
        {"id": 2, "order_line_id": 9002, "quantity": 1, "reason_id": 8},
    ],
}


def test_a_return_is_one_row_per_line_with_its_reason() -> None:
    first, second = return_rows(_record("returns", RETURN), CONTEXT)
    assert first == {
        "return_id": "77",
        "line_id": "1",
        "return_date": datetime(2026, 5, 8, 10, tzinfo=UTC),
        "order_id": "501",
        "order_line_id": "9001",
        "product_id": "12",
        "variant_id": "1201",
        "sku": "DR-36",
        "size_label": None,
        "quantity": Decimal(1),
        "status": "closed",
        "reason_code": "1",
        "reason_label": "Trop petit",
        "comment": "serré aux épaules",
        "source": "rma",
        "updated_at": None,
    }
    assert (second["reason_code"], second["reason_label"]) == ("8", None)


def test_a_comment_keeps_its_words_and_no_way_to_reach_its_writer() -> None:
    said = "Taille 38 trop petite, 102 cm. Rappelez le 06 12 34 56 78 ou +33(0)6.12.34.56.78, c@d.example"
    line = {**RETURN["lines"][0], "comment": said}  # type: ignore[index,dict-item]  # of this document
    row = return_rows(_record("returns", {**RETURN, "lines": [line]}), CONTEXT)[0]
    assert row["comment"] == (
        "Taille 38 trop petite, 102 cm. Rappelez le [number] ou [number], [e-mail]"
    )


def test_reasons_come_in_every_language_that_they_have() -> None:
    several = {"id": 1, "label": {"fr_FR": "Trop petit", "en": "Too small", "x-note": "internal"}}
    assert reason_rows(_record("return_reasons", several), CONTEXT) == [
        {"code": "1", "label": "Trop petit", "language": "fr"},
        {"code": "1", "label": "Too small", "language": "en"},
    ]
    alone = {"id": "autre", "label": "Autre"}
    assert reason_rows(_record("return_reasons", alone), CONTEXT) == [
        {"code": "autre", "label": "Autre", "language": "fr"}
    ]


def test_labels_are_found_by_id() -> None:
    sizes = [
        _record("sizes", {"id": 3, "label": " 36 "}),
        _record("sizes", {"id": 4, "label": None}),
    ]
    assert label_by_id(sizes, "fr") == {"3": "36"}
    attribute = {
        "code": "couleur",
        "label": "Couleur",
        "options": [{"id": 31, "label": {"fr": "Rouge", "en": "Red"}}],
    }
    free = {"code": "matiere", "label": "Matière", "options": []}
    records = [_record("attributes", attribute), _record("attributes", free)]
    assert options_by_code(records, "en") == {"couleur": {"31": "Red"}, "matiere": {}}

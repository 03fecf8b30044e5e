"""Credit memos, returns with reasons and a route of the shop's own become rows, value by value."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.datasets import RETURN_REASONS, RETURNS
from connectors.errors import NotAvailableError
from connectors.magento import returns_config
from connectors.magento.failures import UnknownShapeError
from tests.connectors.magento.replay import Shop, connected, pull, rows
from tests.connectors.magento.test_samples import moment, sample

LINE = (
    "return_id",
    "line_id",
    "order_id",
    "order_line_id",
    "product_id",
    "variant_id",
    "sku",
    "quantity",
    "status",
)
PERSONAL = ("Ada", "Lovelace", "Lyon", "+33", "ada.lovelace")


def line(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in LINE)


# --- credit memos ---


def memo_shop() -> Shop:
    shop = Shop()
    shop.set("creditmemos", sample("creditmemos_page"))
    return shop


def test_a_credit_memo_is_one_row_per_line_of_the_order() -> None:
    """Full, twice of one order, an adjustment alone, a bundle, cancelled, without items."""
    with connected(memo_shop()) as (connector, wire):
        (page,) = pull(connector, "creditmemos")
    assert [line(row) for row in page.rows] == [
        ("cm-1", "1", "41", "1001", "500", "501", "LUNE-501", 1, "refunded"),
        ("cm-2", "3", "43", "1005", "500", "501", "LUNE-501", 2, "refunded"),
        ("cm-2", "5", "43", "1007", "777", "777", "BAG-1", 1, "refunded"),
        ("cm-3", "6", "43", "1005", "500", "501", "LUNE-501", 1, "refunded"),
        ("cm-5", "8", "45", "1010", "900", "900", "SET-BAG-1-HAT-2", 1, "canceled"),
        ("cm-5", "9", "45", "1011", "777", "777", "BAG-1", 1, "canceled"),
        ("cm-5", "10", "45", "1012", "778", "778", "HAT-2", 1, "canceled"),
    ]
    assert page.fetched == 6
    assert len(wire.targets) == 1
    assert page.rows[1] == RETURNS.row(
        return_id="cm-2",
        line_id="3",
        return_date=moment("2025-04-06 10:00:00"),
        order_id="43",
        order_line_id="1005",
        product_id="500",
        variant_id="501",
        sku="LUNE-501",
        quantity=Decimal(2),
        status="refunded",
        source="credit_memo",
        updated_at=moment("2025-04-07 10:00:00"),
    )
    assert [one for one in PERSONAL if one in repr(page.rows)] == []


# --- returns with reasons ---


def rma_shop() -> Shop:
    shop = Shop()
    shop.set("returns", sample("returns_page"))
    shop.set("orders/items", sample("returned_lines_page"))
    shop.set("store/storeConfigs", sample("store_configs"))
    shop.set("returnsAttributeMetadata", sample("return_attributes_fr"))
    shop.set("returnsAttributeMetadata", sample("return_attributes_it"), "it")
    return shop


def test_a_return_is_one_row_per_item_and_points_to_the_line_that_orders_have() -> None:
    with connected(rma_shop()) as (connector, wire):
        (page,) = pull(connector, "returns")
    assert [line(row) for row in page.rows] == [
        # The configurable's own line does not name the variant: the stored order line does.
        ("rma-1", "1", "41", "1001", "500", None, "LUNE-501", 1, "closed"),
        ("rma-2", "2", "43", "1005", "500", "501", "LUNE-501", 1, "partially_authorized"),
        ("rma-2", "3", "43", "1007", "777", "777", "BAG-1", 1, "denied"),
        ("rma-3", "4", "45", "1011", "777", "777", "BAG-1", 1, "pending"),
    ]
    assert [(row["reason_code"], row["reason_label"]) for row in page.rows] == [
        ("70", "Trop petit"),
        ("0", "Autre"),
        ("71", "Trop grand"),
        ("99", None),
    ]
    assert {row["source"] for row in page.rows} == {"rma"}
    assert {row["return_date"] for row in page.rows} == {moment("2025-05-01 08:00:00")}
    assert page.fetched == 4
    # The returns, their order lines and the labels: none of them one by one.
    assert len(wire.targets) == 3
    assert [one for one in PERSONAL if one in repr(page.rows)] == []


@pytest.mark.parametrize(
    ("said", "quantity"),
    [
        ({"qty_requested": 3}, 3),
        ({"qty_requested": 3, "qty_authorized": 2}, 2),
        ({"qty_requested": 3, "qty_authorized": 2, "qty_returned": 1}, 1),
        ({"qty_requested": 3, "qty_authorized": 2, "qty_returned": 2, "qty_approved": 0}, 0),
        ({}, 0),
    ],
)
def test_the_quantity_is_what_the_shop_said_last(said: dict[str, int], quantity: int) -> None:
    shop, item = rma_shop(), {"entity_id": 5, "order_item_id": 1001, **said}
    shop.listing("returns", [{"entity_id": 9, "items": [item]}])
    assert [row["quantity"] for row in rows(shop, "returns")] == [quantity]


def test_returns_are_pulled_without_the_permissions_that_are_only_recommended() -> None:
    """Neither labels nor order lines: codes and ids are what is left."""
    shop = rma_shop()
    del shop.answers["orders/items", ""], shop.answers["returnsAttributeMetadata", ""]
    shop.listing("orders/items", [])
    found = rows(shop, "returns")
    assert [row["order_line_id"] for row in found] == ["1001", "1006", "1007", "1011"]
    assert {row["reason_label"] for row in found} == {None}
    assert [row["reason_code"] for row in found] == ["70", "0", "71", "99"]


def test_reasons_come_in_every_language_of_the_shop() -> None:
    reason = RETURN_REASONS.row
    with connected(rma_shop()) as (connector, wire):
        (page,) = pull(connector, "returnsAttributeMetadata")
    assert sorted(page.rows, key=repr) == sorted(
        [
            reason(code="0", label="Autre", language="fr"),
            reason(code="70", label="Trop petit", language="fr"),
            reason(code="71", label="Trop grand", language="fr"),
            reason(code="0", label="Altro", language="it"),
            reason(code="70", label="Troppo piccolo", language="it"),
            reason(code="71", label="Troppo grande", language="it"),
        ],
        key=repr,
    )
    asked = [target.partition("/rest/")[2] for target in wire.targets]
    assert sorted(asked) == [
        "V1/store/storeConfigs",
        "fr/V1/returnsAttributeMetadata",
        "it/V1/returnsAttributeMetadata",
    ]


# --- a route of the shop's own ---

FIELDS = {
    "return_id": "number",
    "line_id": "lines.id",
    "return_date": "asked_at",
    "order_id": "order.id",
    "order_line_id": "lines.order_item_id",
    "quantity": "lines.qty",
    "reason_label": "lines.why.label",
}
CUSTOM = {"source": "custom", "path": "/rest/V1/acme-rma/returns/", "fields": FIELDS}


def acme(number: int, *lines: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": number,
        "number": f"A{number}",
        "asked_at": "2025-06-01 10:00:00",
        "order": {"id": 41, "customer": {"name": "Ada Lovelace"}},
        "customer_email": "ada.lovelace@example.org",
        "lines": list(lines),
    }


ONE = {"id": 1, "order_item_id": 1001, "qty": 1.5, "why": {"label": "<b>Too small</b>"}}
TWO = {"id": 2, "order_item_id": 1002, "qty": "2", "why": None}


@pytest.mark.parametrize("key", ["", "id"])
@pytest.mark.parametrize("is_bare", [True, False])
def test_a_configured_route_is_read_by_its_fields(key: str, is_bare: bool) -> None:
    if key and is_bare:
        return  # what has pages has a count
    shop, records = Shop(), [acme(1, ONE, TWO), acme(2)]
    shop.set(
        "acme-rma/returns", records if is_bare else {"items": records, "total_count": len(records)}
    )
    config = returns_config.clean({**CUSTOM, "key": key})
    with connected(shop, returns=config) as (connector, _wire):
        probe = connector.probe(connector.resource("returns"))
        (page,) = pull(connector, "returns")
    assert (probe.error, probe.count) == (None, 2)
    common = {
        "return_id": "A1",
        "return_date": moment("2025-06-01 10:00:00"),
        "order_id": "41",
        "source": "custom",
    }
    assert page.rows == [
        RETURNS.row(
            **common,
            line_id="1",
            order_line_id="1001",
            quantity=Decimal("1.5"),
            reason_label="Too small",
        ),
        RETURNS.row(**common, line_id="2", order_line_id="1002", quantity=Decimal(2)),
    ]
    assert page.fetched == 2


def test_a_configured_route_that_is_not_there_is_told_by_the_test() -> None:
    with connected(Shop(), returns=returns_config.clean(CUSTOM)) as (connector, wire):
        assert isinstance(connector.probe(connector.resource("returns")).error, NotAvailableError)
    assert wire.targets == ["/rest/V1/acme-rma/returns"]


@pytest.mark.parametrize(
    "record",
    [acme(1, {**ONE, "qty": "many"}), {**acme(1), "lines": [7]}, {**acme(1, ONE), "order": [1]}],
)
def test_a_field_of_another_shape_is_named_without_its_value(record: dict[str, Any]) -> None:
    shop = Shop()
    shop.set("acme-rma/returns", [record])
    config = returns_config.clean(CUSTOM)
    with (
        connected(shop, returns=config) as (connector, _wire),
        pytest.raises(UnknownShapeError) as wrong,
    ):
        pull(connector, "returns")
    assert "many" not in wrong.value.detail


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("[]", "not an object"),
        ({"source": "elsewhere"}, "the source is one of"),
        ({"from": "rma"}, "nothing is called from"),
        ({"path": "https://evil.example/x", "fields": FIELDS}, "the path is what follows"),
        ({"path": "../orders", "fields": FIELDS}, "the path is what follows"),
        ({"path": "a", "fields": {"return_id": "id"}}, "the fields name at least"),
        ({"path": "a", "fields": {**FIELDS, "comment": "text"}}, "no column comment"),
        ({"path": "a", "fields": {**FIELDS, "sku": "a[0]"}}, "letters, digits and underscores"),
    ],
)
def test_a_configuration_that_cannot_be_used_says_why(given: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        returns_config.clean(given)


@pytest.mark.parametrize(
    ("given", "pulled"),
    [
        ({}, None),
        ({"source": "rma"}, {"returns", "returnsAttributeMetadata"}),
        ({"source": "credit_memos"}, {"creditmemos"}),
        (CUSTOM, {"returns"}),
        ({"path": "a", "fields": FIELDS}, {"returns"}),
        ({"source": "file"}, set()),
        ({"source": "external"}, set()),
    ],
)
def test_the_configuration_decides_what_is_pulled(given: Any, pulled: set[str] | None) -> None:
    decided = returns_config.decided({"returns": returns_config.clean(given)})
    assert ({name for name, is_pulled in decided.items() if is_pulled} if decided else None) == (
        pulled
    )

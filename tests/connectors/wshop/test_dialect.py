"""A wrong assumption is mended in the table alone: the shop speaks otherwise, no code changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.base import Row
from connectors.errors import ConnectorError
from connectors.sandbox.wshop.manner import Manner
from connectors.sandbox.wshop.shop import WshopSandbox
from connectors.sandbox.wshop.stock import Stock
from connectors.wshop.dialect import (
    DIALECT,
    Changes,
    Dates,
    Dialect,
    Login,
    Paging,
    Parameters,
    Style,
    Verb,
)
from connectors.wshop.errors import RefusedError, TableError
from tests.connectors.wshop.shops import connected, corrected, rows

ORDERS = DIALECT.endpoints["orders"]


def _pulled(manner: Manner, dialect: Dialect, name: str = "orders") -> list[Row]:
    path = DIALECT.endpoints[name].path
    shop = WshopSandbox(Stock.made(orders=120), manners={path: manner})
    with connected(shop, dialect=dialect) as connector:
        return rows(connector, name)


CHANGES: dict[str, tuple[Manner, Mapping[str, Any]]] = {
    "renamed fields": (
        Manner(renamed={"price_excl_tax": "unit_price_ht", "updated_at": "modified_on"}),
        {
            "fields": {**ORDERS.fields, "updated_at": "modified_on"},
            "line_fields": {**ORDERS.line_fields, "price": "unit_price_ht"},
        },
    ),
    "nested deeper": (
        Manner(renamed={"lines": "items"}, wrap="orders"),
        {"lines": "items", "records": "data.orders"},
    ),
    "GET for POST": (Manner(verb="GET"), {"verb": Verb.GET}),
    "GET with a query": (
        Manner(verb="GET", reads="query"),
        {"verb": Verb.GET, "parameters": Parameters.QUERY},
    ),
    "offset and size": (
        Manner(paging="offset", number="skip", size="take"),
        {"paging": Paging(style=Style.OFFSET, number="skip", size="take", limit=17)},
    ),
    "cursor": (
        Manner(paging="cursor", number="after", tells_total=False),
        {"paging": Paging(style=Style.CURSOR, number="after", next="next", limit=17, total="")},
    ),
    "no paging": (Manner(paging="none"), {"paging": Paging(style=Style.NONE)}),
    "ISO dates of Paris": (
        Manner(dates="iso", zone="Europe/Paris"),
        {"dates": Dates(format="iso", zone="Europe/Paris")},
    ),
    "French dates of Paris": (
        Manner(dates="%d/%m/%Y %H:%M:%S", zone="Europe/Paris"),
        {"dates": Dates(format="%d/%m/%Y %H:%M:%S", zone="Europe/Paris")},
    ),
    "seconds since 1970": (Manner(dates="unix"), {"dates": Dates(format="unix")}),
    "other filters": (
        Manner(since="modified_since", until="modified_until"),
        {"changes": Changes(since="modified_since", until="modified_until")},
    ),
    "no filter and no sort": (
        Manner(obeys_filter=False, obeys_sort=False),
        {"changes": None, "paging": Paging(limit=50)},
    ),
}


@pytest.fixture(scope="module")
def expected() -> list[Row]:
    """What the shop gives in the manner that we assume."""
    found = _pulled(Manner(), DIALECT)
    assert len({row["order_id"] for row in found}) == 120
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_the_table_alone_mends_a_wrong_assumption(change: str, expected: list[Row]) -> None:
    manner, correction = CHANGES[change]
    found = _pulled(manner, corrected("orders", **correction))
    assert sorted(found, key=_key) == sorted(expected, key=_key)


STOPPED = {
    "renamed fields",
    "nested deeper",
    "GET for POST",
    "GET with a query",
    "ISO dates of Paris",
    "French dates of Paris",
    "seconds since 1970",
    "other filters",
    "no filter and no sort",
}

# It cannot read a date of ours before we read one of its own.
REFUSED_BY_THE_SHOP = {"French dates of Paris", "seconds since 1970"}


@pytest.mark.parametrize("change", CHANGES)
def test_without_the_correction_no_record_is_lost_in_silence(
    change: str, expected: list[Row]
) -> None:
    manner, _correction = CHANGES[change]
    shorter = replace(manner, most=50)
    if change in STOPPED:
        with pytest.raises(ConnectorError) as refused:
            _pulled(shorter, DIALECT)
        if change in REFUSED_BY_THE_SHOP:
            assert isinstance(refused.value, RefusedError)
            assert "A parameter has a wrong format" in refused.value.detail
        else:
            assert "dialect.py" in refused.value.detail
    else:
        assert sorted(_pulled(shorter, DIALECT), key=_key) == sorted(expected, key=_key)


@pytest.mark.parametrize(
    "name", ["variant_id", "quantity", "price_excl_tax", "created_at", "lines"]
)
def test_a_needed_field_under_another_name_is_noticed(name: str) -> None:
    with pytest.raises(TableError) as refused:
        _pulled(Manner(renamed={name: "other"}), DIALECT)
    assert "no record has" in refused.value.detail


def test_a_token_elsewhere_and_another_spelling_are_entries_too() -> None:
    shop = WshopSandbox()
    shop.switches.login_path = "login"
    dialect = replace(DIALECT, login=Login(paths=("authenticate", "login")))
    with connected(shop, dialect=dialect) as connector:
        connector.prove()
    assert [asked.path for asked in shop.log] == ["login"]


def test_products_that_are_listed_by_variant_need_no_lines() -> None:
    stock = Stock.made(orders=0)
    stock.records["products"] = [
        {**{key: value for key, value in product.items() if key != "variants"}, **variant}
        | {"product_id": product["id"]}
        for product in Stock.made(orders=0).records["products"]
        for variant in product["variants"]
    ]
    table = DIALECT.endpoints["products"]
    dialect = corrected(
        "products",
        fields={**table.fields, **table.line_fields, "product_id": "product_id"},
        lines="",
        line_fields={},
    )
    usual = WshopSandbox(Stock.made(orders=0))
    with connected(WshopSandbox(stock), dialect=dialect) as flat, connected(usual) as nested:
        found = [{**row, "active": None} for row in rows(flat, "products")]
        expected = [{**row, "active": None} for row in rows(nested, "products")]
    assert sorted(found, key=lambda row: row["variant_id"]) == sorted(
        expected, key=lambda row: row["variant_id"]
    )


def _key(row: Row) -> str:
    return str(row["line_id"])

"""Quantities by source, or the single ones of a shop that cannot give sources."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from urllib.parse import unquote

import pytest

from connectors.datasets import STOCK
from connectors.magento.connector import MagentoConnector
from connectors.magento.failures import MovingListError
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.connectors.magento.replay import Shop, connected, pull, rows
from tests.connectors.magento.test_connector import found, talking
from tests.connectors.magento.test_contract import MagentoPlayground
from tests.connectors.magento.test_samples import sample

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_source_items_are_rows_by_sku_and_source() -> None:
    shop = Shop()
    shop.set("inventory/source-items", sample("source_items_page"))
    assert rows(shop, "inventory") == [
        STOCK.row(sku="LUNE-501", location="default", quantity=Decimal(3), in_stock=True),
        STOCK.row(sku="LUNE-501", location="lyon", quantity=Decimal(0), in_stock=False),
        STOCK.row(sku="MÈTRE/2", location="default", quantity=Decimal("2.5"), in_stock=True),
    ]


def test_source_items_are_asked_for_in_an_order_of_their_own() -> None:
    shop = Shop()
    shop.set("inventory/source-items", sample("source_items_page"))
    with connected(shop) as (connector, wire):
        pull(connector, "inventory")
    asked = unquote(wire.targets[0])
    assert "[sortOrders][0][field]=sku" in asked.replace("searchCriteria", "")
    assert "[sortOrders][1][field]=source_code" in asked.replace("searchCriteria", "")


def test_without_sources_the_quantities_of_products_are_read_two_questions_a_page() -> None:
    shop = Shop()
    shop.set("stockItems/lowStock", sample("stock_items_page"))
    shop.set("products", sample("product_skus_page"))
    with connected(shop) as (connector, wire):
        (page,) = pull(connector, "stockItems")
    assert page.rows == [
        STOCK.row(
            variant_id="501",
            sku="LUNE-501",
            location="default",
            quantity=Decimal(3),
            in_stock=True,
        ),
        STOCK.row(
            variant_id="777", sku="BAG-1", location="default", quantity=Decimal(0), in_stock=False
        ),
    ]
    assert len(wire.targets) == 2


@pytest.fixture(scope="module")
def shop() -> SandboxShop:
    return SandboxShop(orders=4, styles=6, seed=5)


def stock(connector: MagentoConnector, name: str) -> dict[Any, Any]:
    pages = pull(connector, name)
    every = [row for page in pages for row in page.rows]
    by_key = {(row["sku"], row["location"]): row["quantity"] for row in every}
    assert len(by_key) == len(every)
    return by_key


@pytest.mark.parametrize("page_size", [7, 50, 300])
def test_both_routes_give_what_the_shop_has(shop: SandboxShop, page_size: int) -> None:
    held = {
        (row["sku"], row["source_code"]): row["quantity"]
        for row in shop.search("source_items")["items"]
    }
    with (
        serve(shop) as served,
        MagentoPlayground(shop, served.url).connector(page_size=page_size) as connector,
    ):
        assert isinstance(connector, MagentoConnector)
        assert stock(connector, "inventory") == held
        single = stock(connector, "stockItems")
    default = {key: quantity for key, quantity in held.items() if key[1] == "default"}
    assert {key: single[key] for key in default} == default


def numbered(*readings: dict[int, list[int]]) -> Any:
    """Answers the pages of stockItems/lowStock with these products, one reading after the other."""
    left = [(number, products) for reading in readings for number, products in reading.items()]

    def answer(route: str, head: bytes) -> list[bytes]:
        if route.startswith("products"):
            return found(sample("product_skus_page"))
        number, products = left.pop(0)
        assert f"currentPage={number}&".encode() in head
        return found(
            {"items": [{"product_id": one, "qty": 1} for one in products], "total_count": 3}
        )

    return answer


def test_pages_that_overlap_are_read_again_until_every_product_has_come() -> None:
    """The list has no order: on one reading a product may be on two pages, and another on none."""
    readings = numbered({1: [500, 501], 2: [501]}, {1: [501, 777]})
    with talking(readings, page_size=2) as (connector, _wire):
        pages = pull(connector, "stockItems")
    assert [row["sku"] for page in pages for row in page.rows] == ["LUNE-501", "BAG-1"]
    assert [page.fetched for page in pages] == [2, 1]


def test_a_list_that_never_comes_whole_is_told() -> None:
    short = {1: [500, 501], 2: [501]}
    with (
        talking(numbered(short, short, short), page_size=2) as (connector, _wire),
        pytest.raises(MovingListError),
    ):
        pull(connector, "stockItems")


def left(shop: list[int], *, after: int, deleted: int) -> Any:
    """Answers stockItems/lowStock with two of these products a page; one is deleted after so many answers."""
    answered = 0

    def answer(route: str, head: bytes) -> list[bytes]:
        nonlocal answered
        if route.startswith("products"):
            return found(
                {"items": [{"id": one, "sku": f"S{one}"} for one in range(1, 10)], "total_count": 9}
            )
        number = int(head.partition(b"currentPage=")[2].partition(b"&")[0])
        items = [{"product_id": one, "qty": 1} for one in shop[2 * number - 2 : 2 * number]]
        total, answered = len(shop), answered + 1
        if answered == after:
            shop.remove(deleted)
        return found({"items": items, "total_count": total})

    return answer


def test_a_product_that_is_deleted_while_the_list_is_read_hides_none_behind_it() -> None:
    shop = [1, 2, 3, 4, 5, 6, 7, 8]
    with talking(left(shop, after=1, deleted=1), page_size=2) as (connector, _wire):
        pages = pull(connector, "stockItems")
    assert {row["sku"] for page in pages for row in page.rows} >= {f"S{one}" for one in shop}


def test_a_list_that_overlapped_before_an_interruption_is_read_once_more() -> None:
    """Which products came then is not known any more."""
    shop = [1, 2, 2, 5, 6, 7, 8, 9]  # 3 slipped behind the first page, and out of the second
    with talking(left(shop, after=99, deleted=1), page_size=2) as (connector, _wire):
        first, second = islice(
            connector.pages(connector.resource("stockItems"), since=None, until=NOW), 2
        )
        shop[2] = 3
        rest = list(
            connector.pages(connector.resource("stockItems"), since=second.position, until=NOW)
        )
    seen = {row["sku"] for page in (first, second, *rest) for row in page.rows}
    assert seen >= {"S3", "S9"}
    assert sum(page.fetched for page in (first, second, *rest)) == 7  # none twice: 3 came too late
    assert rest[-1].remaining == 0

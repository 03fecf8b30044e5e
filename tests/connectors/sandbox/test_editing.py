"""Edits while a shop is read, the log of what was asked, and the clock."""

from datetime import UTC, datetime

import pytest

from connectors.sandbox.exchange import Request
from connectors.sandbox.magento.shop import SandboxShop
from tests.connectors.sandbox.asking import ask, body_of, criteria

NOW = datetime(2026, 6, 2, 8, 30, tzinfo=UTC)
LATER = datetime(2026, 6, 3, tzinfo=UTC)


@pytest.fixture
def shop() -> SandboxShop:
    shop = SandboxShop(seed=5, orders=12, styles=2, anchor=datetime(2026, 6, 1, tzinfo=UTC))
    shop.clock = lambda: NOW
    return shop


def test_touching_an_order_moves_its_updated_at_to_now_and_shows_the_change(
    shop: SandboxShop,
) -> None:
    shop.edit.touch("orders", 3, status="holded")
    changed = body_of(ask(shop, "/rest/V1/orders/3"))
    assert (changed["status"], changed["updated_at"]) == ("holded", "2026-06-02 08:30:00")
    found = shop.search("orders", criteria(None, ("updated_at", "gteq", "2026-06-02")))
    assert [order["entity_id"] for order in found["items"]] == [3]
    assert (
        shop.search("orders", criteria(None, ("status", "eq", "holded"), entity_id="ASC"))["items"][
            0
        ]
        == changed
    )
    shop.edit.touch("orders", 3, at=LATER)
    assert body_of(ask(shop, "/rest/V1/orders/3"))["updated_at"] == "2026-06-03 00:00:00"


def test_some_changes_move_nothing(shop: SandboxShop) -> None:
    before = shop.search("products", criteria(1))["items"][0]
    shop.edit.change_silently("products", before["id"], price=1)
    after = shop.search("products", criteria(1))["items"][0]
    assert (after["price"], after["updated_at"]) == (1, before["updated_at"])


def test_a_quantity_changes_alone(shop: SandboxShop) -> None:
    sku = shop.search("products", criteria(1))["items"][0]["sku"]
    shop.edit.set_quantity(sku, 0)
    assert body_of(ask(shop, f"/rest/V1/stockItems/{sku}"))["is_in_stock"] is False
    shop.edit.set_quantity(sku, 33)
    assert body_of(ask(shop, f"/rest/V1/stockItems/{sku}"))["qty"] == 33
    with pytest.raises(KeyError):
        shop.edit.set_quantity("no such SKU", 1)


def test_records_come_and_go(shop: SandboxShop) -> None:
    assert shop.edit.add("orders", {"status": "pending", "items": []}) == 13
    assert shop.edit.add("customers", {"email": "new@example.com"}, at=LATER) == 4
    assert body_of(ask(shop, "/rest/V1/orders/13")) == {
        "entity_id": 13,
        "status": "pending",
        "items": [],
        "created_at": "2026-06-02 08:30:00",
        "updated_at": "2026-06-02 08:30:00",
    }
    found = shop.search("customers", criteria(None, ("updated_at", "gteq", "2026-06-03")))
    assert [row["id"] for row in found["items"]] == [4]
    lines = shop.search("order_items")["total_count"]
    shop.edit.delete("orders", 1)
    assert ask(shop, "/rest/V1/orders/1").status == 404
    assert shop.search("orders")["total_count"] == 12
    assert shop.search("order_items")["total_count"] < lines
    with pytest.raises(KeyError):
        shop.edit.delete("orders", 1)


def test_a_test_may_edit_between_two_requests(shop: SandboxShop) -> None:
    def add_one(request: Request) -> None:
        if "orders" in request.target:
            shop.edit.add("orders", {"status": "pending"})

    shop.on_request = add_one
    target = f"/rest/V1/orders?{criteria(1)}"
    assert [body_of(ask(shop, target))["total_count"] for _ in range(3)] == [13, 14, 15]


def test_the_log_tells_what_was_asked_and_no_credentials(shop: SandboxShop) -> None:
    ask(shop, "/rest/V1/modules?x=1&oauth_token=planted&oauth_signature=planted", who=None)
    ask(shop, "/rest/V1/orders/1")
    assert [(one.method, one.target, one.status) for one in shop.log] == [
        ("GET", "/rest/V1/modules?x=1", 401),
        ("GET", "/rest/V1/orders/1", 200),
    ]


def test_the_shops_clock_is_on_its_answers(shop: SandboxShop) -> None:
    assert ask(shop, "/rest/V1/modules").header("Date") == "Tue, 02 Jun 2026 08:30:00 GMT"
    shop.switches.clock_offset = 60
    assert ask(shop, "/rest/V1/modules").header("Date") == "Tue, 02 Jun 2026 08:31:00 GMT"

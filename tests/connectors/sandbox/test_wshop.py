"""The simulated WSHOP refuses what a real one would, so that the connector has something to prove."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.wshop import demo, tokens
from connectors.sandbox.wshop.shop import WRONG_ATTEMPTS, WshopSandbox
from connectors.sandbox.wshop.stock import Stock

KEY = b"k" * 32
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def shop() -> WshopSandbox:
    return WshopSandbox(Stock.made(orders=30), now=lambda: NOW)


def _post(shop: WshopSandbox, path: str, document: object, token: str = "") -> Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return shop.answer(Request("POST", f"/api/v1/{path}", headers, json.dumps(document).encode()))


def _json(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.body)
    return found


def _token(shop: WshopSandbox) -> str:
    user = shop.users[0]
    answered = _post(shop, "authenticate", {"email": user.email, "password": user.password})
    return str(_json(answered)["data"]["token"])


def test_a_token_is_good_until_it_expires_and_for_its_own_shop() -> None:
    token = tokens.issue("a@b.example", KEY, expires=NOW)
    assert tokens.user_of(token, KEY, now=NOW - timedelta(seconds=1)) == "a@b.example"
    assert tokens.user_of(token, KEY, now=NOW) is None
    assert tokens.user_of(token, b"another", now=NOW - timedelta(seconds=1)) is None
    assert tokens.user_of(f"x{token}", KEY, now=NOW - timedelta(seconds=1)) is None


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_nothing_is_answered_without_a_good_token(shop: WshopSandbox, token: str) -> None:
    refused = _post(shop, "orders/get", {}, token)
    assert (refused.status, _json(refused)["success"]) == (401, False)


def test_a_user_is_locked_after_too_many_wrong_passwords(shop: WshopSandbox) -> None:
    user = shop.users[0]
    wrong = {"email": user.email, "password": "wrong"}
    statuses = [_post(shop, "authenticate", wrong).status for _ in range(WRONG_ATTEMPTS + 1)]
    assert statuses == [401] * WRONG_ATTEMPTS + [403]
    right = {"email": user.email, "password": user.password}
    assert _json(_post(shop, "authenticate", right))["error"]["message"] == "This account is locked"


def test_a_page_is_cut_sorted_and_counted(shop: WshopSandbox) -> None:
    token = _token(shop)
    ask = {"sort": "updated_at,id", "limit": 4, "page": 2}
    answered = _json(_post(shop, "orders/get", ask, token))
    assert answered["total"] == 30
    assert [order["id"] for order in answered["data"]] == [5, 6, 7, 8]
    beyond = _json(_post(shop, "orders/get", {**ask, "page": 99}, token))
    assert (beyond["success"], beyond["data"]) == (True, [])


@pytest.mark.parametrize("ask", [{"limit": 0}, {"limit": "many"}, {"updated_from": "yesterday"}])
def test_a_wrong_parameter_is_refused(shop: WshopSandbox, ask: dict[str, object]) -> None:
    assert _post(shop, "orders/get", ask, _token(shop)).status == 400


def test_a_filter_includes_its_bounds(shop: WshopSandbox) -> None:
    token = _token(shop)
    order = shop.stock.find("orders", 9)
    at = order["updated_at"].strftime("%Y-%m-%d %H:%M:%S")
    found = _json(_post(shop, "orders/get", {"updated_from": at, "updated_to": at}, token))
    assert 9 in [one["id"] for one in found["data"]]


def test_the_log_holds_no_credentials(shop: WshopSandbox) -> None:
    _post(shop, "orders/get", {}, _token(shop))
    assert shop.users[0].password not in repr(shop.log)
    assert [asked.path for asked in shop.log] == ["authenticate", "orders/get"]


def test_the_demo_is_the_same_at_each_start_and_ends_at_its_anchor() -> None:
    first, again = (demo.demo_shop(40, credentials="seed", anchor=NOW) for _ in range(2))
    assert first.stock == again.stock
    assert [user.password for user in first.users] == [user.password for user in again.users]
    other = demo.demo_shop(40, credentials="other", anchor=NOW)
    assert first.users[0].password != other.users[0].password
    records = first.stock.records
    changed = [
        one["updated_at"] for name in ("products", "orders", "returns") for one in records[name]
    ]
    assert max(changed) == NOW
    assert set(demo.documents(first, "Maison Démo", "http://127.0.0.1:1")) == {
        "connect-wshop.json",
        "connect-wshop-no-returns.json",
        "connect-wshop-no-api.json",
    }

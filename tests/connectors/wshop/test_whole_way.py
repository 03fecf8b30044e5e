"""connect, check_connection, pull, export on a simulated WSHOP, through the commands."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.models import TABLES
from connectors.sandbox.server import serve
from connectors.sandbox.wshop import demo
from connectors.sandbox.wshop.shop import WshopSandbox
from tests.commands import Result, connect, run, stored

pytestmark = pytest.mark.django_db

SLUG = "maison-demo-atelier-ondine"
ANCHOR = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def shop() -> WshopSandbox:
    return demo.demo_shop(150, credentials="of these tests alone", anchor=ANCHOR)


@pytest.fixture
def documents(shop: WshopSandbox) -> Iterator[dict[str, Any]]:
    with serve(shop) as address:
        yield dict(demo.documents(shop, "Maison Démo", address.url))


@pytest.fixture
def connected(documents: dict[str, Any], tmp_path: Path) -> None:
    done = connect(documents["connect-wshop.json"], tmp_path)
    assert (done.code, done.out, done.err) == (0, f"{SLUG}\n", "")


def _resources(result: Result) -> dict[str, dict[str, Any]]:
    assert result.code == 0, result.err
    return {line["resource"]: line for line in result.document["resources"]}


def _pulled(*words: str) -> dict[str, dict[str, Any]]:
    return _resources(run("pull", SLUG, *words, "--json"))


def _changes(line: dict[str, Any]) -> tuple[int, int, int]:
    return line["created"], line["updated"], line["unchanged"]


@pytest.mark.usefixtures("connected")
def test_what_the_shop_has_is_what_is_exported(shop: WshopSandbox, tmp_path: Path) -> None:
    check = run("check_connection", SLUG, "--json")
    assert (check.code, check.document["ok"]) == (0, True)
    assert {line["resource"]: line["status"] for line in check.document["lines"]} == dict.fromkeys(
        [
            "authenticate",
            *("products", "sizes", "departments", "attributes"),
            *("orders", "returns", "return_reasons"),
        ],
        "ready",
    )
    records = shop.stock.records
    lines = [(order, line) for order in records["orders"] for line in order["lines"]]
    variants = {v["id"]: (p, v) for p in records["products"] for v in p["variants"]}
    labels = {size["id"]: size["label"] for size in records["sizes"]}
    pulled = _pulled()
    assert {name: line["status"] for name, line in pulled.items()} == dict.fromkeys(
        ("products", "orders", "returns", "return_reasons"), "done"
    )
    assert pulled["orders"]["created"] == len(lines)

    assert run("export", SLUG, "--out", str(tmp_path / "out")).code == 0
    products = {row["variant_id"]: row for row in _csv(tmp_path / "out" / "products.csv")}
    assert {
        id: (row["product_id"], row["sku"], row["size_label"], row["parent_reference"])
        for id, row in products.items()
    } == {
        str(id): (str(p["id"]), v["sku"], labels[v["size_id"]], p["model_reference"])
        for id, (p, v) in variants.items()
    }
    orders = {row["line_id"]: row for row in _csv(tmp_path / "out" / "orders.csv")}
    assert {
        id: (row["order_id"], row["product_id"], row["variant_id"], row["size_label"])
        for id, row in orders.items()
    } == {
        str(line["id"]): (
            str(order["id"]),
            str(line["product_id"]),
            str(line["variant_id"]),
            labels[variants[line["variant_id"]][1]["size_id"]],
        )
        for order, line in lines
    }
    returns = _csv(tmp_path / "out" / "returns.csv")
    assert {row["order_line_id"] for row in returns} <= set(orders)
    assert len(returns) == len(records["returns"]) > 0


@pytest.mark.usefixtures("connected")
def test_pulling_again_changes_nothing_and_one_edit_changes_one_order(shop: WshopSandbox) -> None:
    first = _pulled()
    for words in ((), ("--full",)):
        again = _pulled(*words)
        assert {name: _changes(line)[:2] for name, line in again.items()} == dict.fromkeys(
            again, (0, 0)
        )
    assert _changes(again["orders"]) == (0, 0, first["orders"]["created"])

    order = shop.stock.find("orders", 77)
    shop.stock.edit("orders", 77, at=datetime.now(UTC) - timedelta(minutes=5), status="refunded")
    assert _changes(_pulled("orders")["orders"])[:2] == (0, len(order["lines"]))
    changed = TABLES["orders"].objects.filter(status="refunded")
    assert {row.order_id for row in changed} == {"77"}


def test_a_profile_without_returns_blocks_nothing_and_is_named(
    documents: dict[str, Any], tmp_path: Path
) -> None:
    assert connect(documents["connect-wshop-no-returns.json"], tmp_path).code == 0
    check = run("check_connection", f"{SLUG}-no-returns", "--json")
    assert (check.code, check.document["ok"]) == (0, True)
    lines = {line["resource"]: line for line in check.document["lines"]}
    assert lines["returns"] == {
        "resource": "returns",
        "status": "missing_permission",
        "severity": "does_not_block",
        "permission": "returns/get",
        "http_status": 403,
        "count": None,
        "message": "The profile of the API user does not allow returns/get. Allow it in Back Office >"
        " Users > Profiles, then test again.",
    }


def test_a_user_without_api_access_blocks_the_go_live(
    documents: dict[str, Any], tmp_path: Path
) -> None:
    assert connect(documents["connect-wshop-no-api.json"], tmp_path).code == 0
    check = run("check_connection", f"{SLUG}-no-api", "--json")
    assert (check.code, check.document["ok"]) == (1, False)
    assert {line["status"] for line in check.document["lines"]} == {"missing_permission"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "kleep"}, "config.username: The user is the e-mail address"),
        ({"password": ""}, "config.password: The password is missing."),
        ({"url": "http://shop.example"}, "config.url: The address must begin with https://"),
        ({"token": "x"}, "config: unknown key 'token'"),
        ({"attributes": {"colour": "c"}}, "nothing is called colour"),
    ],
)
def test_a_document_with_a_mistake_is_refused_and_stores_nothing(
    documents: dict[str, Any], tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    document = json.loads(json.dumps(documents["connect-wshop.json"]))
    password = document["config"]["password"]
    document["config"].update(changes)
    refused = connect(document, tmp_path)
    assert refused.code == 1
    assert said in refused.err
    assert password not in refused.err
    assert stored() == (0, 0, 0, 0)


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))

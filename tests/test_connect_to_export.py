"""connect, check_connection, pull, export: the whole way, on a simulated Magento, value by value."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from connectors import connections, leases
from connectors.datasets import DATASETS
from connectors.models import TABLES, Connection, Cursor
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from kleep_portal import crypto
from onboarding.models import Event, Shop
from tests.commands import Result, connect, run, stored

pytestmark = pytest.mark.django_db

SLUG = "maison-demo-paris"
# The first day of the shop's data is 2026-02-01 at the latest; its clock is the true one.
ANCHOR = datetime(2026, 6, 1, 12, tzinfo=UTC)
ORDERS = 60


@pytest.fixture
def shop() -> SandboxShop:
    return SandboxShop(orders=ORDERS, styles=8, anchor=ANCHOR)


@pytest.fixture
def url(shop: SandboxShop) -> Iterator[str]:
    with serve(shop) as address:
        yield address.url


def _config(shop: SandboxShop, url: str | list[str], integration: str = "read") -> dict[str, Any]:
    known = shop.integrations[integration]
    return {
        "url": url,
        "consumerKey": known.consumer_key,
        "consumerSecret": known.consumer_secret,
        "accessToken": known.access_token,
        "accessTokenSecret": known.access_token_secret,
    }


def _document(config: dict[str, Any]) -> dict[str, Any]:
    return {"merchant": "Maison Démo", "shop": "Paris", "platform": "magento", "config": config}


def _secrets(shop: SandboxShop) -> list[str]:
    return [
        getattr(one, name)
        for one in shop.integrations.values()
        for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    ]


def _lines(result: Result) -> dict[str, dict[str, Any]]:
    name = "lines" if "lines" in result.document else "resources"
    return {line["resource"]: line for line in result.document[name]}


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _sold(shop: SandboxShop) -> dict[str, dict[str, Any]]:
    """What the shop itself says was sold, by line: put together here without the connector's help."""
    found = {}
    for order in shop.search("orders")["items"]:
        children = {item.get("parent_item_id"): item for item in order["items"]}
        for item in order["items"]:
            parent = next(
                (one for one in order["items"] if one["item_id"] == item.get("parent_item_id")),
                None,
            )
            if parent and parent["product_type"] == "configurable":
                continue
            is_pair = item["product_type"] == "configurable"
            bought = children[item["item_id"]] if is_pair else item
            found[str(item["item_id"])] = {
                "order_id": str(order["entity_id"]),
                "variant_id": str(bought["product_id"]),
                "sku": bought["sku"],
                "quantity": Decimal(str(item["qty_ordered"])),
                "price": Decimal(0) if parent else Decimal(str(item["price"])),
                "currency": order["order_currency_code"],
                "status": order["status"],
            }
    return found


def test_the_whole_way_value_by_value(
    shop: SandboxShop, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = connect(_document(_config(shop, url)), tmp_path, monkeypatch)
    assert (connected.code, connected.out, connected.err) == (0, f"{SLUG}\n", "")

    check = run("check_connection", SLUG, "--json")
    assert check.code == 0
    assert list(check.document) == ["shop", "ok", "lines"]
    assert (check.document["shop"], check.document["ok"]) == (SLUG, True)
    lines = _lines(check)
    assert lines["orders"] == {
        "resource": "orders",
        "status": "ready",
        "severity": "blocks_go_live",
        "permission": "Magento_Sales::actions_view",
        "http_status": 200,
        "count": ORDERS,
        "message": "",
    }
    assert lines["modules"]["permission"] is None
    assert {line["severity"] for line in lines.values()} == {"blocks_go_live", "does_not_block"}

    pulled = run("pull", SLUG, "--json")
    assert pulled.code == 0
    assert (pulled.document["shop"], pulled.document["ok"]) == (SLUG, True)
    resources = _lines(pulled)
    names = ["products", "orders", "creditmemos", "inventory", "customers"]
    assert list(resources) == names
    sold = _sold(shop)
    orders = resources["orders"]
    assert {key: orders[key] for key in orders if key not in {"seconds", "cursor"}} == {
        "resource": "orders",
        "status": "done",
        "fetched": ORDERS,
        "created": len(sold),
        "updated": 0,
        "unchanged": 0,
        "deleted": 0,
        "pages": 1,
        "message": "",
    }
    assert datetime.fromisoformat(orders["cursor"]) > ANCHOR
    assert orders["seconds"] > 0

    out = tmp_path / "files"
    exported = run("export", SLUG, "--out", str(out), "--json")
    assert exported.code == 0
    assert exported.document == json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert exported.document["shop"] == SLUG
    rows = {row["line_id"]: row for row in _csv(out / "orders.csv")}
    assert rows.keys() == sold.keys()
    for line_id, expected in sold.items():
        row = rows[line_id]
        seen = {**row, "quantity": Decimal(row["quantity"]), "price": Decimal(row["price"])}
        assert {name: seen[name] for name in expected} == expected, line_id

    products = {row["variant_id"]: row for row in _csv(out / "products.csv")}
    catalogue = {str(one["id"]): one for one in shop.search("products")["items"]}
    variants = {id for id, one in catalogue.items() if one["type_id"] != "configurable"}
    assert products.keys() == variants
    assert {id: row["sku"] for id, row in products.items()} == {
        id: catalogue[id]["sku"] for id in variants
    }
    for parent_id, parent in catalogue.items():
        for child in parent["extension_attributes"].get("configurable_product_links", []):
            assert products[str(child)]["product_id"] == parent_id
    sized = [row for row in rows.values() if row["product_id"] != row["variant_id"]]
    assert sized
    for row in sized:
        assert row["product_id"] == products[row["variant_id"]]["product_id"]
        assert row["size_label"] == products[row["variant_id"]]["size_label"] != ""


def test_nothing_personal_and_no_secret_leaves(shop: SandboxShop, url: str, tmp_path: Path) -> None:
    said = [
        connect(_document(_config(shop, url)), tmp_path),
        run("check_connection", SLUG),
        run("pull", SLUG),
        run("export", SLUG, "--out", str(tmp_path / "files")),
    ]
    files = [path.read_text(encoding="utf-8") for path in (tmp_path / "files").iterdir()]
    texts = [*(result.out + result.err for result in said), *files]
    people = {
        str(person[name])
        for person in shop.search("customers")["items"]
        for name in ("email", "lastname")
    } | {order["customer_email"] for order in shop.search("orders")["items"]}
    assert len(people) > 3
    for text in texts:
        for secret in _secrets(shop):
            assert secret not in text
        for personal in people:
            assert personal not in text


def test_pulling_again_changes_nothing(shop: SandboxShop, url: str, tmp_path: Path) -> None:
    connect(_document(_config(shop, url)), tmp_path)
    run("pull", SLUG)
    again = _lines(run("pull", SLUG, "--json"))
    assert all((line["created"], line["updated"]) == (0, 0) for line in again.values())
    whole = _lines(run("pull", SLUG, "orders", "--full", "--json"))
    assert list(whole) == ["orders"]
    counts = {name: whole["orders"][name] for name in ("fetched", "created", "updated")}
    assert counts == {"fetched": ORDERS, "created": 0, "updated": 0}
    assert whole["orders"]["unchanged"] == len(_sold(shop))


def test_an_edited_order_is_the_only_one_that_changes(
    shop: SandboxShop, url: str, tmp_path: Path, settings: Any
) -> None:
    settings.PULL_MARGIN_SECONDS = 0
    connect(_document(_config(shop, url)), tmp_path)
    run("pull", SLUG)
    edited = shop.search("orders")["items"][7]
    shop.edit.touch("orders", edited["entity_id"], status="kept_by_the_customer")
    line = _lines(run("pull", SLUG, "orders", "--json"))["orders"]
    mine = {id for id, row in _sold(shop).items() if row["order_id"] == str(edited["entity_id"])}
    assert (line["fetched"], line["created"], line["updated"]) == (1, 0, len(mine))
    run("export", SLUG, "--out", str(tmp_path), "--dataset", "orders")
    rows = _csv(tmp_path / "orders.csv")
    assert {row["line_id"] for row in rows if row["status"] == "kept_by_the_customer"} == mine


def test_since_reads_again_from_there(shop: SandboxShop, url: str, tmp_path: Path) -> None:
    connect(_document(_config(shop, url)), tmp_path)
    run("pull", SLUG)
    changed = sorted(order["updated_at"] for order in shop.search("orders")["items"])
    since = changed[ORDERS // 2]
    expected = sum(moment >= since for moment in changed)
    result = _lines(run("pull", SLUG, "orders", "--since", since, "--json"))
    assert result["orders"]["fetched"] == expected
    assert 0 < expected < ORDERS


def test_a_watermark_says_where_the_first_pull_begins(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    changed = sorted(order["updated_at"] for order in shop.search("orders")["items"])
    middle = changed[ORDERS // 2]
    config = {**_config(shop, url), "orders_last_pull": middle}
    assert connect(_document(config), tmp_path).code == 0
    assert Cursor.objects.get().position_at == datetime.fromisoformat(f"{middle}+00:00")
    result = _lines(run("pull", SLUG, "orders", "--json"))["orders"]
    assert sum(at >= middle for at in changed) <= result["fetched"] < ORDERS
    reached = Cursor.objects.get(resource="orders").position_at
    earlier = {**config, "orders_last_pull": changed[0]}
    assert connect(_document(earlier), tmp_path).code == 0
    assert Cursor.objects.get(resource="orders").position_at == reached


def test_titles_come_in_the_store_view_of_the_shop(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    addresses = [f"{url}/rest/{code}/V1" for code in ("fr", "en")]
    connect(_document(_config(shop, addresses)), tmp_path)
    assert _lines(run("pull", SLUG, "products", "--json"))["products"]["status"] == "done"
    for code in ("fr", "en"):
        Shop.objects.update(store=code)
        assert run("export", SLUG, "--out", str(tmp_path), "--dataset", "products").code == 0
        titles = {row["title"] for row in _csv(tmp_path / "products.csv")}
        names = {one["name"] for one in shop.search("products", store=code)["items"]}
        assert titles <= names
        assert len(titles) > 3
    french = {one["name"] for one in shop.search("products", store="fr")["items"]}
    assert titles != french
    to = ("--out", str(tmp_path), "--dataset", "products")
    assert run("export", SLUG, *to, "--store", "fr").code == 0
    assert {row["title"] for row in _csv(tmp_path / "products.csv")} <= french
    assert Shop.objects.get().store == "en"
    refused = run("export", SLUG, *to, "--store", "de")
    assert refused.code == 1
    assert "There is no store view 'de'. Choose: en, fr." in refused.err


def test_a_missing_permission_is_named_and_blocks(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    connect(_document(_config(shop, url, "no-sales")), tmp_path)
    check = run("check_connection", SLUG, "--json")
    assert (check.code, check.document["ok"]) == (1, False)
    orders = _lines(check)["orders"]
    assert (orders["status"], orders["severity"]) == ("missing_permission", "blocks_go_live")
    assert (orders["permission"], orders["http_status"]) == ("Magento_Sales::actions_view", 401)
    assert "Sales > Operations > Orders > Actions > View" in orders["message"]
    assert _lines(check)["products"]["status"] == "ready"

    pulled = run("pull", SLUG, "--json")
    assert (pulled.code, pulled.document["ok"]) == (1, False)
    states = {name: line["status"] for name, line in _lines(pulled).items()}
    # Credit memos are left out: the check found that they may not be read either.
    assert states == {
        "products": "done",
        "orders": "failed",
        "customers": "done",
        "inventory": "done",
    }
    failed = _lines(pulled)["orders"]
    assert (failed["fetched"], failed["cursor"]) == (0, None)
    assert "Sales > Operations > Orders > Actions > View" in failed["message"]
    assert TABLES["orders"]._default_manager.count() == 0


def test_a_missing_permission_that_does_not_block_is_no_failure(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    connect(_document(_config(shop, url, "no-customers")), tmp_path)
    check = run("check_connection", SLUG, "--json")
    assert (check.code, check.document["ok"]) == (0, True)
    customers = _lines(check)["customers"]
    assert (customers["status"], customers["severity"]) == ("missing_permission", "does_not_block")


def test_swapped_credentials_are_found_by_the_check(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    config = _config(shop, url)
    swapped = {**config, "consumerKey": config["accessToken"], "accessToken": config["consumerKey"]}
    assert connect(_document(swapped), tmp_path).code == 0
    check = run("check_connection", SLUG, "--json")
    assert (check.code, check.document["ok"]) == (1, False)
    refused = {name for name, line in _lines(check).items() if line["status"] == "credentials"}
    # A route that this edition does not have is not there for anybody.
    returns = {"returns", "returnsAttributeMetadata", "returnsItemAttributeMetadata"}
    assert refused == set(_lines(check)) - returns
    assert all(secret not in check.out + check.err for secret in _secrets(shop))


def test_an_update_that_the_shop_refuses_leaves_the_old_credentials(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    good = _config(shop, url)
    connect(_document(good), tmp_path)
    before, counts = Connection.objects.values().get(), stored()
    for name in ("consumerSecret", "accessTokenSecret"):
        result = connect(_document({**good, name: "x" * 32}), tmp_path)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("Nothing was changed: ")
        assert "x" * 32 not in result.err
    assert Connection.objects.values().get() == before
    assert stored() == counts
    assert run("check_connection", SLUG).code == 0


def test_an_update_that_the_shop_accepts_is_kept(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    connect(_document(_config(shop, url, "min-read")), tmp_path)
    result = connect(_document(_config(shop, url, "full")), tmp_path)
    assert (result.code, result.out) == (0, f"{SLUG}\n")
    connection = Connection.objects.get()
    opened = crypto.unseal(str(connection.pk), connection.sealed)
    assert opened["access_token"] == shop.integrations["full"].access_token
    assert connection.health == "working"
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert kinds == {"merchant_created": 1, "shop_created": 1, "credentials_saved": 2}


def test_a_second_shop_of_the_same_merchant_gets_a_name_of_its_own(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    first = _document(_config(shop, url))
    connect(first, tmp_path)
    assert connect({**first, "shop": "Lyon"}, tmp_path).out == "maison-demo-lyon\n"
    assert connect({**first, "shop": "Pâris"}, tmp_path).out == f"{SLUG}-2\n"
    assert stored()[:3] == (1, 3, 3)


def test_somebody_else_at_it_is_said_and_nothing_is_touched(
    shop: SandboxShop, url: str, tmp_path: Path, settings: Any
) -> None:
    connect(_document(_config(shop, url)), tmp_path)
    cursor = Cursor.objects.create(connection=Connection.objects.get(), resource="orders")
    assert leases.claim(cursor.pk)
    settings.PULL_LEASE_SECONDS = -9  # pull() waits for a dead worker's lease: not here
    result = run("pull", SLUG, "orders", "--json")
    assert (result.code, result.document["ok"]) == (1, False)
    line = _lines(result)["orders"]
    assert (line["status"], line["fetched"], line["cursor"]) == ("busy", 0, None)
    assert line["message"] == "This is being fetched at the moment. Try again when that is done."
    assert not [asked for asked in shop.log if "/orders" in asked.target]


def test_the_tables_for_people_hold_the_same(shop: SandboxShop, url: str, tmp_path: Path) -> None:
    connect(_document(_config(shop, url)), tmp_path)
    check = run("check_connection", SLUG).out.splitlines()
    assert check[0].split() == ["resource", "status", "severity", "count", "message"]
    assert any(line.split()[:2] == ["orders", "ready"] for line in check)
    pull = run("pull", SLUG).out.splitlines()
    assert pull[0].split()[:4] == ["resource", "status", "fetched", "created"]
    names = ["products", "orders", "creditmemos", "inventory", "customers"]
    assert [line.split()[0] for line in pull[1:]] == names
    export = run("export", SLUG, "--out", str(tmp_path / "files")).out.splitlines()
    assert export[0].split() == ["file", "rows", "sha256"]
    assert len(export) == 1 + len(DATASETS)


def test_parquet_and_json_lines_hold_the_same_orders(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    connect(_document(_config(shop, url)), tmp_path)
    run("pull", SLUG)
    ids = {}
    for format in ("csv", "jsonl", "parquet"):
        words = ["--dataset", "orders", "--format", format, "--json"]
        result = run("export", SLUG, "--out", str(tmp_path), *words)
        assert [file["name"] for file in result.document["files"]] == [f"orders.{format}"]
        path = tmp_path / f"orders.{format}"
        if format == "csv":
            rows = _csv(path)
        elif format == "jsonl":
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        else:
            rows = parquet.read_table(path).to_pylist()
        ids[format] = [row["line_id"] for row in rows]
    assert ids["csv"] == ids["jsonl"] == ids["parquet"]
    assert set(ids["csv"]) == set(_sold(shop))


def test_secrets_that_do_not_open_fail_every_resource_and_the_check(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    connect(_document(_config(shop, url)), tmp_path)
    Connection.objects.update(sealed="gAAAAA")
    with pytest.raises(connections.SecretsUnreadableError):
        connections.open_connector(Connection.objects.get())
    pulled = run("pull", SLUG, "--json")
    assert pulled.code == 1
    assert {line["status"] for line in _lines(pulled).values()} == {"failed"}
    check = run("check_connection", SLUG, "--json")
    assert {line["status"] for line in _lines(check).values()} == {"failed"}

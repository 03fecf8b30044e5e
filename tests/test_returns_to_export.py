"""From a simulated shop to the files: returns, reasons and stock joined to orders and products, and back."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.models import Cursor
from connectors.sandbox.magento import rma
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.commands import connect, run

pytestmark = pytest.mark.django_db
SLUG = "maison-demo-paris"
ANCHOR = datetime(2026, 6, 1, 12, tzinfo=UTC)
Rows = list[dict[str, str]]


@pytest.fixture(params=[True, False], ids=["commerce", "open source"])
def shop(request: pytest.FixtureRequest) -> SandboxShop:
    return SandboxShop(orders=80, styles=8, anchor=ANCHOR, is_commerce=request.param)


@pytest.fixture
def url(shop: SandboxShop) -> Iterator[str]:
    with serve(shop) as served:
        yield served.url


def document(shop: SandboxShop, url: str, **more: Any) -> dict[str, Any]:
    known = shop.integrations["read"]
    config = {
        "url": url,
        "consumerKey": known.consumer_key,
        "consumerSecret": known.consumer_secret,
        "accessToken": known.access_token,
        "accessTokenSecret": known.access_token_secret,
    }
    return {
        "merchant": "Maison Démo",
        "shop": "Paris",
        "platform": "magento",
        "config": {**config, **more},
    }


@pytest.fixture
def files(shop: SandboxShop, url: str, tmp_path: Path) -> dict[str, Rows]:
    assert connect(document(shop, url), tmp_path).code == 0
    pulled = run("pull", SLUG, "--json")
    assert pulled.code == 0, pulled.out
    assert run("export", SLUG, "--out", str(tmp_path / "out")).code == 0
    return {
        path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(keepends=True)))
        for path in (tmp_path / "out").glob("*.csv")
    }


def test_every_return_line_joins_an_order_line_with_its_variant_and_size(
    shop: SandboxShop, files: dict[str, Rows]
) -> None:
    orders = {row["line_id"]: row for row in files["orders"]}
    returns = files["returns"]
    assert {row["source"] for row in returns} == {"rma" if shop.is_commerce else "credit_memo"}
    for row in returns:
        bought = orders[row["order_line_id"]]
        for name in ("order_id", "product_id", "variant_id", "sku", "size_label"):
            assert row[name] == bought[name], name
    sized = [row for row in returns if row["size_label"]]
    assert len(sized) > len(returns) / 2


def test_what_came_back_is_what_the_orders_say(shop: SandboxShop, files: dict[str, Rows]) -> None:
    """Full, partial, twice and an adjustment alone: no piece twice, none lost."""
    back: dict[str, float] = {}
    for row in files["returns"]:
        back[row["order_line_id"]] = back.get(row["order_line_id"], 0) + float(row["quantity"])
    lost = {
        str(one["order_id"])
        for one in (shop.search("returns")["items"] if shop.is_commerce else [])
        if one["items"] is None
    }
    refunded = {
        row["line_id"]: float(row["quantity_refunded"])
        for row in files["orders"]
        if float(row["quantity_refunded"]) and row["order_id"] not in lost
    }
    assert back == refunded
    assert len(refunded) > 5


def test_reasons_have_labels_in_the_languages_of_the_shop(
    shop: SandboxShop, files: dict[str, Rows]
) -> None:
    if not shop.is_commerce:
        assert files["return_reasons"] == []
        assert {row["reason_code"] for row in files["returns"]} == {""}
        return
    labels = {(row["code"], row["language"]): row["label"] for row in files["return_reasons"]}
    assert {language for _code, language in labels} == {"fr", "en", "de"}
    assert labels["70", "de"] == "Zu klein"
    assert len(labels) == 3 * (len(rma.REASONS) + 1)
    for row in files["returns"]:
        assert row["reason_label"] == labels[row["reason_code"], "fr"]


def test_stock_names_the_variant_of_each_sku(shop: SandboxShop, files: dict[str, Rows]) -> None:
    variants = {row["sku"]: row["variant_id"] for row in files["products"]}
    held = shop.search("source_items")["items"]
    assert len(files["stock"]) == len(held)
    assert {row["variant_id"] for row in files["stock"]} <= set(variants.values())
    assert all(row["variant_id"] == variants[row["sku"]] for row in files["stock"])


def test_a_second_pull_changes_nothing(shop: SandboxShop, files: dict[str, Rows]) -> None:
    again = run("pull", SLUG, "--json")
    assert again.code == 0
    changed = {
        one["resource"]: (one["created"], one["updated"], one["deleted"])
        for one in again.document["resources"]
    }
    assert set(changed.values()) == {(0, 0, 0)}
    source = {"returns", "returnsAttributeMetadata"} if shop.is_commerce else {"creditmemos"}
    assert set(changed) == {"products", "orders", "customers", "inventory"} | source


def test_the_check_says_where_returns_and_stock_come_from(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    connect(document(shop, url), tmp_path)
    source = "returns" if shop.is_commerce else "creditmemos"
    said = run("check_connection", SLUG).out.splitlines()[-2:]
    assert said == [f"returns: {source}", "stock: inventory"]


def test_the_configuration_is_given_back_with_its_cursors_and_no_secret(
    shop: SandboxShop, url: str, tmp_path: Path
) -> None:
    stores = [f"{url}/rest/fr/V1", f"{url}/rest/de/V1"]
    given = document(
        shop,
        "\n".join(stores),
        type="async/V1",
        orders_last_pull="2025-12-01 00:00:00",
        returns={"source": "credit_memos"},
        attributes={"size": ["size"]},
    )
    connect(given, tmp_path)
    before = json.loads(run("export_config", SLUG).out)
    assert before == {
        "merchant": "Maison Démo",
        "shop": "Paris",
        "platform": "magento",
        "config": {
            "url": stores,
            "type": "async/V1",
            "attributes": {"size": ["size"]},
            "returns": {"source": "credit_memos"},
            "orders_last_pull": "2025-12-01 00:00:00",
        },
    }
    assert run("pull", SLUG).code == 0
    shown = run("export_config", SLUG).out
    config = json.loads(shown)["config"]
    for name in ("orders", "customers", "products"):
        reached = min(
            cursor.position_at for cursor in Cursor.objects.filter(resource=name)
        )  # of two store views, the one that is behind
        assert config[f"{name}_last_pull"] == reached.strftime("%Y-%m-%d %H:%M:%S")
    secrets = [
        value for key, value in given["config"].items() if key.startswith(("consumer", "access"))
    ]
    assert len(secrets) == 4
    assert [one for one in secrets if one in shown] == []

    # It is taken again as it is, once the credentials are there; the cursors stay where they are.
    again = {**json.loads(shown), "config": {**given["config"], **config}}
    assert connect(again, tmp_path).out.strip() == SLUG
    assert json.loads(run("export_config", SLUG).out) == json.loads(shown)


def test_an_unknown_shop_has_no_configuration() -> None:
    refused = run("export_config", "nowhere")
    assert (refused.code, refused.out) == (1, "")
    assert "nowhere" in refused.err

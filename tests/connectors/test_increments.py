"""An incremental export has every row that an import of the one before lacks, and Kleep's folders."""

import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from connectors import catalogue, increments, storing
from connectors.base import Row
from connectors.datasets import ORDERS, PRODUCTS
from connectors.exporting import export
from connectors.increments import ManifestError
from connectors.layouts import Place, newest_manifest
from connectors.models import TABLES, Connection

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
PLACE = Place(shop="paris", environment="prod")


@pytest.fixture
def connection() -> Connection:
    return Connection.objects.create(tenant=uuid4(), platform="magento")


def _variant(id: str, **values: Any) -> Row:
    known = {"variant_id": id, "product_id": id, "is_parent": False, "active": True}
    return PRODUCTS.row(**{**known, **values})


def _parent(id: str, *children: str, **values: Any) -> Row:
    known = {"variant_id": id, "product_id": id, "is_parent": True, "active": True}
    return PRODUCTS.row(**{**known, "children": list(children), **values})


def _store(connection: Connection, at: datetime, *rows: Row) -> None:
    with time_machine.travel(at, tick=False):
        storing.store(connection, PRODUCTS, rows)


def _delete(connection: Connection, at: datetime, *ids: str) -> None:
    TABLES["products"].objects.filter(connection=connection, variant_id__in=ids).update(
        deleted_at=at
    )


def _whole(connection: Connection) -> dict[str, Row]:
    return {row["variant_id"]: row for row in catalogue.variants(connection)}


def _changed(connection: Connection, since: datetime = MONDAY) -> dict[str, Row]:
    return {row["variant_id"]: row for row in catalogue.variants(connection, since=since)}


@pytest.fixture
def shop(connection: Connection) -> Connection:
    """On Sunday: product 90 with variants 1 and 2, product 91 with variant 3, and variant 4 alone."""
    _store(
        connection,
        MONDAY - timedelta(days=1),
        _parent("90", "1", "2", title="Robe"),
        _parent("91", "3", title="Jupe"),
        *(_variant(id) for id in "1234"),
    )
    return connection


def _after(shop: Connection, change: str) -> None:
    """One change on Tuesday."""
    match change:
        case "a variant":
            _store(shop, TUESDAY, _variant("1", sku="new"))
        case "a product":
            _store(shop, TUESDAY, _parent("90", "1", "2", title="Robe Lin"))
        case "a variant moves":
            _store(shop, TUESDAY, _parent("90", "1", title="Robe"))
            _store(shop, TUESDAY, _parent("91", "2", "3", title="Jupe"))
        case "a variant leaves":
            _store(shop, TUESDAY, _parent("90", "1", title="Robe"))
        case "a variant is deleted":
            _delete(shop, TUESDAY, "2")
        case "a product is deleted":
            _delete(shop, TUESDAY, "90")
        case "a product with its variants is deleted":
            _delete(shop, TUESDAY, "90", "1", "2")
        case "a new product":
            _store(shop, TUESDAY, _parent("92", "5"), _variant("5"))
        case "a product comes back":
            _delete(shop, MONDAY - timedelta(hours=1), "91")
            assert _whole(shop)["3"]["product_id"] == "3"
            _store(shop, TUESDAY, _parent("91", "3", title="Jupe"))


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ("nothing", []),
        ("a variant", ["1"]),
        ("a product", ["1", "2"]),
        ("a variant moves", ["1", "2", "3"]),
        ("a variant leaves", ["1", "2"]),
        ("a variant is deleted", ["2"]),
        ("a product is deleted", ["1", "2"]),
        ("a product with its variants is deleted", ["1", "2"]),
        ("a new product", ["5"]),
        ("a product comes back", ["3"]),
    ],
)
def test_the_increment_is_what_the_change_touches_and_nothing_is_missed(
    shop: Connection, change: str, ids: list[str]
) -> None:
    before = _whole(shop)
    _after(shop, change)
    after, changed = _whole(shop), _changed(shop)
    assert list(changed) == ids
    # Whoever lays the increment over what they had has what a whole export gives now.
    merged = {id: row for id, row in {**before, **changed}.items() if id in after}
    assert merged == after
    # What is no longer there is switched off, under the product that it had.
    for id in before.keys() - after.keys():
        assert changed[id] == {**before[id], "active": False}


def _order_line(connection: Connection, id: str, at: datetime) -> None:
    row = ORDERS.row(
        order_id=id, line_id=id, order_date=MONDAY, product_id="4", variant_id="4",
        quantity=Decimal(1),
    )  # fmt: skip
    with time_machine.travel(at, tick=False):
        storing.store(connection, ORDERS, [row])


def _export(connection: Connection, out: Path, at: datetime, **options: Any) -> dict[str, Any]:
    with time_machine.travel(at, tick=False):
        manifest = export(connection, out=out, shop="paris", layout="sftp", **options)
    return dict(json.loads(manifest.to_json()))


def test_the_files_lie_in_the_folders_of_kleeps_sftp(shop: Connection, tmp_path: Path) -> None:
    _export(shop, tmp_path, MONDAY)
    stamp = "2026-03-02T02-00-00"
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.*")) == [
        f"paris/prod/misc/customers_{stamp}.csv",
        f"paris/prod/misc/dimensions_{stamp}.csv",
        f"paris/prod/misc/manifest_{stamp}.json",
        f"paris/prod/misc/stock_{stamp}.csv",
        f"paris/prod/orders/orders_{stamp}.csv",
        f"paris/prod/products/products_{stamp}.csv",
        f"paris/prod/return_reasons/return_reasons_{stamp}.csv",
        f"paris/prod/returns/returns_{stamp}.csv",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["paris"]


def test_each_export_begins_where_the_one_before_ended(shop: Connection, tmp_path: Path) -> None:
    _order_line(shop, "1", MONDAY - timedelta(hours=1))
    first = _export(shop, tmp_path, MONDAY)
    _order_line(shop, "2", MONDAY - timedelta(minutes=5))  # stamped before, committed after
    _order_line(shop, "3", TUESDAY)
    last = newest_manifest(tmp_path, "sftp", PLACE)
    assert last is not None
    since = increments.begin(last, shop="paris", scope="")
    second = _export(shop, tmp_path, TUESDAY + timedelta(hours=1), since=since)
    rows = [{f["dataset"]: f["rows"] for f in made["files"]} for made in (first, second)]
    assert [(r["orders"], r["products"]) for r in rows] == [(1, 4), (2, 0)]
    assert {file["since"] for file in first["files"]} == {None}
    assert {file["since"] for file in second["files"]} == {"2026-03-02T01:45:00+00:00"}
    newest = newest_manifest(tmp_path, "sftp", PLACE)
    assert newest is not None
    assert newest.name == "manifest_2026-03-03T03-00-00.json"
    orders = next(file["name"] for file in second["files"] if file["dataset"] == "orders")
    lines = (tmp_path / orders).read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["2", "3"]


def test_a_dataset_that_the_manifest_lacks_is_exported_whole(
    shop: Connection, tmp_path: Path
) -> None:
    _export(shop, tmp_path, MONDAY, datasets=["orders"])
    last = newest_manifest(tmp_path, "sftp", PLACE)
    assert last is not None
    since = increments.begin(last, shop="paris", scope="")
    assert list(since) == ["orders"]
    [products] = _export(shop, tmp_path, TUESDAY, datasets=["products"], since=since)["files"]
    assert (products["rows"], products["since"]) == (4, None)


def test_there_is_no_manifest_before_the_first_export(tmp_path: Path) -> None:
    assert newest_manifest(tmp_path / "none", "sftp", PLACE) is None
    assert newest_manifest(tmp_path, "single", PLACE) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"shop": "paris"}',
        b'{"shop": "paris", "scope": "", "exported_at": "yesterday", "files": []}',
        b'{"shop": "paris", "scope": "", "exported_at": "2026-03-02T02:00:00", "files": []}',
        b'{"shop": "lyon", "scope": "", "exported_at": "2026-03-02T02:00:00Z", "files": []}',
        b'{"shop": "paris", "scope": "fr", "exported_at": "2026-03-02T02:00:00Z", "files": []}',
        os.urandom(1000),
    ],
)
def test_what_is_no_manifest_of_this_shop_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "manifest.json"
    file.write_bytes(content)
    with pytest.raises(ManifestError, match=r"manifest\.json"):
        increments.begin(file, shop="paris", scope="")

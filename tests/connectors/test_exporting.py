"""An export holds every live row, in Kleep's columns, and a manifest that proves it."""

import csv
import hashlib
import json
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow
import pytest
import time_machine
from django.utils import timezone
from pyarrow import parquet

from connectors import exporting
from connectors.datasets import DATASETS, ORDERS, PRODUCTS
from connectors.exporting import Manifest, export
from connectors.formats import FormatError
from connectors.models import TABLES, Connection, Cursor, ProductLink

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def connection() -> Connection:
    return Connection.objects.create(tenant=uuid4(), platform="magento")


def _store(connection: Connection, dataset: str, *, scope: str = "", **values: Any) -> None:
    updated_at = values.pop("updated_at", NOON)
    TABLES[dataset].objects.create(
        connection=connection,
        scope=scope,
        remote_updated_at=updated_at,
        seen_at=timezone.now(),
        **values,
    )


def _order_line(connection: Connection, line_id: str, **values: Any) -> None:
    known = {"order_id": "6", "order_date": NOON, "product_id": "124", "variant_id": "124"}
    quantity = {"quantity": Decimal("1"), "price": Decimal("93.9100")}
    _store(connection, "orders", **{**known, **quantity, "line_id": line_id, **values})


def _dress(connection: Connection, scope: str = "", title: str = "Robe Lin") -> None:
    """A product with two sizes, one of them sold out."""
    _store(
        connection,
        "products",
        scope=scope,
        variant_id="144",
        product_id="144",
        sku="DRESS",
        title=title,
        is_parent=True,
        active=True,
        children=["124", "125"],
    )
    for variant_id, size in (("124", "36"), ("125", "38")):
        _store(
            connection,
            "products",
            scope=scope,
            variant_id=variant_id,
            product_id=variant_id,
            sku=f"DRESS-{size}",
            ean=f"00{variant_id}",
            title="hidden",
            size_label=size,
            active=variant_id == "124",
            is_parent=False,
            price=Decimal("91.5"),
        )
        ProductLink.objects.create(
            connection=connection, scope=scope, product_id="144", variant_id=variant_id
        )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_products_are_one_row_per_variant_joined_with_their_product(
    connection: Connection, tmp_path: Path
) -> None:
    _dress(connection)
    export(connection, out=tmp_path, datasets=["products"])
    rows = _rows(tmp_path / "products.csv")
    seen = [(r["product_id"], r["variant_id"], r["sku"], r["title"], r["active"]) for r in rows]
    assert seen == [
        ("144", "124", "DRESS-36", "Robe Lin", "true"),
        ("144", "125", "DRESS-38", "Robe Lin", "false"),
    ]
    assert list(rows[0]) == [column.name for column in PRODUCTS.columns]


def test_an_order_line_gets_the_product_and_the_size_of_the_catalogue(
    connection: Connection, tmp_path: Path
) -> None:
    _dress(connection)
    _order_line(connection, "2", size_label=None)
    _order_line(connection, "1", size_label="as bought")
    _order_line(connection, "3", variant_id="999", product_id="998", quantity=Decimal("2.5"))
    export(connection, out=tmp_path, datasets=["orders"])
    rows = _rows(tmp_path / "orders.csv")
    seen = [
        (r["line_id"], r["product_id"], r["variant_id"], r["size_label"], r["quantity"])
        for r in rows
    ]
    assert seen == [
        ("1", "144", "124", "as bought", "1"),
        ("2", "144", "124", "36", "1"),
        ("3", "998", "999", "", "2.5"),
    ]
    assert rows[0]["price"] == "93.91"
    assert rows[0]["order_date"] == rows[0]["updated_at"] == "2026-03-01T12:00:00+00:00"


def test_deleted_rows_and_rows_of_another_connection_are_left_out(
    connection: Connection, tmp_path: Path
) -> None:
    other = Connection.objects.create(tenant=uuid4(), platform="magento")
    _order_line(connection, "1")
    _order_line(connection, "2", deleted_at=NOON)
    _order_line(other, "3")
    manifest = export(connection, out=tmp_path, datasets=["orders"])
    assert [row["line_id"] for row in _rows(tmp_path / "orders.csv")] == ["1"]
    assert manifest.files[0].rows == 1


def test_titles_are_those_of_the_store_view(connection: Connection, tmp_path: Path) -> None:
    for scope in ("fr", "en"):
        Cursor.objects.create(connection=connection, resource="products", scope=scope)
    _dress(connection, scope="fr", title="Robe Lin")
    _dress(connection, scope="en", title="Linen dress")
    titles = {}
    for scope in ("fr", "en", ""):
        manifest = export(connection, out=tmp_path, datasets=["products"], scope=scope)
        titles[scope] = {row["title"] for row in _rows(tmp_path / "products.csv")}
        assert manifest.scope == (scope or "fr")
    assert titles == {"fr": {"Robe Lin"}, "en": {"Linen dress"}, "": {"Robe Lin"}}


def test_the_manifest_proves_every_file(connection: Connection, tmp_path: Path) -> None:
    _dress(connection)
    _order_line(connection, "1")
    Cursor.objects.create(
        connection=connection, resource="orders", position_at=NOON, position_id=23
    )
    Cursor.objects.create(connection=connection, resource="customers")
    with time_machine.travel(NOON, tick=False):
        made = export(connection, out=tmp_path, shop="paris")
    written = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert written == json.loads(made.to_json())
    assert list(written) == ["shop", "scope", "format", "exported_at", "files", "cursors"]
    assert (written["shop"], written["format"]) == ("paris", "csv")
    assert written["exported_at"] == "2026-03-01T12:00:00+00:00"
    assert {f["name"]: f["rows"] for f in written["files"]} == {
        "products.csv": 2,
        "orders.csv": 1,
        "returns.csv": 0,
        "return_reasons.csv": 0,
        "customers.csv": 0,
        "stock.csv": 0,
        "dimensions.csv": 0,
    }
    for file in written["files"]:
        content = (tmp_path / file["name"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["bytes"] == len(content)
        assert file["columns"] == content.decode().splitlines()[0].split(",")
        assert file["columns"] == [c.name for c in DATASETS[file["dataset"]].columns]
    assert written["cursors"] == [
        {"resource": "customers", "scope": "", "at": None, "id": 0},
        {"resource": "orders", "scope": "", "at": "2026-03-01T12:00:00+00:00", "id": 23},
    ]


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_the_other_formats_hold_the_same_rows(
    connection: Connection, tmp_path: Path, format: str
) -> None:
    _order_line(connection, "1", price=Decimal("0.1000"), sku='=A;"é"')
    _order_line(connection, "2")
    manifest = export(connection, out=tmp_path, datasets=["orders"], format=format)
    path = tmp_path / f"orders.{format}"
    if format == "jsonl":
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line, parse_float=Decimal) for line in lines]
    else:
        rows = parquet.read_table(path).to_pylist()
    assert [row["line_id"] for row in rows] == ["1", "2"]
    assert rows[0]["price"] == Decimal("0.1")
    assert rows[0]["sku"] == '=A;"é"'
    assert rows[0]["status"] is None
    assert list(rows[0]) == [column.name for column in ORDERS.columns]
    assert [file.name for file in manifest.files] == [path.name]
    assert manifest.files[0].rows == 2


def test_the_same_data_gives_the_same_bytes(connection: Connection, tmp_path: Path) -> None:
    _dress(connection)
    for line_id in ("3", "1", "2"):
        _order_line(connection, line_id)

    def sums(manifest: Manifest) -> list[str]:
        return [file.sha256 for file in manifest.files]

    first = export(connection, out=tmp_path / "a")
    assert sums(export(connection, out=tmp_path / "b")) == sums(first)


def test_a_failure_leaves_the_folder_as_it_was(connection: Connection, tmp_path: Path) -> None:
    _dress(connection)
    _order_line(connection, "1")
    export(connection, out=tmp_path, datasets=["orders", "products"], format="parquet")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    _order_line(connection, "2")
    nonsense = {"length": {"not": "text"}}
    TABLES["products"].objects.filter(variant_id="125").update(dimensions=nonsense)
    with pytest.raises(pyarrow.ArrowTypeError):
        export(connection, out=tmp_path, datasets=["orders", "products"], format="parquet")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_unknown_format_is_refused_before_anything_is_written(
    connection: Connection, tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match=r"no format 'xlsx': choose csv, jsonl, parquet"):
        export(connection, out=tmp_path / "new", format="xlsx")
    with pytest.raises(KeyError):
        export(connection, out=tmp_path / "new", datasets=["prices"])
    assert not (tmp_path / "new").exists()


def test_progress_adds_up_to_the_rows(connection: Connection, tmp_path: Path) -> None:
    for line_id in range(exporting.TELL_EVERY + 7):
        _order_line(connection, str(line_id))
    told: list[tuple[str, int]] = []
    export(
        connection,
        out=tmp_path,
        datasets=["orders", "customers"],
        progress=lambda name, more: told.append((name, more)),
    )
    assert told == [("orders", exporting.TELL_EVERY), ("orders", 7), ("customers", 0)]


def test_memory_does_not_grow_with_the_rows(connection: Connection, tmp_path: Path) -> None:
    row = {"connection": connection, "seen_at": NOON, "order_id": "1", "order_date": NOON}

    def peak(count: int) -> int:
        TABLES["orders"].objects.all().delete()
        TABLES["orders"].objects.bulk_create(
            (
                TABLES["orders"](**row, line_id=f"{n:08}", variant_id="1", product_id="1")
                for n in range(count)
            ),
            batch_size=1_000,
        )
        tracemalloc.start()
        try:
            export(connection, out=tmp_path, datasets=["orders"])
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(4_000), peak(20_000)
    assert large < small * 1.3

"""Files carry every value as it was stored."""

import csv
import io
import json
import string
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from connectors import formats
from connectors.datasets import PRODUCTS, Column, Dataset, Type
from connectors.formats import write_csv, write_jsonl, write_parquet

ROW = PRODUCTS.row(
    product_id="34",
    variant_id="2",
    sku='=DRESS;"36",\n"é"',
    ean="0012345678905",
    title="Robe d’été, lin",
    description="",
    images=["https://shop.example/a.jpg", "https://shop.example/b,c.jpg"],
    active=True,
    is_new=False,
    price=Decimal("91.5000"),
    dimensions={"width": "40 cm", "length": "102 cm"},
    updated_at=datetime(2026, 6, 1, 10, 15, tzinfo=timezone(timedelta(hours=2))),
)
KEYED = Dataset(
    name="keyed",
    key=("a",),
    description="Two columns of text.",
    columns=(Column(name="a", description="A."), Column(name="b", description="B.")),
)


def _written(write: formats.Write, dataset: Dataset, *rows: dict) -> bytes:
    stream = io.BytesIO()
    write(dataset, rows, stream)
    return stream.getvalue()


def test_csv_is_utf8_with_a_header_and_quotes_what_needs_it() -> None:
    written = _written(write_csv, PRODUCTS, ROW).decode()
    header, first = written.split("\r\n", 1)
    assert header.split(",") == [column.name for column in PRODUCTS.columns]
    assert first == (
        '34,2,"=DRESS;""36"",\n""é""",0012345678905,"Robe d’été, lin",,,'
        '"[""https://shop.example/a.jpg"", ""https://shop.example/b,c.jpg""]",'
        ',,,true,false,,,,,,91.5,,,"{""length"": ""102 cm"", ""width"": ""40 cm""}",'
        ",2026-06-01T08:15:00+00:00\r\n"
    )


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        min_size=2,
        max_size=2,
    )
)
def test_any_text_comes_back_from_csv_as_it_was(cells: list[str]) -> None:
    written = _written(write_csv, KEYED, {"a": cells[0], "b": cells[1]}).decode()
    assert list(csv.reader(io.StringIO(written, newline="")))[1:] == [cells]


def test_a_cell_that_looks_like_a_formula_is_not_changed() -> None:
    for value in ("=1+1", "+S", "-12", "@home", "\tx"):
        written = _written(write_csv, KEYED, {"a": value, "b": None}).decode()
        assert list(csv.reader(io.StringIO(written, newline="")))[1] == [value, ""]


def test_json_lines_keep_types_and_every_digit() -> None:
    written = _written(write_jsonl, PRODUCTS, ROW, ROW).decode()
    lines = written.splitlines()
    assert len(lines) == 2
    assert lines[0] == lines[1]
    assert '"price":91.5,' in lines[0]
    read = json.loads(lines[0], parse_float=Decimal)
    assert list(read) == [column.name for column in PRODUCTS.columns]
    expected = {name: ROW[name] for name in read}
    expected |= {"price": Decimal("91.5"), "updated_at": "2026-06-01T08:15:00+00:00"}
    assert read == expected


def test_parquet_has_the_declared_types_and_the_same_values() -> None:
    table = parquet.read_table(io.BytesIO(_written(write_parquet, PRODUCTS, ROW)))
    types = {field.name: str(field.type) for field in table.schema}
    assert list(types) == [column.name for column in PRODUCTS.columns]
    assert types["ean"] == "string"
    assert types["price"] == "decimal128(18, 4)"
    assert types["active"] == "bool"
    assert types["updated_at"] == "timestamp[us, tz=UTC]"
    assert types["images"].startswith("list<")
    assert types["dimensions"].startswith("map<string, string")
    [read] = table.to_pylist()
    expected = {name: ROW[name] for name in types}
    expected |= {
        "dimensions": [("width", "40 cm"), ("length", "102 cm")],
        "updated_at": datetime(2026, 6, 1, 8, 15, tzinfo=UTC),
    }
    assert read == expected


def test_parquet_without_rows_still_has_its_columns() -> None:
    table = parquet.read_table(io.BytesIO(_written(write_parquet, PRODUCTS)))
    assert table.num_rows == 0
    assert table.schema.names == [column.name for column in PRODUCTS.columns]


def test_parquet_is_written_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "ROW_GROUP", 2)
    rows = [{"a": letter, "b": None} for letter in string.ascii_lowercase[:5]]
    file = parquet.ParquetFile(io.BytesIO(_written(write_parquet, KEYED, *rows)))
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [2, 2, 1]
    assert file.read().column("a").to_pylist() == list("abcde")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("91.5000", "91.5"),
        ("100.0000", "100"),
        ("0.0000", "0"),
        ("-0.0000", "0"),
        ("-3.1000", "-3.1"),
        ("1E+3", "1000"),
        ("0.0001", "0.0001"),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_a_decimal_is_written_in_plain_digits(number: str, text: str) -> None:
    assert formats.plain(Decimal(number)) == text


def test_every_type_has_an_arrow_type() -> None:
    columns = tuple(Column(name=type.value, type=type, description="x") for type in Type)
    every = Dataset(name="every", key=("text",), columns=columns, description="x")
    table = parquet.read_table(io.BytesIO(_written(write_parquet, every)))
    assert len(table.schema) == len(Type)

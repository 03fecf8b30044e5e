"""How rows of a dataset become a file: CSV, JSON lines or Parquet, in constant memory.

Values are written as they are. CSV opened in a spreadsheet may run a cell that begins with = + - or @;
these files are read by programs, where a protective quote would corrupt a SKU such as "-12" or "+S".
So nothing is prefixed: import them as text, never by double-click.

CSV: UTF-8 without mark, header, comma, CRLF, quotes doubled (RFC 4180); no value and empty text are both
an empty cell; lists and objects are JSON text. JSON lines: one typed object per line, null for no value.
Everywhere: true/false, plain decimals without trailing zeros, ISO 8601 in UTC.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from connectors.base import Row
from connectors.datasets import Column, Dataset, Type

ROW_GROUP = 10_000  # rows of a Parquet row group: what is held in memory at once

Write = Callable[[Dataset, Iterable[Row], BinaryIO], None]


class FormatError(Exception):
    """The format is unknown, or needs a library that is not installed."""


def plain(number: Decimal) -> str:
    """1.5000 -> "1.5", 100.0000 -> "100": digits only, no exponent."""
    text = format(number or Decimal(0), "f")  # Decimal("-0.00") is 0 too
    return text.rstrip("0").rstrip(".") if "." in text else text


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain(value)
        case datetime():
            return iso(value)
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
        case _:
            return str(value)


def _typed(value: Any) -> Any:
    """For JSON: numbers keep every digit, which a float would not."""
    match value:
        case Decimal():
            return msgspec.Raw(plain(value).encode())
        case datetime():
            return iso(value)
        case _:
            return value


def write_csv(dataset: Dataset, rows: Iterable[Row], stream: BinaryIO) -> None:
    names = [column.name for column in dataset.columns]
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    text.flush()
    text.detach()  # the stream is the caller's to close


def write_jsonl(dataset: Dataset, rows: Iterable[Row], stream: BinaryIO) -> None:
    names = [column.name for column in dataset.columns]
    encode = msgspec.json.Encoder().encode
    for row in rows:
        stream.write(encode({name: _typed(row[name]) for name in names}) + b"\n")


def write_parquet(dataset: Dataset, rows: Iterable[Row], stream: BinaryIO) -> None:
    """Raises FormatError where pyarrow is not installed."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise FormatError(
            'The parquet format needs pyarrow: install it with pip install ".[parquet]".'
        ) from None
    schema = pa.schema([(column.name, _arrow(pa, column)) for column in dataset.columns])
    with parquet.ParquetWriter(stream, schema) as writer:
        for group in _groups(rows):
            values = [[_arrow_value(row[name]) for row in group] for name in schema.names]
            arrays = [pa.array(v, type=f.type) for v, f in zip(values, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while group := list(islice(iterator, ROW_GROUP)):
        yield group


def _arrow(pa: Any, column: Column) -> Any:
    return {
        Type.TEXT: pa.string(),
        Type.INTEGER: pa.int64(),
        Type.DECIMAL: pa.decimal128(18, 4),
        Type.BOOLEAN: pa.bool_(),
        Type.DATE_TIME: pa.timestamp("us", tz="UTC"),
        Type.LIST: pa.list_(pa.string()),
        Type.OBJECT: pa.map_(pa.string(), pa.string()),
    }[column.type]


def _arrow_value(value: Any) -> Any:
    return list(value.items()) if isinstance(value, dict) else value


FORMATS: dict[str, Write] = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}

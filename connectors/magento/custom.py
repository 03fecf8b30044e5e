"""Returns from a route of the shop's own: an extension's, described in the connection's configuration.

    "returns": {
        "source": "custom",
        "path": "acme-rma/returns",
        "fields": {"return_id": "id", "line_id": "lines.id", "order_line_id": "lines.order_item_id",
                   "quantity": "lines.qty", "return_date": "created_at", "reason_label": "lines.reason"}
    }

`fields` names what each column of `returns` is called in the answer, dots leading into objects. Where one
leads into a list, each member of the list is a row. No other field is read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from msgspec import Raw, Struct

from connectors.base import Row
from connectors.datasets import RETURNS, Type
from connectors.magento.context import Context
from connectors.magento.failures import UnknownShapeError
from connectors.magento.values import plain_text, utc

Record = dict[str, Raw]  # undecoded but for its names: only what `fields` names is ever read
Value = str | bool | int | Decimal | None

SOURCE = "custom"
# A comment may name who wrote it.
COLUMNS = {
    column.name: column.type
    for column in RETURNS.columns
    if column.name not in {"source", "comment"}
}
NEEDED = ("return_id", "return_date", "order_id", "quantity")


class Answer(Struct):
    """A list as Magento's own routes give it."""

    items: list[Record] | None = None
    total_count: int | None = None


Answered = list[Record] | Answer


@dataclass(frozen=True, kw_only=True)
class Route:
    """`key`: the numeric field that the route filters and sorts by; blank: one answer has everything."""

    path: str
    fields: Mapping[str, str]
    key: str = ""

    def key_of(self, record: Record) -> int:
        value = _value(record, self.key)
        try:
            return int(value or "")
        except ValueError:
            raise UnknownShapeError(detail=f"{self.path}: {self.key} is no number") from None

    def rows(self, record: Record, _context: Context) -> list[Row]:
        """One row per line. Raises UnknownShapeError where a value does not fit its column."""
        return [self._row(line, number) for number, line in enumerate(self._lines(record), start=1)]

    def _lines(self, record: Record) -> Iterator[Record]:
        """The record once for each member of the list that a field leads into; without one, the record."""
        for name in sorted(
            {path.partition(".")[0] for path in self.fields.values() if "." in path}
        ):
            members = _decoded(record.get(name, Raw(b"null")), list[Record] | Raw | None, name)
            if members is None:
                return
            if isinstance(members, list):
                for member in members:
                    yield {**record, name: Raw(msgspec.json.encode(member))}
                return
        yield record

    def _row(self, line: Record, number: int) -> Row:
        row = {
            column: _fitting(COLUMNS[column], _value(line, path), column)
            for column, path in self.fields.items()
        }
        row["line_id"] = row.get("line_id") or row.get("order_line_id") or str(number)
        return RETURNS.row(**row, source=SOURCE)


def records(answered: Answered) -> list[Record]:
    return answered if isinstance(answered, list) else answered.items or []


def count(answered: Answered) -> int:
    if isinstance(answered, Answer) and answered.total_count is not None:
        return answered.total_count
    return len(records(answered))


def route_of(config: Mapping[str, Any]) -> Route | None:
    """The configured route, as clean() left it; None where returns come from somewhere else."""
    given = config.get("returns") or {}
    if given.get("source", SOURCE) != SOURCE or not given.get("path"):
        return None
    return Route(path=given["path"], fields=given["fields"], key=given.get("key", ""))


def _value(record: Record, path: str) -> Value:
    """What a dotted path leads to, where that is a single value."""
    name, _dot, rest = path.partition(".")
    raw = record.get(name, Raw(b"null"))
    if rest:
        inner = _decoded(raw, Record | None, name)
        return _value(inner, rest) if inner else None
    found = msgspec.json.decode(raw)
    if isinstance(found, float):
        return Decimal(str(found))
    return found if isinstance(found, str | int) else None


def _decoded(raw: Raw, shape: Any, name: str) -> Any:
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError:
        raise UnknownShapeError(detail=f"{name} has another shape than configured") from None


def _fitting(type: Type, value: Value, column: str) -> Any:
    if value is None or value == "":
        return None
    match type:
        case Type.DECIMAL:
            try:
                return Decimal(value)
            except InvalidOperation:
                raise UnknownShapeError(detail=f"{column} is no number") from None
        case Type.DATE_TIME:
            return utc(str(value))
        case _:
            return plain_text(str(value)) or None

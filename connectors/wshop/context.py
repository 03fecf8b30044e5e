"""What a record means beside itself, and how its values are read: shared by the mappings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from connectors.wshop import moments, values
from connectors.wshop.dialect import Dates
from connectors.wshop.paging import Record

T = TypeVar("T")


class UnclearValueError(ValueError):
    """A value of a record is not what its name promises. Names the place, not the value."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a record means beside itself."""

    language: str
    dates: Dates
    roles: Mapping[str, Sequence[str]]
    pseudonym: Callable[[str], str]
    # endpoint -> id -> label in `language`; an endpoint that is not there: ids are labels already
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # which value of a record is an id of which endpoint
    lookups: Mapping[str, str] = field(default_factory=dict)
    # attribute code -> option id -> label; a code that is not there, or without options: free text
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def label_by_id(records: Sequence[Record], language: str) -> dict[str, str]:
    """The labels of a list such as sizes."""
    found = ((text(one, "id"), values.translated(one.get("label"), language)) for one in records)
    return {id: label for id, label in found if id and label}


def options_by_code(records: Sequence[Record], language: str) -> dict[str, dict[str, str]]:
    """The labels of each attribute's options."""
    return {
        code: label_by_id(one.get("lines") or [], language)
        for one in records
        if (code := text(one, "id"))
    }


def lines(record: Record) -> list[Record]:
    """Where the table names no lines, each record is one."""
    lines: list[Record] = record.get("lines", [record])
    return lines


def label(record: Record, name: str, context: Context) -> str | None:
    """The label of a value that is an id, or the value where the table says that it is none."""
    endpoint = context.lookups.get(name)
    if endpoint is None:
        return values.translated(record.get(name), context.language)
    return context.labels[endpoint].get(text(record, name) or "")


def text(record: Record, name: str) -> str | None:
    return values.text(record.get(name))


def number(record: Record, name: str) -> Decimal | None:
    return read(record, name, values.number)


def moment(record: Record, name: str, context: Context) -> datetime | None:
    return read(record, name, lambda value: moments.parse(value, context.dates))


def read(record: Record, name: str, read: Callable[[object], T]) -> T:
    try:
        return read(record.get(name))
    except ValueError as error:
        raise UnclearValueError(f"{name} of record {text(record, 'id')} is {error}") from None

"""What the two dialects of storing.py share: the table of a dataset and the rule of the upsert."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from connectors.datasets import Dataset, Type
from connectors.models import TABLES

Values = Sequence[Any]  # one column of a page


@dataclass(frozen=True, kw_only=True)
class Common:
    """What all rows of a page have in common beside their declared columns."""

    connection_id: UUID
    scope: str
    origin: str
    seen_at: datetime


COMMON = ("connection_id", "scope", "origin", "seen_at")
CARRIED = ("origin", "seen_at", "file", "file_row")  # by the version that wins


@dataclass(frozen=True, kw_only=True)
class Table:
    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]  # as in the table, in the order of Dataset.stored
    types: tuple[Type, ...]

    @property
    def target(self) -> str:
        """The head of the INSERT: the common columns, then the declared ones."""
        return f"INSERT INTO {self.name} ({', '.join((*COMMON, *self.columns))})"

    def on_conflict(self, is_distinct_from: str) -> str:
        """Write what differs, unless the stored version is newer; what comes back is no longer deleted."""
        written = [name for name in self.columns if name not in self.key]
        stored = ", ".join(f"{self.name}.{name}" for name in written)
        given = ", ".join(f"excluded.{name}" for name in written)
        changes = [f"{name} = excluded.{name}" for name in (*CARRIED, *written)]
        return (
            f"ON CONFLICT (connection_id, scope, {', '.join(self.key)}) DO UPDATE"
            f" SET {', '.join(changes)}, deleted_at = NULL"
            f" WHERE {self.name}.deleted_at IS NOT NULL"
            f" OR {self._not_newer()} ({stored}) {is_distinct_from} ({given})"
        )

    def _not_newer(self) -> str:
        if "remote_updated_at" not in self.columns:
            return ""
        stored, given = f"{self.name}.remote_updated_at", "excluded.remote_updated_at"
        return f"({stored} IS NULL OR {given} IS NULL OR {stored} <= {given}) AND"


@cache
def table_of(dataset: Dataset) -> Table:
    """Names are ours and plain, so none is quoted."""
    return Table(
        name=TABLES[dataset.name]._meta.db_table,
        key=dataset.key,
        columns=tuple(
            "remote_updated_at" if column.name == "updated_at" else column.name
            for column in dataset.stored
        ),
        types=tuple(column.type for column in dataset.stored),
    )


def text(values: Values) -> Values:
    """Without NUL, which PostgreSQL cannot store. Looked for in the whole column at once: it is rare."""
    if "\0" in "".join(filter(None, values)):
        return [value and value.replace("\0", "") for value in values]
    return values


def document(values: Values) -> Values:
    """Lists and objects as JSON text, always the same for the same value."""
    return [None if value is None else _json(value) for value in values]


def _json(value: Any) -> str:
    dumped = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return (
        json.dumps(_clean(value), ensure_ascii=False, sort_keys=True)
        if "\\u0000" in dumped
        else dumped
    )


def _clean(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [_clean(item) for item in value]
        case dict():
            return {_clean(name): _clean(item) for name, item in value.items()}
        case _:
            return value


def each(write: Callable[[Any], Any], values: Values) -> Values:
    """`write` of every value, called once for those that are the same: most of a page's are."""
    written = {value: None if value is None else write(value) for value in set(values)}
    return list(map(written.__getitem__, values))


def rows_of(columns: Iterable[Values]) -> list[tuple[Any, ...]]:
    return list(zip(*columns, strict=True))

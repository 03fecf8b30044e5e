"""Lists of records and the search through them: filters, sorting and pages as Magento does them."""

import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.magento import replies
from connectors.sandbox.magento.conditions import Test, folded, test_of
from connectors.sandbox.magento.criteria import Criteria, Filter, Sort
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.switches import Switches

Columns = dict[str, Any]
VERSIONS = itertools.count()


@dataclass(slots=True)
class Record:
    """`columns` are what filters and sorting see; `body` what is answered, None until it is drawn."""

    key: int
    columns: Columns
    body: Json | None = None
    changes: Json = field(default_factory=dict)  # edits of a drawn record
    version: int = field(default_factory=VERSIONS.__next__)  # no two states of any record share one


# Draws the body of a record for a store view.
Draw = Callable[[Record, str], Json]


@dataclass
class Table:
    """`flat`: one SQL table, where an unknown column is a 500; else EAV, where it is a 400 or ignored."""

    name: str
    known: frozenset[str] = frozenset()
    key: str = "entity_id"
    flat: bool = True
    draw: Draw | None = None
    records: dict[int, Record] = field(default_factory=dict)
    _sorted: dict[tuple[Sort, ...], list[Record]] = field(default_factory=dict)

    # --- rows ---

    def load(self, rows: Iterable[Json]) -> None:
        """Rows that are answered as they are given."""
        for row in rows:
            columns = row if self.key in row else {**row, self.key: row["id"]}
            self.add(Record(columns[self.key], columns, row))

    def add(self, record: Record) -> None:
        self.records[record.key] = record
        self._sorted.clear()

    def change(self, key: int, changes: Json) -> None:
        """Edit a record. Raises KeyError."""
        record = self.records[key]
        record.version = next(VERSIONS)
        record.columns.update(changes)
        if record.body is None:
            record.changes.update(changes)
        elif record.body is not record.columns:
            record.body.update(changes)
        self._sorted.clear()

    def delete(self, key: int) -> None:
        del self.records[key]
        self._sorted.clear()

    def body(self, record: Record, scope: str) -> Json:
        if record.body is not None:
            return record.body
        if self.draw is None:
            return record.columns
        drawn = self.draw(record, scope)
        drawn.update(record.changes)
        return drawn

    # --- search ---

    def search(self, criteria: Criteria, switches: Switches) -> tuple[list[Record], int]:
        """One page and the number of records on all of them. Raises Refusal."""
        if switches.stuck_page:
            criteria = Criteria(sorts=criteria.sorts, page_size=criteria.page_size)
        found = self._ordered(criteria.sorts, switches.unsorted)
        for group in criteria.groups:
            if group:
                meets = self._group_test(group)
                found = [record for record in found if meets(record)]
        return _page(found, criteria, repeat_last=switches.repeat_last_page), len(found)

    def _ordered(self, sorts: tuple[Sort, ...], shuffled: bool) -> list[Record]:
        if shuffled:
            records = list(self.records.values())
            random.shuffle(records)
            return self._sort(records, sorts)
        if sorts not in self._sorted:
            self._sorted[sorts] = self._sort(list(self.records.values()), sorts)
        return self._sorted[sorts]

    def _sort(self, records: list[Record], sorts: tuple[Sort, ...]) -> list[Record]:
        for sort in reversed(sorts):
            column = self._column(sort.field)
            if self._knows(column):
                values = {record.key: _sort_key(self._value(record, column)) for record in records}
                records.sort(key=lambda record: values[record.key], reverse=sort.descending)
            elif self.flat:
                raise replies.internal_error()
        return records

    def _group_test(self, group: tuple[Filter, ...]) -> Callable[[Record], bool]:
        columns = [self._column(one.field) for one in group]
        for column in columns:
            if not self._knows(column):
                raise self._unknown(column)
        tests = [
            (column, test_of(Filter(column, one.value, one.condition)))
            for column, one in zip(columns, group, strict=True)
        ]
        # `from` and `to` on one field are a range, though filters in a group are joined by OR.
        if [one.condition for one in group] == ["from", "to"] and columns[0] == columns[1]:
            return lambda record: all(self._meets(record, column, test) for column, test in tests)
        if len(tests) == 1:
            ((column, test),) = tests
            return lambda record: self._meets(record, column, test)
        return lambda record: any(self._meets(record, column, test) for column, test in tests)

    def _meets(self, record: Record, column: str, test: Test) -> bool:
        return test(self._value(record, column))

    def _column(self, name: str) -> str:
        return name.removeprefix("main_table.") if self.flat else name

    def _knows(self, column: str) -> bool:
        if column in self.known:
            return True
        return any(column in record.columns for record in self.records.values())

    def _unknown(self, column: str) -> replies.Refusal:
        if self.flat:
            return replies.internal_error()
        return replies.Refusal(
            400, 'The "%1" attribute name is invalid. Reset the name and try again.', [column]
        )

    def _value(self, record: Record, column: str) -> Any:
        if column in record.columns or record.body is not None or self.draw is None:
            return record.columns.get(column)
        value = self.draw(record, "all").get(column)
        record.columns[column] = value  # drawn once, not for each of many requests
        return value


def _page(found: list[Record], criteria: Criteria, *, repeat_last: bool) -> list[Record]:
    if not criteria.page_size:
        return found
    size = max(1, criteria.page_size)
    page = max(1, criteria.page or 1)
    if repeat_last:
        page = min(page, max(1, -(-len(found) // size)))
    return found[(page - 1) * size : page * size]


def _sort_key(value: Any) -> tuple[bool, Any]:
    """NULL comes first."""
    if isinstance(value, list):
        value = ",".join(str(member) for member in value)
    return value is not None, folded(value) if isinstance(value, str) else value or 0

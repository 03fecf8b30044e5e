"""Keyset paging loses no record and doubles none, whatever happens in the shop while it is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Position
from connectors.magento.failures import (
    FilterIgnoredError,
    PageRepeatedError,
    TooManyPagesError,
)
from connectors.magento.keyset import Batch, Listing, magento_time, walk
from connectors.magento.question import Criteria

START = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = START + timedelta(seconds=60)
RUNS = 3_000


@dataclass(frozen=True)
class Record:
    second: int
    id: int

    @property
    def position(self) -> Position:
        return Position(START + timedelta(seconds=self.second), self.id)


class Shelf:
    """Records that answer a Criteria as Magento's SQL does, and change between two questions."""

    def __init__(self, records: Sequence[Record], cap: int | None = None) -> None:
        self.records = {record.id: record for record in records}
        self.cap = cap  # rows per page that the shop gives at most, without saying so
        self.asked: list[Criteria] = []
        self.before_answer: Callable[[], None] = lambda: None

    def fetch(self, criteria: Criteria) -> Listing[Record]:
        self.before_answer()
        self.asked.append(criteria)
        fitting = [record for record in self.records.values() if self._fits(record, criteria)]
        by_time = "updated_at" in criteria.sort
        fitting.sort(key=lambda one: (one.second, one.id) if by_time else (one.id,))
        size = min(criteria.page_size, self.cap or criteria.page_size)
        return Listing(fitting[:size], len(fitting), criteria.page_size)

    def _fits(self, record: Record, criteria: Criteria) -> bool:
        return all(
            _holds(record.id, one.condition, [int(id) for id in one.value.split(",")])
            if one.field == "entity_id"
            else _holds(magento_time(record.position.at), one.condition, [one.value])
            for one in criteria.filters
        )


def _holds(value: Any, condition: str, given: list[Any]) -> bool:
    wanted = given[0]
    match condition:
        case "gteq":
            return bool(value >= wanted)
        case "gt":
            return bool(value > wanted)
        case "lteq":
            return bool(value <= wanted)
        case "eq":
            return bool(value == wanted)
    raise AssertionError(condition)


def read(shelf: Shelf, page_size: int, since: Position | None = None) -> list[Batch[Record]]:
    return list(
        walk(
            shelf.fetch,
            lambda record: record.position,
            since=since,
            until=UNTIL,
            page_size=page_size,
        )
    )


def ids(batches: list[Batch[Record]]) -> list[int]:
    return [record.id for batch in batches for record in batch.records]


RECORDS = st.lists(
    st.integers(0, 80).map(lambda number: number % 13 if number % 3 else number), max_size=40
).map(lambda seconds: [Record(second, at + 1) for at, second in enumerate(seconds)])


@settings(max_examples=RUNS, deadline=None, print_blob=True)
@given(records=RECORDS, page_size=st.integers(1, 9), cap=st.sampled_from([None, None, 1, 3]))
def test_a_still_shop_is_read_whole_in_order_and_nothing_after_until(
    records: list[Record], page_size: int, cap: int | None
) -> None:
    shelf = Shelf(records, cap)
    wanted = sorted(
        (record for record in records if record.second <= 60), key=lambda one: one.position
    )
    batches = read(shelf, page_size)
    assert ids(batches) == [record.id for record in wanted]
    assert [batch.position for batch in batches] == [
        batch.records[-1].position for batch in batches
    ]


@settings(max_examples=RUNS, deadline=None, print_blob=True)
@given(records=RECORDS, page_size=st.integers(1, 9), stop=st.integers(0, 12))
def test_a_run_continues_exactly_where_another_one_stopped(
    records: list[Record], page_size: int, stop: int
) -> None:
    shelf = Shelf(records)
    first = read(shelf, page_size)[:stop]
    since = first[-1].position if first else None
    rest = read(shelf, page_size, since)
    wanted = sorted((one for one in records if one.second <= 60), key=lambda one: one.position)
    assert ids(first) + ids(rest) == [record.id for record in wanted]


CHANGES = st.lists(
    st.tuples(st.sampled_from(["edit", "add", "delete"]), st.integers(1, 40)), max_size=30
)


@settings(max_examples=RUNS, deadline=None, print_blob=True)
@given(records=RECORDS, page_size=st.integers(1, 9), changes=CHANGES)
def test_nothing_is_lost_or_doubled_while_records_are_edited_added_and_deleted(
    records: list[Record], page_size: int, changes: list[tuple[str, int]]
) -> None:
    shelf = Shelf(records)
    pending, now, deleted = list(changes), 61, set()

    def change() -> None:
        nonlocal now
        if not pending:
            return
        kind, number = pending.pop()
        now += 1
        if kind == "delete":
            if shelf.records.pop(number, None):
                deleted.add(number)
        elif kind == "add":
            shelf.records[1_000 + now] = Record(now, 1_000 + now)
        elif number in shelf.records:
            shelf.records[number] = replace(shelf.records[number], second=now)

    shelf.before_answer = change
    first = read(shelf, page_size)
    shelf.before_answer = lambda: None
    edited = {one.id for one in shelf.records.values() if one.second > 60}
    # Once per run, and the next run has whatever this one had to leave.
    assert len(ids(first)) == len(set(ids(first)))
    untouched = {one.id for one in records if one.second <= 60} - edited - deleted
    assert untouched <= set(ids(first))
    since = first[-1].position if first else None
    later = list(
        walk(
            shelf.fetch,
            lambda record: record.position,
            since=since,
            until=START + timedelta(days=1),
            page_size=page_size,
        )
    )
    assert set(shelf.records) <= set(ids(first)) | set(ids(later))


@settings(max_examples=500, deadline=None)
@given(records=RECORDS, page_size=st.integers(2, 9))
def test_the_number_of_questions_is_bounded(records: list[Record], page_size: int) -> None:
    shelf = Shelf(records)
    read(shelf, page_size)
    assert len(shelf.asked) <= 10 + 3 * (len(records) // (page_size - 1))


@pytest.mark.parametrize("ties", [1, 7, 10, 30])
def test_records_that_share_a_second_cost_a_tenth_more_questions_at_most(ties: int) -> None:
    """Up to a tenth of a page in each second: what a page has of its last second comes once more."""
    shelf = Shelf([Record(number // ties, number) for number in range(3_000)])
    until = START + timedelta(days=1)
    found = list(
        walk(shelf.fetch, lambda one: one.position, since=None, until=until, page_size=300)
    )
    assert ids(found) == list(range(3_000))
    assert len(shelf.asked) <= 1.1 * 3_000 / 300 + 2


def test_an_import_of_thousands_within_a_second_costs_no_more() -> None:
    shelf = Shelf([Record(5, number) for number in range(1, 6_001)])
    assert len(ids(read(shelf, 300))) == 6_000
    assert len(shelf.asked) <= 20 + 3


def test_a_shop_with_nothing_new_is_asked_once() -> None:
    shelf = Shelf([Record(5, 1)])
    assert read(shelf, 10, Position(START + timedelta(seconds=5), 1)) == []
    assert len(shelf.asked) == 1


def test_a_second_that_fills_pages_is_read_to_its_end_by_id() -> None:
    shelf = Shelf([Record(7, number) for number in range(1, 26)] + [Record(9, 99)])
    assert ids(read(shelf, 10)) == [*range(1, 26), 99]
    conditions = [[(one.field, one.condition) for one in asked.filters] for asked in shelf.asked]
    assert conditions == [
        [("updated_at", "lteq")],
        [("updated_at", "eq"), ("entity_id", "gt")],
        [("updated_at", "eq"), ("entity_id", "gt")],
        [("updated_at", "gt"), ("updated_at", "lteq")],
    ]
    assert {asked.page for asked in shelf.asked} == {1}


def walk_over(*pages: list[Record], total: int = 100, page_size: int = 3) -> list[Batch[Record]]:
    """The same answers whatever was asked; the last one for ever."""
    left = list(pages)

    def fetch(_criteria: Criteria) -> Listing[Record]:
        page = left.pop(0) if len(left) > 1 else left[0]
        return Listing(page, total, page_size)

    return list(walk(fetch, lambda one: one.position, since=None, until=UNTIL, page_size=page_size))


def test_a_repeated_page_is_refused() -> None:
    page = [Record(1, 1), Record(2, 2), Record(3, 3)]
    with pytest.raises(PageRepeatedError):
        walk_over(page, page)


def test_a_repeated_page_of_one_second_is_refused() -> None:
    page = [Record(1, 1), Record(1, 2), Record(1, 3)]
    with pytest.raises(PageRepeatedError):
        walk_over(page, page)


def test_an_answer_out_of_order_is_refused() -> None:
    with pytest.raises(FilterIgnoredError):
        walk_over([Record(3, 1), Record(2, 2), Record(1, 3)])


def test_another_second_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(FilterIgnoredError):
        walk_over(
            [Record(1, 1), Record(1, 2), Record(1, 3)], [Record(2, 4), Record(2, 5), Record(2, 6)]
        )


def test_a_shop_that_never_ends_is_refused() -> None:
    asked = 0

    def fetch(_criteria: Criteria) -> Listing[Record]:
        nonlocal asked
        asked += 1
        return Listing([Record(3 * asked + number, number) for number in range(3)], 6, 3)

    with pytest.raises(TooManyPagesError):
        list(
            walk(
                fetch,
                lambda one: one.position,
                since=None,
                until=START + timedelta(days=1),
                page_size=3,
            )
        )
    assert asked == 10 + 3 * (6 // 2) + 1


def test_a_count_that_is_too_high_does_not_stop_a_pull() -> None:
    assert ids(walk_over([Record(1, 1), Record(2, 2)], [], total=9)) == [1, 2]


def test_a_count_that_is_too_high_does_not_stop_a_pull_that_gets_a_known_record_again() -> None:
    """COUNT is a query of its own; an extension may hide records that it counts."""
    assert ids(walk_over([Record(1, 1), Record(2, 2)], [Record(2, 2)], total=9)) == [1, 2]


def test_a_short_page_of_records_edited_meanwhile_ends_a_pull() -> None:
    assert ids(walk_over([Record(1, 1), Record(2, 2)], [Record(400, 3)], total=9)) == [1, 2]


def test_a_count_that_is_too_low_does_not_end_a_pull_early() -> None:
    pages = [[Record(1, 1), Record(2, 2), Record(3, 3)], [Record(4, 4)]]
    assert ids(walk_over(*pages, total=1)) == [1, 2, 3, 4]


def test_an_edit_between_the_query_and_the_reading_is_left_to_the_next_run() -> None:
    assert ids(walk_over([Record(1, 1), Record(400, 2), Record(3, 3)], [], total=3)) == [1, 3]


def test_times_go_out_as_utc_without_a_zone() -> None:
    paris = datetime.fromisoformat("2026-06-01T02:00:00+02:00")
    assert magento_time(paris) == "2026-06-01 00:00:00"

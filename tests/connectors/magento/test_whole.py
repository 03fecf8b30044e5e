"""Lists that do not say when a record changed are read whole: each record once, wherever a slice ends."""

from collections.abc import Iterator, Sequence
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Position
from connectors.magento.failures import FilterIgnoredError, PageRepeatedError, TooManyPagesError
from connectors.magento.keyset import Batch, Listing
from connectors.magento.question import Criteria, Filter
from connectors.magento.values import EPOCH
from connectors.magento.whole import Pair, by_id, by_sku


class Shelf:
    """SKUs in sources that answer as Magento's SQL does, a SKU without minding case."""

    def __init__(self, pairs: Sequence[Pair], *, limit: int = 0) -> None:
        self.pairs = list(pairs)
        self.limit = limit  # rows per page that the shop allows, and says so
        self.asked: list[Criteria] = []

    def fetch(self, criteria: Criteria) -> Listing[Pair]:
        self.asked.append(criteria)
        assert criteria.sort == ("sku", "source_code")
        found = sorted(
            (one for one in self.pairs if all(_fits(one, each) for each in criteria.filters)),
            key=lambda one: (one[0].casefold(), one[1]),
        )
        size = min(criteria.page_size, self.limit or criteria.page_size)
        start = (criteria.page - 1) * size
        return Listing(found[start : start + size], len(found), size)


def _fits(pair: Pair, one: Filter) -> bool:
    value = pair[0].casefold() if one.field == "sku" else pair[1]
    wanted = one.value.casefold() if one.field == "sku" else one.value
    return {"eq": value == wanted, "gt": value > wanted, "gteq": value >= wanted}[one.condition]


def read(shelf: Shelf, page_size: int, since: Position | None = None) -> Iterator[Batch[Pair]]:
    return by_sku(shelf.fetch, lambda pair: pair, since=since, page_size=page_size)


def all_of(batches: Iterator[Batch[Pair]]) -> list[Pair]:
    return [pair for batch in batches for pair in batch.records]


PAIRS = st.lists(
    st.tuples(st.sampled_from([f"sku-{n}" for n in range(14)]), st.sampled_from("abcde")),
    unique=True,
    max_size=60,
)


@given(pairs=PAIRS, page_size=st.integers(1, 9), limit=st.sampled_from([0, 0, 1, 3]))
def test_every_pair_comes_once_in_order(pairs: list[Pair], page_size: int, limit: int) -> None:
    assert all_of(read(Shelf(pairs, limit=limit), page_size)) == sorted(pairs)


@given(pairs=PAIRS, page_size=st.integers(1, 9), limit=st.sampled_from([0, 0, 2]))
def test_slices_of_one_page_read_everything_and_come_to_an_end(
    pairs: list[Pair], page_size: int, limit: int
) -> None:
    shelf, since, found = Shelf(pairs, limit=limit), None, list[Pair]()
    once = set[Pair]()
    for _slice in range(2 * len(pairs) + 2):  # it is read once more after it was interrupted
        batch = next(read(shelf, page_size, since), None)
        if batch is None:
            break
        assert since is None or batch.position > since
        found += batch.records
        once |= set() if batch.is_again else set(batch.records)
        since = batch.position
    assert batch is None
    assert once == set(pairs)  # what is counted: the other reading repeats it
    assert set(found) == set(pairs)


def test_what_is_deleted_between_two_slices_hides_nothing_behind_it() -> None:
    pairs = [(f"sku-{number:04}", "a") for number in range(1_000)]
    shelf = Shelf(pairs)
    first = list(islice(read(shelf, 100), 4))
    shelf.pairs = [pair for pair in pairs if not "sku-0020" <= pair[0] < "sku-0350"]
    shelf.asked.clear()
    rest = all_of(read(shelf, 100, first[-1].position))
    assert set(all_of(iter(first))) | set(rest) >= set(shelf.pairs)
    assert len(shelf.asked) <= 12  # what is left, and once everything


def test_skus_that_differ_in_their_case_alone_are_all_read() -> None:
    pairs = [("AB-1", "a"), ("ab-1", "b"), ("AB-1", "c"), ("ab-1", "d"), ("ac", "a")]
    assert all_of(read(Shelf(pairs), 2)) == pairs


def test_a_shop_with_several_sources_costs_hardly_more_questions_than_pages() -> None:
    pairs = [(f"sku-{number:05}", source) for number in range(2_000) for source in "abc"]
    shelf = Shelf(pairs)
    assert len(all_of(read(shelf, 300))) == 6_000
    assert len(shelf.asked) <= 6_000 / 300 * 1.1


def test_remaining_counts_what_is_left() -> None:
    pairs = [(f"sku-{number}", "a") for number in range(10, 35)]
    assert [batch.remaining for batch in read(Shelf(pairs), 10)] == [25, 15, 6]


def test_a_repeated_page_of_stock_is_refused() -> None:
    page = [("a", "x"), ("b", "x"), ("c", "x")]
    pulled = by_sku(lambda _asked: Listing(page, 9, 3), lambda one: one, since=None, page_size=3)
    with pytest.raises(PageRepeatedError):
        list(pulled)


def test_stock_without_end_is_refused() -> None:
    numbers = iter(range(10**6))
    pulled = by_sku(
        lambda _asked: Listing([(f"{next(numbers):09}", "x") for _ in range(3)], 6, 3),
        lambda one: one,
        since=None,
        page_size=3,
    )
    with pytest.raises(TooManyPagesError):
        list(pulled)


# --- lists with an id ---


def numbers(
    ids: list[int],
    *,
    page_size: int = 3,
    since: Position | None = None,
    end: int | None = None,
) -> list[int]:
    def fetch(criteria: Criteria) -> Listing[int]:
        wanted, *bounds = criteria.filters
        assert (wanted.field, wanted.condition) == ("entity_id", "gt")
        assert bounds == ([] if end is None else [Filter("entity_id", "lteq", str(end))])
        found = [one for one in sorted(ids) if int(wanted.value) < one <= (end or one)]
        return Listing(found[: criteria.page_size], len(found), criteria.page_size)

    batches = by_id(fetch, lambda one: one, since=since, page_size=page_size, end=end)
    return [one for batch in batches for one in batch.records]


@given(ids=st.lists(st.integers(1, 99), unique=True), page_size=st.integers(1, 9))
def test_every_id_comes_once(ids: list[int], page_size: int) -> None:
    assert numbers(ids, page_size=page_size) == sorted(ids)


def test_a_slice_goes_on_after_the_last_id() -> None:
    assert numbers([1, 2, 3, 4, 5], since=Position(EPOCH, 3)) == [4, 5]


@pytest.mark.parametrize(
    ("ids", "end", "questions"),
    [
        ([1, 2, 3, 4, 5, 6], 6, 2),
        ([1, 2, 3, 4, 5, 7], 6, 2),
        ([1, 2, 3, 4], 6, 2),
        ([1, 2, 3], None, 2),
    ],
)
def test_a_span_that_ends_with_its_last_id_costs_no_further_question(
    ids: list[int], end: int | None, questions: int
) -> None:
    asked = []

    def fetch(criteria: Criteria) -> Listing[int]:
        asked.append(criteria)
        after = int(criteria.filters[0].value)
        found = [one for one in ids if after < one <= (end or one)]
        return Listing(found[:3], len(found), 3)

    batches = by_id(fetch, lambda one: one, since=None, page_size=3, end=end)
    found = [one for batch in batches for one in batch.records]
    assert found == [one for one in ids if one <= (end or one)]
    assert len(asked) == questions


@given(
    ids=st.lists(st.integers(1, 99), unique=True),
    page_size=st.integers(1, 9),
    bounds=st.lists(st.integers(0, 99), unique=True, max_size=4),
)
def test_spans_side_by_side_give_every_id_once(
    ids: list[int], page_size: int, bounds: list[int]
) -> None:
    starts = sorted({0, *bounds})
    found = [
        one
        for start, end in zip(starts, [*starts[1:], None], strict=True)
        for one in numbers(ids, page_size=page_size, since=Position(EPOCH, start), end=end)
    ]
    assert found == sorted(ids)


def test_an_id_beyond_the_span_is_refused() -> None:
    batches = by_id(
        lambda _asked: Listing([4, 5, 6], 3, 5), lambda one: one, since=None, page_size=5, end=5
    )
    with pytest.raises(FilterIgnoredError):
        list(batches)


def test_ids_out_of_order_are_refused() -> None:
    batches = by_id(lambda _asked: Listing([3, 1], 2, 5), lambda one: one, since=None, page_size=5)
    with pytest.raises(FilterIgnoredError):
        list(batches)


def test_a_route_that_ignores_the_id_is_refused() -> None:
    batches = by_id(
        lambda _asked: Listing([1, 2, 3], 9, 3), lambda one: one, since=None, page_size=3
    )
    with pytest.raises(PageRepeatedError):
        list(batches)

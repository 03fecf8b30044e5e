"""Reading a whole list that cannot be sorted, while it changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Position
from connectors.sandbox.wshop.manner import Manner
from connectors.sandbox.wshop.shop import WshopSandbox
from connectors.sandbox.wshop.stock import Stock
from connectors.wshop.dialect import DIALECT, Paging, Style
from connectors.wshop.errors import MovingListError, TableError
from connectors.wshop.keyset import Step
from connectors.wshop.sweep import sweep
from tests.connectors.wshop.shops import Direct

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
SIZES = DIALECT.endpoints["sizes"]


def _shop(count: int, manner: Manner | None = None) -> WshopSandbox:
    sizes = [{"id": id, "label": f"T{id}"} for id in range(1, count + 1)]
    return WshopSandbox(Stock({"sizes": sizes}), manners={"sizes/get": manner or Manner()})


def _sweep(
    shop: WshopSandbox, limit: int, since: Position | None = None, style: Style = Style.PAGE
) -> list[Step]:
    endpoint = replace(SIZES, paging=Paging(limit=limit, style=style, next="next"))
    return list(sweep(Direct(shop, endpoint), endpoint, since=since, until=UNTIL))


def _ids(steps: list[Step]) -> list[int]:
    return [record["id"] for step in steps for record in step.records]


def test_one_page_is_read_once() -> None:
    shop = _shop(5)
    steps = _sweep(shop, 10)
    assert _ids(steps) == [1, 2, 3, 4, 5]
    assert [asked.path for asked in shop.log] == ["authenticate", "sizes/get"]
    assert steps[-1] == Step(records=[], position=Position(UNTIL), remaining=None)


def test_several_pages_are_read_twice_and_every_record_given_once() -> None:
    shop = _shop(7)
    assert _ids(_sweep(shop, 3)) == [1, 2, 3, 4, 5, 6, 7]
    assert [asked.parameters["page"] for asked in shop.log[1:]] == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize("style", [Style.CURSOR, Style.NONE])
def test_lists_without_page_numbers_are_read_to_their_end(style: Style) -> None:
    shop = _shop(7, Manner(paging=style.value, number="page", tells_total=False))
    assert _ids(_sweep(shop, 3, style=style)) == [1, 2, 3, 4, 5, 6, 7]


def test_a_list_that_was_broken_off_goes_on_with_its_page() -> None:
    shop = _shop(7)
    second = _sweep(shop, 3)[1]
    shop.log.clear()
    assert set(_ids(_sweep(shop, 3, since=second.position))) == {1, 2, 3, 4, 5, 6, 7}
    assert [asked.parameters["page"] for asked in shop.log[1:]] == [2, 3, 1, 2, 3]


def test_a_shop_that_repeats_its_page_is_stopped() -> None:
    shop = _shop(7)
    shop.switches.repeats_page = True
    with pytest.raises(TableError) as refused:
        _sweep(shop, 3)
    assert "correct paging.number" in refused.value.detail


def test_a_list_that_never_holds_still_is_read_again_later() -> None:
    shop = _shop(4)

    def grow(_asked: object) -> None:
        sizes = shop.stock.records["sizes"]
        sizes.append({"id": len(sizes) + 1, "label": "new"})

    shop.before_answer = grow
    with pytest.raises(MovingListError):
        _sweep(shop, 5)


def _removing(shop: WshopSandbox, removals: list[tuple[int, int]]) -> Callable[[object], None]:
    asked = 0

    def work(_asked: object) -> None:
        nonlocal asked
        for id, when in removals:
            if when == asked:
                shop.stock.remove("sizes", id)
        asked += 1

    return work


@settings(max_examples=400, deadline=None)
@given(
    count=st.integers(0, 20),
    limit=st.integers(1, 6),
    removals=st.lists(st.tuples(st.integers(1, 20), st.integers(1, 3)), max_size=3),
)
def test_what_slips_away_in_one_reading_is_found_in_the_next(
    count: int, limit: int, removals: list[tuple[int, int]]
) -> None:
    shop = _shop(count)
    shop.before_answer = _removing(shop, removals)
    found = _ids(_sweep(shop, limit))
    assert len(found) == len(set(found))
    assert set(range(1, count + 1)) - {id for id, _when in removals} <= set(found)

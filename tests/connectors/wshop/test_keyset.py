"""Reading what changed, while it changes: nothing lost, nothing wrong believed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.base import Position
from connectors.sandbox.wshop.manner import Manner
from connectors.sandbox.wshop.shop import WshopSandbox
from connectors.sandbox.wshop.stock import Stock
from connectors.wshop.dialect import DIALECT, Changes, Dates, Endpoint, Paging, Style
from connectors.wshop.errors import TableError
from connectors.wshop.keyset import Keyset, Step
from tests.connectors.wshop.shops import Direct

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNTIL = START + timedelta(hours=1)
LATER = UNTIL + timedelta(minutes=1)
ORDERS = DIALECT.endpoints["orders"]


def _order(id: int, second: int) -> dict[str, object]:
    return {"id": id, "updated_at": START + timedelta(seconds=second), "lines": []}


def _shop(seconds: list[int], manner: Manner | None = None) -> WshopSandbox:
    """Orders 1, 2, 3 ... changed at these seconds."""
    orders = [_order(id, second) for id, second in enumerate(seconds, start=1)]
    return WshopSandbox(Stock({"orders": orders}), manners={"orders/get": manner or Manner()})


def _endpoint(limit: int, **paging: object) -> Endpoint:
    return replace(ORDERS, paging=replace(Paging(limit=limit), **paging))  # type: ignore[arg-type]  # names of its own fields


def _walk(
    shop: WshopSandbox, endpoint: Endpoint, since: Position | None = None, until: datetime = UNTIL
) -> list[Step]:
    assert endpoint.changes is not None
    fetch = Direct(shop, endpoint)
    return list(Keyset(fetch, endpoint, endpoint.changes, since=since, until=until).steps())


def _ids(steps: list[Step]) -> list[int]:
    return [record["id"] for step in steps for record in step.records]


def test_every_record_comes_once_in_the_order_of_its_change() -> None:
    steps = _walk(_shop([30, 10, 20, 20, 5]), _endpoint(2))
    assert _ids(steps) == [5, 2, 3, 4, 1]
    assert steps[-1].position == Position(START + timedelta(seconds=30), 1)


def test_remaining_counts_down_with_the_shops_own_total() -> None:
    steps = _walk(_shop([1, 2, 3, 4, 5]), _endpoint(2))
    assert [step.remaining for step in steps] == [5, 4, 3, 2]
    assert [len(step.records) for step in steps] == [2, 1, 1, 1]


def test_a_walk_goes_on_after_the_position_it_reached() -> None:
    shop, endpoint = _shop([7, 7, 7, 7, 8]), _endpoint(2)
    first = _walk(shop, endpoint)[0]
    assert first.position == Position(START + timedelta(seconds=7), 2)
    assert _ids(_walk(shop, endpoint, since=first.position)) == [3, 4, 5]


def test_nothing_after_until_is_given_even_where_the_shop_cannot_filter_by_it() -> None:
    endpoint = replace(_endpoint(2), changes=replace(Changes(), until=""))
    shop = _shop([1, 2, 3, 9000])
    assert _ids(_walk(shop, endpoint)) == [1, 2, 3]
    assert all("updated_to" not in asked.parameters for asked in shop.log if asked.parameters)


def test_nothing_new_costs_one_request() -> None:
    shop = _shop([1, 2, 3])
    done = _walk(shop, _endpoint(2))[-1].position
    shop.log.clear()
    assert _walk(shop, _endpoint(2), since=done) == []
    assert [asked.path for asked in shop.log] == ["authenticate", "orders/get"]


def test_a_shop_that_gives_fewer_records_than_asked_for_loses_none() -> None:
    for tells_total in (True, False):
        shop = _shop(list(range(11)), Manner(most=3, tells_total=tells_total))
        assert _ids(_walk(shop, _endpoint(100))) == list(range(1, 12))


def test_a_total_that_counts_the_page_alone_does_not_end_the_walk_early() -> None:
    shop = _shop([1] * 9, Manner(counts_page=True))
    assert _ids(_walk(shop, _endpoint(3))) == list(range(1, 10))


def test_ids_that_are_no_numbers_are_read_again_from_their_moment() -> None:
    shop = _shop([7, 7, 7])
    for order in shop.stock.records["orders"]:
        order["id"] = f"W-{order['id']}"
    steps = _walk(shop, _endpoint(2))
    assert _ids(steps) == ["W-1", "W-2", "W-3"]
    assert steps[-1].position == Position(START + timedelta(seconds=7), 0)
    assert _ids(_walk(shop, _endpoint(2), since=steps[-1].position)) == ["W-1", "W-2", "W-3"]


@pytest.mark.parametrize(
    ("manner", "entry"),
    [
        (Manner(obeys_sort=False), "changes.sort"),
        (Manner(obeys_filter=False), "changes.since"),
        (Manner(excludes_bound=True), "changes.inclusive"),
    ],
    ids=["order ignored", "filter ignored", "bound left out"],
)
@pytest.mark.parametrize("tells_total", [True, False])
def test_a_shop_that_contradicts_its_table_is_named_and_not_believed(
    manner: Manner, entry: str, tells_total: bool
) -> None:
    shop = _shop([30, 10, 20, 40, 50], replace(manner, tells_total=tells_total))
    with pytest.raises(TableError) as refused:
        _walk(shop, _endpoint(2))
    assert f"correct {entry} in dialect.py" in refused.value.detail
    assert refused.value.params == {"endpoint": "orders/get"}


def test_a_shop_whose_page_number_means_nothing_repeats_itself_and_is_stopped() -> None:
    shop = _shop([5, 5, 5, 5])
    shop.switches.repeats_page = True
    with pytest.raises(TableError) as refused:
        _walk(shop, _endpoint(2))
    assert "correct paging.number" in refused.value.detail


def test_ties_that_are_not_in_the_order_of_ids_are_refused_unless_the_table_says_so() -> None:
    shop = _shop([5, 5, 5, 6])
    shop.stock.records["orders"] = [
        _order(3, 5),
        _order(1, 5),
        _order(2, 5),
        _order(4, 6),
    ]
    shop.manners["orders/get"] = Manner(obeys_sort=False)  # they stand in the order of their time
    with pytest.raises(TableError) as refused:
        _walk(shop, _endpoint(2))
    assert "correct changes.ties_by_id" in refused.value.detail
    endpoint = replace(_endpoint(2), changes=replace(Changes(), ties_by_id=False))
    steps = _walk(shop, endpoint)
    assert sorted(_ids(steps)) == [1, 2, 3, 4]
    assert {step.position.id for step in steps} == {0}


def test_an_exclusive_lower_bound_is_read_with_one_correction_of_the_table() -> None:
    shop = _shop([1, 1, 1, 1, 2, 3], Manner(excludes_bound=True))
    endpoint = replace(_endpoint(2), changes=replace(Changes(), inclusive=False))
    assert _ids(_walk(shop, endpoint)) == [1, 2, 3, 4, 5, 6]


def test_the_hour_that_happens_twice_is_read_again() -> None:
    """Local time without a zone: 02:40 is before or after 02:50, nobody can tell."""
    zone = "Europe/Paris"
    first = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 02:50, the first time
    shop = _shop([])
    shop.manners["orders/get"] = Manner(zone=zone)
    shop.stock.records["orders"] = [{"id": 1, "updated_at": first, "lines": []}]
    endpoint = replace(_endpoint(2), dates=Dates(zone=zone))
    done = _walk(shop, endpoint, until=first + timedelta(minutes=5))[-1].position
    assert done == Position(first, 1)
    shop.stock.records["orders"].append(  # 02:40, the second time
        {"id": 2, "updated_at": first + timedelta(minutes=50), "lines": []}
    )
    again = _walk(shop, endpoint, since=done, until=first + timedelta(hours=2))
    assert 2 in _ids(again)


edits = st.lists(
    st.tuples(
        st.sampled_from(["touch", "remove", "add"]),
        st.integers(1, 40),
        st.integers(0, 6),  # before which request
    ),
    max_size=25,
)


def _at_requests(
    shop: WshopSandbox, changes: list[tuple[str, int, int]]
) -> Callable[[object], None]:
    """Does the shop's own work between our requests; what it changes is newer than `until`."""
    asked = 0

    def work(_asked: object) -> None:
        nonlocal asked
        records = shop.stock.records["orders"]
        for kind, id, when in changes:
            known = any(record["id"] == id for record in records)
            if when != asked:
                continue
            if kind == "touch" and known:
                shop.stock.edit("orders", id, at=LATER)
            elif kind == "remove":
                shop.stock.remove("orders", id)
            elif kind == "add" and not known:
                records.append({"id": id, "updated_at": LATER, "lines": []})
            records = shop.stock.records["orders"]
        asked += 1

    return work


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seconds=st.lists(st.integers(0, 4), max_size=24),
    limit=st.integers(1, 5),
    most=st.integers(1, 5),
    style=st.sampled_from([Style.PAGE, Style.OFFSET]),
    tells_total=st.booleans(),
    inclusive=st.booleans(),
    by_id=st.booleans(),
    changes=edits,
    stop=st.one_of(st.none(), st.integers(0, 8)),
)
@example(  # one moment over many pages, most of it edited away while its third page is read
    seconds=[1] * 12,
    limit=2,
    most=5,
    style=Style.PAGE,
    tells_total=True,
    inclusive=True,
    by_id=True,
    changes=[("touch", id, 2) for id in range(1, 7)],
    stop=None,
)
@example(  # all that was read has gone: the page before is empty too, and the rest stands on the first
    seconds=[1] * 7,
    limit=2,
    most=5,
    style=Style.PAGE,
    tells_total=True,
    inclusive=True,
    by_id=True,
    changes=[("touch", id, 6) for id in range(1, 7)],
    stop=None,
)
def test_no_record_is_lost_whatever_changes_meanwhile(
    seconds: list[int],
    limit: int,
    most: int,
    style: Style,
    tells_total: bool,
    inclusive: bool,
    by_id: bool,
    changes: list[tuple[str, int, int]],
    stop: int | None,
) -> None:
    """After a pull with edits, perhaps broken off and taken up again, and one more pull, all is there."""
    number = "page" if style is Style.PAGE else "skip"
    manner = Manner(
        paging=style.value,
        number=number,
        most=most,
        tells_total=tells_total,
        excludes_bound=not inclusive,
    )
    shop = _shop(seconds, manner)
    endpoint = replace(
        _endpoint(limit, style=style, number=number),
        changes=replace(Changes(), inclusive=inclusive, ties_by_id=by_id),
    )
    untouched = set(range(1, len(seconds) + 1)) - {id for _kind, id, _when in changes}
    shop.before_answer = _at_requests(shop, changes)

    given_in_order: list[tuple[str, int]] = []
    position: Position | None = None
    assert endpoint.changes is not None
    walk = Keyset(
        Direct(shop, endpoint), endpoint, endpoint.changes, since=None, until=UNTIL
    ).steps()
    for count, step in enumerate(walk):
        if count == stop:
            break
        assert step.position.at <= UNTIL
        assert position is None or position <= step.position
        position = step.position
        given_in_order += [(record["updated_at"], record["id"]) for record in step.records]
    assert len({id for _at, id in given_in_order}) == len(given_in_order), "a record came twice"
    assert given_in_order == sorted(given_in_order)

    rest = _walk(shop, endpoint, since=position)
    got = {id for _at, id in given_in_order} | set(_ids(rest))
    assert untouched <= got
    shop.before_answer = None
    after = _walk(shop, endpoint, since=rest[-1].position if rest else position, until=LATER)
    everything = {record["id"] for record in shop.stock.records["orders"]}
    assert everything <= got | set(_ids(after))

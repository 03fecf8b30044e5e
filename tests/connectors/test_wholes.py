"""Readings of everything: what is gone is marked, never by half a reading, and too much of it is doubted."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from connectors import catalogue, pulling, runs
from connectors.base import Extent
from connectors.errors import CredentialsError, ShopDownError
from connectors.models import TABLES, Connection, Cursor, PullRun, PullSpan, SeenPage
from tests.connectors.fake_platform import FakeShop

NOW = datetime(2026, 3, 1, 3, 0, 0, tzinfo=UTC)  # at night
State, Kind = PullRun.State, PullRun.Kind
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def shop(fake_shop: FakeShop) -> FakeShop:
    """Ids 1 to 10, an hour apart, the last one an hour ago."""
    for id in range(1, 11):
        fake_shop.put(id, f"v{id}", NOW - timedelta(hours=11 - id))
    return fake_shop


def gone(name: str = "products") -> list[str]:
    key = {"products": "variant_id", "orders": "line_id", "stock": "sku"}[name]
    rows = TABLES[name].objects.exclude(deleted_at=None)
    return sorted(rows.values_list(key, flat=True), key=int)


def counts(run: PullRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.deleted


def leftovers() -> tuple[int, int]:
    return PullSpan.objects.count(), SeenPage.objects.count()


# --- what is gone ---


def test_a_product_that_was_deleted_is_marked_by_the_next_reconcile(
    numbered_connection, shop, clock
):
    assert counts(pulling.pull(numbered_connection, "products")) == (10, 0, 0, 0)
    shop.remove(4)
    clock.shift(DAY)
    run = pulling.pull(numbered_connection, "products")
    assert (run.state, run.kind) == (State.DONE, Kind.WHOLE)
    assert counts(run) == (0, 0, 9, 1)
    assert gone() == ["4"]
    assert TABLES["products"].objects.get(variant_id="4").deleted_at == NOW + DAY
    assert "4" not in {row["variant_id"] for row in catalogue.variants(numbered_connection)}
    assert leftovers() == (0, 0)


def test_between_two_nights_only_the_changes_are_read(numbered_connection, shop, clock):
    pulling.pull(numbered_connection, "products")
    shop.remove(4)
    clock.shift(3600)
    run = pulling.pull(numbered_connection, "products")
    assert (run.kind, gone()) == (Kind.CHANGES, [])


def test_a_change_that_does_not_move_its_date_is_found_by_the_reconcile(
    numbered_connection, shop, clock
):
    pulling.pull(numbered_connection, "products")
    shop.put(4, "another price", shop.records[4].updated_at)
    clock.shift(3600)
    assert counts(pulling.pull(numbered_connection, "products")) == (0, 0, 0, 0)
    clock.shift(DAY)
    assert counts(pulling.pull(numbered_connection, "products")) == (0, 1, 9, 0)
    assert TABLES["products"].objects.get(variant_id="4").title == "another price"


def raising_after(answers: int, error: Exception):
    left = [answers]

    def hook() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise error

    return hook


@pytest.mark.parametrize("answers", [1, 2, 3])
@pytest.mark.parametrize("name", ["products", "stock"])
def test_an_interrupted_reading_marks_nothing(numbered_connection, shop, clock, name, answers):
    pulling.pull(numbered_connection, name)
    shop.remove(4)
    clock.shift(DAY)
    shop.before_answer = raising_after(answers, CredentialsError())
    run = pulling.pull(numbered_connection, name)
    assert (run.state, run.deleted, gone(name)) == (State.FAILED, 0, [])
    shop.before_answer = lambda: None
    clock.shift(DAY)
    run = pulling.pull(numbered_connection, name)
    assert (run.state, run.deleted, gone(name)) == (State.DONE, 1, ["4"])


def test_a_reading_that_is_stopped_marks_nothing_and_leaves_nothing_behind(
    numbered_connection, shop, clock
):
    pulling.pull(numbered_connection, "products")
    shop.remove(1)
    clock.shift(DAY)
    cursor = pulling.cursor_of(numbered_connection, "products")
    assert pulling.run_slice(cursor, progress=lambda run: pulling.reset(cursor)) is None
    assert (gone(), leftovers()) == ([], (0, 0))


def test_slice_by_slice_the_same_rows_are_marked(numbered_connection, shop, clock):
    pulling.pull(numbered_connection, "stock")
    shop.remove(2)
    shop.remove(9)
    clock.shift(DAY)
    cursor, slices = pulling.cursor_of(numbered_connection, "stock"), 0
    while (run := pulling.run_slice(cursor, seconds=0)) and run.state == State.RUNNING:
        assert gone("stock") == []
        slices += 1
    assert slices >= 2
    assert run is not None
    assert (counts(run), gone("stock")) == ((0, 0, 8, 2), ["2", "9"])


def test_what_comes_back_lives_again(numbered_connection, shop, clock):
    pulling.pull(numbered_connection, "products")
    record = shop.records[4]
    shop.remove(4)
    clock.shift(DAY)
    pulling.pull(numbered_connection, "products")
    shop.records[4] = record
    clock.shift(DAY)
    assert counts(pulling.pull(numbered_connection, "products")) == (0, 1, 9, 0)
    assert gone() == []


def test_what_arrived_since_the_reading_began_is_not_missed(numbered_connection, shop, clock):
    """A row may come from elsewhere meanwhile, after its place in the reading was passed."""
    pulling.pull(numbered_connection, "products")
    clock.shift(DAY)
    cursor = pulling.cursor_of(numbered_connection, "products")
    run = pulling.run_slice(cursor, seconds=0)
    assert run is not None
    moved = TABLES["products"].objects.filter(variant_id="10")
    moved.update(seen_at=NOW + DAY)
    shop.remove(10)
    assert pulling.pull(numbered_connection, "products").deleted == 0


def test_rows_of_another_connection_scope_or_origin_are_left_alone(
    numbered_connection, shop, clock
):
    shop.scopes = ["fr", "en"]
    pulling.pull(numbered_connection, "products", "fr")
    pulling.pull(numbered_connection, "products", "en")
    other = Connection.objects.create(
        tenant=numbered_connection.tenant, platform="numbered", config=numbered_connection.config
    )
    pulling.pull(other, "products", "fr")
    shop.remove(4)
    shop.remove(5)
    table = TABLES["products"].objects
    table.filter(connection=numbered_connection, variant_id="5").update(origin="file")
    clock.shift(DAY)
    assert pulling.pull(numbered_connection, "products", "fr").deleted == 1
    left = table.exclude(deleted_at=None).values_list("connection", "scope", "variant_id")
    assert list(left) == [(numbered_connection.pk, "fr", "4")]


def test_pulling_again_changes_nothing(numbered_connection, shop, clock):
    for name in ("products", "orders", "stock", "customers"):
        pulling.pull(numbered_connection, name)
        for how in ({}, {"full": True}):
            clock.shift(DAY)
            run = pulling.pull(numbered_connection, name, **how)
            assert (run.state, run.created, run.updated, run.deleted) == (State.DONE, 0, 0, 0)


def test_editing_one_order_changes_one(numbered_connection, shop, clock):
    pulling.pull(numbered_connection, "orders")
    clock.shift(600)
    shop.put(7, "edited")
    clock.shift(600)
    assert counts(pulling.pull(numbered_connection, "orders")) == (0, 1, 0, 0)


# --- what is doubted ---


def test_a_count_down_by_half_is_held_before_anything_is_overwritten(
    numbered_connection, shop, clock, caplog
):
    pulling.pull(numbered_connection, "products")
    for id in range(1, 6):
        shop.remove(id)
    shop.put(6, "overwritten", NOW)
    clock.shift(DAY)
    with caplog.at_level(logging.WARNING):
        run = pulling.pull(numbered_connection, "products")
    assert (run.state, run.error, run.params, run.pages) == (
        State.HELD, "held", {"now": 5, "before": 10}, 0,
    )  # fmt: skip
    assert "5 instead of 10" in run.message
    assert gone() == []
    assert TABLES["products"].objects.get(variant_id="6").title == "v6"
    assert f"run {run.pk} is held" in caplog.text


def test_a_shop_that_gives_nothing_at_all_is_held(numbered_connection, shop, clock):
    for name in ("products", "stock"):
        pulling.pull(numbered_connection, name)
    records, shop.records = shop.records, {}
    clock.shift(DAY)
    for name in ("products", "stock"):
        run = pulling.pull(numbered_connection, name)
        assert (run.state, run.params) == (State.HELD, {"now": 0, "before": 10})
        assert gone(name) == []
    shop.records = records
    clock.shift(DAY)
    for name in ("products", "stock"):
        assert counts(pulling.pull(numbered_connection, name)) == (0, 0, 10, 0)
    assert not PullRun.objects.filter(state=State.HELD).exists()  # superseded
    assert leftovers() == (0, 0)


def test_a_little_less_is_believed(numbered_connection, shop, clock):
    pulling.pull(numbered_connection, "products")
    for id in range(1, 5):
        shop.remove(id)
    clock.shift(DAY)
    assert counts(pulling.pull(numbered_connection, "products")) == (0, 0, 6, 4)


def test_a_shop_that_announces_more_than_it_gives_is_held_at_the_end(
    numbered_connection, shop, clock, monkeypatch
):
    pulling.pull(numbered_connection, "products")
    for id in range(3, 11):
        shop.remove(id)
    platform = numbered_connection.connector_class
    monkeypatch.setattr(
        platform, "extent", lambda *_args, **_scope: Extent(first=1, last=10, total=10)
    )
    clock.shift(DAY)
    run = pulling.pull(numbered_connection, "products")
    assert (run.state, run.params, run.fetched) == (State.HELD, {"now": 2, "before": 10}, 2)
    assert gone() == []


def test_a_held_run_that_a_person_releases_goes_on_to_its_end(numbered_connection, shop, clock):
    for name in ("products", "stock"):
        pulling.pull(numbered_connection, name)
    for id in range(1, 8):
        shop.remove(id)
    clock.shift(DAY)
    for name in ("products", "stock"):
        held = pulling.pull(numbered_connection, name)
        assert held.state == State.HELD
        assert runs.release(held, by="anna@kleep.example")
        assert Cursor.objects.get(pk=held.cursor_id).due_at == NOW + DAY
        run = pulling.pull(numbered_connection, name)
        assert (run.pk, run.state, run.released_by) == (held.pk, State.DONE, "anna@kleep.example")
        assert (run.deleted, run.error) == (7, "")
        assert gone(name) == [str(id) for id in range(1, 8)]


def test_what_is_not_held_is_not_released(numbered_connection, shop):
    run = pulling.pull(numbered_connection, "products")
    assert not runs.release(run, by="anna@kleep.example")
    run.refresh_from_db()
    assert (run.state, run.released_by) == (State.DONE, "")


def test_a_held_run_waits_while_another_is_under_way(numbered_connection, shop, clock):
    pulling.pull(numbered_connection, "products")
    records, shop.records = dict(shop.records), {}
    clock.shift(DAY)
    held = pulling.pull(numbered_connection, "products")
    shop.records = records
    clock.shift(600)
    shop.before_answer = raising_after(0, ShopDownError())
    cursor = pulling.cursor_of(numbered_connection, "products")
    other = pulling.run_slice(cursor)
    assert other is not None
    assert (other.state, other.kind) == (State.RUNNING, Kind.CHANGES)
    with pytest.raises(pulling.AlreadyRunningError):
        runs.release(held, by="anna@kleep.example")
    held.refresh_from_db()
    assert held.state == State.HELD


def test_the_first_reading_has_nothing_to_compare_with(numbered_connection, shop):
    shop.records = {}
    assert pulling.pull(numbered_connection, "products").state == State.DONE
    assert pulling.pull(numbered_connection, "stock").state == State.DONE


def test_much_less_is_doubted_also_where_the_reading_failed_in_between(
    numbered_connection, shop, clock, settings
):
    """What the failed one created was not there before."""
    settings.PULL_READERS = 1
    pulling.pull(numbered_connection, "products")
    clock.shift(DAY)
    for id in range(1, 11):
        shop.remove(id)
    for id in range(101, 131):
        shop.put(id, "new", NOW + DAY - timedelta(hours=1))
    answers = iter(range(6))

    def refuse_the_seventh() -> None:
        if next(answers, None) is None:
            raise CredentialsError

    shop.before_answer = refuse_the_seventh
    failed = pulling.pull(numbered_connection, "products")
    assert failed.state == State.FAILED
    assert failed.created
    shop.before_answer = lambda: None
    clock.shift(DAY)
    assert pulling.pull(numbered_connection, "products").state == State.HELD
    assert gone() == []

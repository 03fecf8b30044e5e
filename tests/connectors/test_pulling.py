"""The engine: runs in slices, resumed after anything, never past what is stored."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone

from connectors import holders, leases, pulling, runs, storing
from connectors.base import Position
from connectors.errors import (
    CredentialsError,
    PermissionMissingError,
    RateLimitedError,
    ShopDownError,
    UnexpectedAnswerError,
)
from connectors.models import TABLES, Connection, Cursor, PullRun
from tests.connectors.fake_platform import FakeConnector, FakeShop

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MARGIN, OVERLAP = timedelta(seconds=5), timedelta(seconds=900)
State = PullRun.State
ORDERS = TABLES["orders"]


@pytest.fixture(autouse=True)
def clock():
    """A clock that stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def ten_orders(fake_shop: FakeShop) -> FakeShop:
    """Ids 1 to 10, an hour apart, the last one an hour ago."""
    for id in range(1, 11):
        fake_shop.put(id, f"v{id}", NOW - timedelta(hours=11 - id))
    return fake_shop


def stored(connection: Connection) -> dict[str, str]:
    return dict(ORDERS.objects.filter(connection=connection).values_list("line_id", "status"))


def values(shop: FakeShop) -> dict[str, str]:
    return {str(record.id): record.value for record in shop.records.values()}


def cursor_of(connection: Connection) -> Cursor:
    return Cursor.objects.get(connection=connection, resource="orders")


# --- whole runs ---


def test_a_first_pull_stores_everything_and_moves_the_cursor_to_its_end(
    fake_connection, ten_orders
):
    run = pulling.pull(fake_connection, "orders")
    assert stored(fake_connection) == values(ten_orders)
    assert (run.state, run.fetched, run.created, run.updated, run.unchanged) == (
        State.DONE, 10, 10, 0, 0,
    )  # fmt: skip
    assert (run.pages, run.expected, run.since, run.until) == (5, 10, None, NOW - MARGIN)
    assert run.finished_at == NOW
    cursor = cursor_of(fake_connection)
    assert cursor.position == Position(NOW - MARGIN, 0)
    assert (cursor.lease_token, cursor.lease_until) == (None, None)
    fake_connection.refresh_from_db()
    assert (fake_connection.health, fake_connection.proved_at) == ("working", NOW)


def test_what_is_stored_of_a_run_is_what_the_database_says(fake_connection, ten_orders):
    run = pulling.pull(fake_connection, "orders")
    again = PullRun.objects.get(pk=run.pk)
    for name in ("state", "fetched", "created", "updated", "unchanged", "pages", "expected"):
        assert getattr(again, name) == getattr(run, name), name
    assert again.position == run.position == Position(NOW - timedelta(hours=1), 10)


def test_a_second_pull_reads_the_overlap_again_and_writes_nothing(fake_connection, ten_orders):
    ten_orders.put(11, "late", NOW - timedelta(minutes=10))
    pulling.pull(fake_connection, "orders")
    run = pulling.pull(fake_connection, "orders")
    assert run.since == NOW - MARGIN - OVERLAP
    assert (run.state, run.fetched, run.created, run.updated, run.unchanged) == (
        State.DONE, 1, 0, 0, 1,
    )  # fmt: skip


def test_one_question_when_nothing_is_new(fake_connection, ten_orders):
    pulling.pull(fake_connection, "orders")
    ten_orders.asked.clear()
    pulling.pull(fake_connection, "orders")
    assert len(ten_orders.asked) == 1


def test_only_what_changed_is_written(fake_connection, ten_orders, clock):
    pulling.pull(fake_connection, "orders")
    clock.shift(600)
    ten_orders.put(4, "changed")
    clock.shift(600)
    run = pulling.pull(fake_connection, "orders")
    assert (run.fetched, run.created, run.updated, run.unchanged) == (1, 0, 1, 0)
    assert stored(fake_connection) == values(ten_orders)


def test_a_record_that_was_committed_late_is_found_by_the_next_pull(
    fake_connection, ten_orders, clock
):
    pulling.pull(fake_connection, "orders")
    clock.shift(600)
    ten_orders.put(11, "late", NOW - OVERLAP + timedelta(seconds=5))
    pulling.pull(fake_connection, "orders")
    assert stored(fake_connection) == values(ten_orders)


def test_a_record_changed_after_until_is_left_for_the_next_pull(fake_connection, ten_orders):
    ten_orders.put(11, "too new", NOW - timedelta(seconds=4))
    pulling.pull(fake_connection, "orders")
    assert "11" not in stored(fake_connection)
    assert "10" in stored(fake_connection)


def test_full_reads_everything_again(fake_connection, ten_orders):
    pulling.pull(fake_connection, "orders")
    run = pulling.pull(fake_connection, "orders", full=True)
    assert (run.since, run.fetched, run.unchanged) == (None, 10, 10)


def test_since_reads_again_from_there(fake_connection, ten_orders):
    pulling.pull(fake_connection, "orders")
    run = pulling.pull(fake_connection, "orders", since=NOW - timedelta(hours=3))
    assert (run.since, run.fetched) == (NOW - timedelta(hours=3), 3)


def test_since_cannot_leave_a_gap_behind_the_cursor(fake_connection, ten_orders, clock):
    pulling.pull(fake_connection, "orders")
    clock.shift(3600)
    ten_orders.put(11, "between", NOW + timedelta(minutes=10))
    run = pulling.pull(fake_connection, "orders", since=NOW + timedelta(minutes=50))
    assert run.since == NOW - MARGIN - OVERLAP
    assert stored(fake_connection) == values(ten_orders)


def test_a_full_pull_that_breaks_does_not_take_the_cursor_back(fake_connection, ten_orders):
    pulling.pull(fake_connection, "orders")
    ten_orders.before_answer = raising_at(3, CredentialsError())
    run = pulling.pull(fake_connection, "orders", full=True)
    assert (run.state, run.pages) == (State.FAILED, 2)
    assert cursor_of(fake_connection).position == Position(NOW - MARGIN, 0)


def test_a_resource_without_cursor_is_read_whole_every_time(fake_connection, ten_orders):
    pulling.pull(fake_connection, "stock")
    run = pulling.pull(fake_connection, "stock")
    assert (run.since, run.fetched, run.unchanged) == (None, 10, 10)


def test_a_store_view_has_a_cursor_and_rows_of_its_own(fake_connection, ten_orders):
    ten_orders.scopes = ["fr", "en"]
    found = pulling.cursors(fake_connection, ["products", "orders"])
    assert [(c.resource, c.scope) for c in found] == [
        ("products", "fr"), ("products", "en"), ("orders", ""),
    ]  # fmt: skip
    pulling.pull(fake_connection, "products", "fr")
    table = TABLES["products"].objects.filter(connection=fake_connection)
    assert set(table.values_list("scope", flat=True)) == {"fr"}


def test_a_resource_that_is_not_pulled_is_unknown(fake_connection):
    with pytest.raises(KeyError):
        pulling.pull(fake_connection, "modules")
    with pytest.raises(KeyError):
        pulling.cursors(fake_connection, ["no such"])
    assert not Cursor.objects.exists()


def test_progress_is_told_after_every_page(fake_connection, ten_orders):
    told = []
    pulling.pull(
        fake_connection, "orders", progress=lambda run: told.append((run.fetched, run.expected))
    )
    assert told == [(3, 10), (5, 10), (7, 10), (9, 10), (10, 10)]


# --- slices ---


def slice_of_one_page(connection: Connection) -> PullRun | None:
    return pulling.run_slice(pulling.cursor_of(connection, "orders"), seconds=0)


def test_a_slice_stops_at_its_time_limit_and_the_next_goes_on_from_there(
    fake_connection, ten_orders, clock
):
    first = slice_of_one_page(fake_connection)
    assert first is not None
    assert (first.state, first.pages, first.fetched) == (State.RUNNING, 1, 3)
    cursor = cursor_of(fake_connection)
    assert cursor.position == Position(NOW - timedelta(hours=8), 3)
    assert (cursor.due_at, cursor.lease_token) == (NOW, None)
    clock.shift(60)
    ten_orders.asked.clear()
    second = slice_of_one_page(fake_connection)
    assert second is not None
    assert (second.pk, second.until, second.fetched) == (first.pk, NOW - MARGIN, 5)
    assert [(f.condition, f.value) for f in ten_orders.asked[0].filters] == [
        ("gteq", "2026-03-01 04:00:00"), ("lteq", "2026-03-01 11:59:55"),
    ]  # fmt: skip


def test_slices_end_with_the_same_rows_as_one_run(fake_connection, ten_orders):
    slices = 1
    while (run := slice_of_one_page(fake_connection)) and run.state == State.RUNNING:
        slices += 1
    assert slices > 3
    assert stored(fake_connection) == values(ten_orders)
    assert PullRun.objects.count() == 1


def test_the_next_page_is_fetched_by_another_thread(fake_connection, ten_orders):
    pulling.pull(fake_connection, "orders")
    assert all(name.startswith("pages") for name in ten_orders.threads)


def test_the_connector_is_closed_after_every_slice(fake_connection, ten_orders):
    slice_of_one_page(fake_connection)
    assert ten_orders.opened == 1


# --- leases ---


def test_two_workers_never_pull_the_same_cursor(fake_connection, ten_orders):
    cursor = pulling.cursor_of(fake_connection, "orders")
    lease = leases.claim(cursor.pk)
    assert lease is not None
    assert leases.claim(cursor.pk) is None
    assert pulling.run_slice(cursor) is None
    assert (stored(fake_connection), PullRun.objects.count()) == ({}, 0)
    leases.release(lease)
    assert leases.claim(cursor.pk) is not None


def test_of_workers_that_claim_at_the_same_instant_one_gets_the_cursor(
    transactional_db, fake_connection
):
    cursor, together = pulling.cursor_of(fake_connection, "orders"), threading.Barrier(4)

    def claim() -> leases.Lease | None:
        try:
            together.wait(timeout=30)
            return leases.claim(cursor.pk)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as workers:
        claims = [workers.submit(claim) for _ in range(4)]
    held = [lease for one in claims if (lease := one.result())]
    cursor.refresh_from_db()
    assert [lease.token for lease in held] == [cursor.lease_token]


def test_the_lease_of_a_dead_worker_expires_and_its_run_goes_on(
    fake_connection, ten_orders, clock, settings
):
    first = slice_of_one_page(fake_connection)
    assert first is not None
    leases.claim(cursor_of(fake_connection).pk)  # and dies
    clock.shift(settings.PULL_LEASE_SECONDS - 1)
    assert slice_of_one_page(fake_connection) is None
    clock.shift(1)
    run = pulling.pull(fake_connection, "orders")
    assert (run.pk, run.state) == (first.pk, State.DONE)
    assert stored(fake_connection) == values(ten_orders)


def test_every_page_renews_the_lease(fake_connection, ten_orders, clock, settings):
    seen = []

    def between_pages() -> None:
        clock.shift(settings.PULL_LEASE_SECONDS - 1)
        seen.append(Cursor.objects.get().lease_until)

    pulling.pull(fake_connection, "orders", progress=lambda run: between_pages())
    assert len(seen) > 3
    assert all(later > earlier for earlier, later in pairwise(seen))
    assert stored(fake_connection) == values(ten_orders)


def test_a_page_that_takes_longer_than_a_lease_does_not_cost_it(
    fake_connection, ten_orders, settings, monkeypatch
):
    settings.PULL_LEASE_SECONDS = 0.03
    enough, renewals, renew = threading.Event(), [], leases.renew

    def counted(lease: leases.Lease, **changes: object) -> None:
        renewals.append(changes)
        if len(renewals) == 5:
            enough.set()
        renew(lease, **changes)

    monkeypatch.setattr(leases, "renew", counted)
    ten_orders.before_answer = lambda: None if enough.wait(timeout=60) else pytest.fail("waited")
    run = pulling.pull(fake_connection, "orders")
    assert (run.state, run.fetched) == (State.DONE, 10)
    assert renewals[1:5] == [{}] * 4  # while the first page was on its way


def test_a_time_limit_of_the_connector_is_not_taken_for_patience(fake_connection, ten_orders):
    ten_orders.before_answer = raising_at(2, TimeoutError())
    run = pulling.pull(fake_connection, "orders")
    assert (run.state, run.detail, run.pages) == (State.FAILED, "TimeoutError", 1)


def test_who_lost_the_lease_stores_nothing_more(fake_connection, ten_orders):
    def rob(run: PullRun) -> None:
        Cursor.objects.update(lease_token=uuid.uuid4())

    assert pulling.run_slice(pulling.cursor_of(fake_connection, "orders"), progress=rob) is None
    assert len(stored(fake_connection)) == 3
    cursor = cursor_of(fake_connection)
    assert cursor.position == Position(NOW - timedelta(hours=8), 3)
    assert cursor.lease_token is not None  # the robber's
    assert PullRun.objects.get().state == State.RUNNING


def test_a_reset_forgets_the_position_and_stops_the_run(fake_connection, ten_orders):
    cursor = pulling.cursor_of(fake_connection, "orders")
    assert pulling.run_slice(cursor, progress=lambda run: pulling.reset(cursor)) is None
    assert cursor_of(fake_connection).position is None
    assert PullRun.objects.get().state == State.STOPPED
    run = pulling.pull(fake_connection, "orders")
    assert (run.since, run.fetched, run.state) == (None, 10, State.DONE)


def test_a_pull_by_hand_gives_up_where_another_goes_on_and_on(
    fake_connection, ten_orders, monkeypatch, caplog
):
    caplog.set_level("INFO", logger="connectors.pulling")
    waited: list[float] = []
    monkeypatch.setattr(pulling.time, "monotonic", lambda: sum(waited))
    monkeypatch.setattr(pulling.time, "sleep", waited.append)
    cursor = pulling.cursor_of(fake_connection, "orders")
    Cursor.objects.update(lease_until=NOW + timedelta(days=1), lease_token=uuid.uuid4())
    with pytest.raises(pulling.AlreadyRunningError):
        pulling.pull(fake_connection, "orders")
    assert sum(waited) == 130
    assert caplog.messages == [f"{cursor} is held by another worker: waiting, 130 s at most"]
    assert not cursor.runs.exists()


def test_the_lease_of_a_process_that_is_no_more_is_not_waited_for(fake_connection, ten_orders):
    begin, _, started = holders.this_process().rpartition(":")
    pulling.cursor_of(fake_connection, "orders")
    later, dead = NOW + timedelta(days=1), f"{begin}:{int(started) - 1}"
    Cursor.objects.update(lease_until=later, lease_token=uuid.uuid4(), lease_holder=dead)
    assert pulling.pull(fake_connection, "orders").state == State.DONE
    assert Cursor.objects.get().lease_holder == holders.this_process()


# --- failures ---


def raising_at(answer: int, error: Exception):
    """Every answer from this one on is an error."""
    answers = iter(range(1, 10**9))

    def hook() -> None:
        if next(answers) >= answer:
            raise error

    return hook


def test_what_the_merchant_must_mend_ends_the_run_and_keeps_what_is_stored(
    fake_connection, ten_orders, settings
):
    ten_orders.before_answer = raising_at(2, CredentialsError(detail="revoked"))
    run = pulling.pull(fake_connection, "orders")
    assert (run.state, run.error, run.detail, run.finished_at) == (
        State.FAILED, "credentials", "revoked", NOW,
    )  # fmt: skip
    assert len(stored(fake_connection)) == 3
    cursor = cursor_of(fake_connection)
    assert cursor.position == Position(NOW - timedelta(hours=8), 3)
    day = timedelta(seconds=settings.PULL_FAILED_INTERVAL_SECONDS)
    assert NOW + day <= cursor.due_at <= NOW + day * 1.1
    fake_connection.refresh_from_db()
    assert fake_connection.health == "failing"


def test_a_missing_permission_says_nothing_against_the_credentials(fake_connection, ten_orders):
    error = PermissionMissingError(permission="Sales::view", path="Sales > View")
    ten_orders.before_answer = raising_at(1, error)
    run = pulling.pull(fake_connection, "orders")
    assert (run.state, run.error, run.params) == (
        State.FAILED, "permission_missing", {"permission": "Sales::view", "path": "Sales > View"},
    )  # fmt: skip
    fake_connection.refresh_from_db()
    assert fake_connection.health == "working"


def test_after_a_failure_the_next_pull_loses_nothing(fake_connection, ten_orders):
    ten_orders.before_answer = raising_at(3, UnexpectedAnswerError(detail="odd"))
    assert pulling.pull(fake_connection, "orders").state == State.FAILED
    ten_orders.before_answer = lambda: None
    run = pulling.pull(fake_connection, "orders")
    assert run.state == State.DONE
    assert stored(fake_connection) == values(ten_orders)


def test_a_shop_that_is_down_is_tried_again_later_and_the_run_goes_on(
    fake_connection, ten_orders, clock
):
    ten_orders.before_answer = raising_at(2, ShopDownError())
    first = pulling.run_slice(pulling.cursor_of(fake_connection, "orders"))
    assert first is not None
    assert (first.state, first.error, first.pages) == (State.RUNNING, "shop_down", 1)
    cursor = cursor_of(fake_connection)
    assert NOW + timedelta(seconds=30) <= cursor.due_at <= NOW + timedelta(seconds=33)
    assert cursor.lease_token is None
    ten_orders.before_answer = lambda: None
    clock.shift(40)
    run = pulling.pull(fake_connection, "orders")
    assert (run.pk, run.state, run.error, run.fetched) == (first.pk, State.DONE, "", 10)
    assert stored(fake_connection) == values(ten_orders)


def test_the_shop_decides_how_long_we_stay_away(fake_connection, ten_orders):
    ten_orders.before_answer = raising_at(1, RateLimitedError(retry_after=600))
    pulling.run_slice(pulling.cursor_of(fake_connection, "orders"))
    due = cursor_of(fake_connection).due_at
    assert NOW + timedelta(seconds=600) <= due <= NOW + timedelta(seconds=660)


def test_waits_grow_and_end(fake_connection, ten_orders, settings, clock):
    settings.PULL_ATTEMPTS = 4
    ten_orders.before_answer = raising_at(1, ShopDownError())
    waits = []
    while True:
        run = pulling.run_slice(pulling.cursor_of(fake_connection, "orders"))
        assert run is not None
        if run.state != State.RUNNING:
            break
        waits.append((cursor_of(fake_connection).due_at - timezone.now()).total_seconds())
        clock.shift(10_000)
    assert [wait // 30 for wait in waits] == [1, 2, 4]
    assert (run.state, run.error, run.attempts) == (State.FAILED, "shop_down", 4)


def test_a_page_forgives_earlier_attempts(fake_connection, ten_orders, settings, clock):
    settings.PULL_ATTEMPTS = 2
    for _ in range(4):  # each slice stores a page, then the shop is down
        ten_orders.before_answer = raising_at(2, ShopDownError())
        run = pulling.run_slice(pulling.cursor_of(fake_connection, "orders"))
        clock.shift(10_000)
    assert run is not None
    assert (run.state, run.attempts) == (State.RUNNING, 0)


def test_pull_by_hand_waits_for_a_shop_that_comes_back_soon(
    fake_connection, ten_orders, monkeypatch, clock
):
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        ten_orders.before_answer = lambda: None
        clock.shift(seconds)

    monkeypatch.setattr(pulling.time, "sleep", sleep)
    ten_orders.before_answer = raising_at(2, ShopDownError())
    run = pulling.pull(fake_connection, "orders")
    assert (run.state, run.fetched) == (State.DONE, 10)
    assert len(slept) == 1
    assert 30 <= slept[0] <= 33


def test_pull_by_hand_leaves_a_long_wait_to_the_schedule(fake_connection, ten_orders):
    ten_orders.before_answer = raising_at(2, RateLimitedError(retry_after=3600))
    run = pulling.pull(fake_connection, "orders")
    assert (run.state, run.error) == (State.RUNNING, "rate_limited")


def test_a_bug_of_ours_ends_the_run_without_its_values(fake_connection, ten_orders, caplog):
    ten_orders.before_answer = raising_at(2, ZeroDivisionError("jane@example.com"))
    run = pulling.pull(fake_connection, "orders")
    assert (run.state, run.error, run.detail) == (State.FAILED, "failed", "ZeroDivisionError")
    assert f"run {run.pk} failed" in caplog.text


def test_a_database_that_goes_away_leaves_the_run_to_be_resumed(
    fake_connection, ten_orders, monkeypatch
):
    real, calls = storing.store, []

    def failing(*args, **kwargs):
        calls.append(1)
        counts = real(*args, **kwargs)
        if len(calls) == 2:
            raise OperationalError("server closed the connection")
        return counts

    monkeypatch.setattr(storing, "store", failing)
    with pytest.raises(OperationalError):
        pulling.pull(fake_connection, "orders")
    run = PullRun.objects.get()
    assert (run.state, run.pages, run.fetched) == (State.RUNNING, 1, 3)
    assert len(stored(fake_connection)) == 3  # the second page was rolled back
    assert cursor_of(fake_connection).position == Position(NOW - timedelta(hours=8), 3)
    again = pulling.pull(fake_connection, "orders")
    assert (again.pk, again.state, again.fetched) == (run.pk, State.DONE, 10)
    assert stored(fake_connection) == values(ten_orders)


def test_a_worker_that_dies_again_and_again_ends_the_run(fake_connection, ten_orders, settings):
    cursor = pulling.cursor_of(fake_connection, "orders")
    for _ in range(settings.PULL_ATTEMPTS):
        lease = leases.claim(cursor.pk)
        assert lease is not None
        runs.begin(lease)  # and dies
        leases.release(lease)
    run = pulling.run_slice(cursor)
    assert run is not None
    assert (run.state, run.error) == (State.FAILED, "failed")
    assert "10 attempts" in run.detail
    assert ten_orders.asked == []


@pytest.mark.parametrize(
    ("position", "said"),
    [
        (Position(NOW, 9), "after 2026-03-01 11:59:55"),
        (Position(NOW - timedelta(days=2), 1), "a page back at"),
    ],
)
def test_a_page_from_outside_the_run_is_refused(
    fake_connection, ten_orders, monkeypatch, position, said
):
    honest = FakeConnector.pages

    def lying(self, resource, **kwargs):
        page = next(honest(self, resource, **kwargs))
        yield page
        yield type(page)(rows=page.rows, fetched=3, position=position)

    monkeypatch.setattr(FakeConnector, "pages", lying)
    run = pulling.pull(fake_connection, "orders")
    assert (run.state, run.error, run.pages) == (State.FAILED, "unexpected_answer", 1)
    assert said in run.detail
    assert cursor_of(fake_connection).position == Position(NOW - timedelta(hours=8), 3)


def test_only_one_run_of_a_cursor_can_be_unfinished(fake_connection, ten_orders):
    first = slice_of_one_page(fake_connection)
    assert first is not None
    run = pulling.pull(fake_connection, "orders", full=True)
    first.refresh_from_db()
    assert (first.state, first.finished_at) == (State.STOPPED, NOW)
    assert (run.state, run.since, run.fetched) == (State.DONE, None, 10)


def test_a_pull_that_is_done_is_due_again_after_its_interval(fake_connection, ten_orders, settings):
    for name, seconds in (
        ("orders", settings.PULL_INTERVAL_SECONDS),
        ("stock", settings.PULL_WHOLE_INTERVAL_SECONDS),
    ):
        run = pulling.pull(fake_connection, name)
        wait = (run.cursor.due_at - NOW).total_seconds()
        assert seconds <= wait <= seconds * 1.1


# --- clocks ---


@pytest.mark.parametrize("ahead", [1_200, 3_600, 90_000])
def test_a_run_that_began_while_our_clock_was_ahead_leaves_no_gap(
    fake_connection, ten_orders, clock, ahead
):
    """The shop failed at that moment, and the run went on when the clock was right again."""

    def fail() -> None:
        raise ShopDownError

    pulling.pull(fake_connection, "orders")
    cursor = cursor_of(fake_connection)
    ten_orders.before_answer = fail
    clock.shift(ahead)
    begun = pulling.run_slice(cursor)
    ten_orders.before_answer = lambda: None
    clock.shift(60 - ahead)
    run = pulling.run_slice(cursor)
    assert (run, run.state) == (begun, State.DONE)
    cursor.refresh_from_db()
    assert cursor.position == Position(NOW + timedelta(seconds=60) - MARGIN)
    ten_orders.put(3, "edited", NOW + timedelta(seconds=120))
    clock.shift(ahead + 3_600)
    assert pulling.run_slice(cursor).state == State.DONE
    assert stored(fake_connection) == values(ten_orders)


def test_a_reading_of_everything_that_began_then_leaves_none_either(
    numbered_connection, ten_orders, clock
):
    """It failed when the clock was right again, and was taken up when the wrong time had come indeed."""

    def refuse() -> None:
        raise CredentialsError

    cursor = pulling.cursor_of(numbered_connection, "orders")
    clock.shift(3_600)
    ten_orders.before_answer = raising_at(4, ShopDownError())
    begun = pulling.run_slice(cursor)
    assert begun.state == State.RUNNING
    assert 0 < begun.fetched < 10
    clock.shift(-3_600)
    ten_orders.before_answer = refuse
    assert pulling.run_slice(cursor).state == State.FAILED
    ten_orders.before_answer = lambda: None
    ten_orders.put(1, "edited", NOW + timedelta(seconds=600))
    clock.shift(4_200)
    assert pulling.run_slice(cursor).state == State.DONE
    clock.shift(3_600)
    assert pulling.run_slice(cursor).state == State.DONE
    assert stored(numbered_connection) == values(ten_orders)


def test_a_store_view_that_is_not_configured_any_more_is_given_up(fake_connection, fake_shop):
    fake_shop.scopes = ["fr", "en"]
    fake_shop.put(1, "v1", NOW - timedelta(hours=1))
    for cursor in pulling.cursors(fake_connection, ["products"]):
        pulling.pull(fake_connection, "products", cursor.scope)
    fake_shop.scopes = ["fr"]
    fake_shop.put(1, "v2", NOW - timedelta(minutes=1))
    en = Cursor.objects.get(connection=fake_connection, scope="en")
    assert pulling.run_slice(en) is None
    live = TABLES["products"].objects.filter(deleted_at=None)
    assert list(live.values_list("scope", flat=True)) == ["fr"]
    assert [one.scope for one in pulling.cursors(fake_connection, ["products"])] == ["fr"]
    assert list(Cursor.objects.values_list("scope", flat=True)) == ["fr"]


def test_a_store_view_that_comes_back_is_read_again(fake_connection, fake_shop):
    fake_shop.scopes = ["fr", "en"]
    fake_shop.put(1, "v1", NOW - timedelta(hours=1))
    pulling.pull(fake_connection, "products", "en")
    fake_shop.scopes = ["fr"]
    pulling.cursors(fake_connection)
    fake_shop.scopes = ["fr", "en"]
    assert pulling.pull(fake_connection, "products", "en").fetched == 1
    assert TABLES["products"].objects.get(scope="en").deleted_at is None

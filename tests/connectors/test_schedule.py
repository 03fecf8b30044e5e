"""When a shop is read: not in its quiet hours, not while it is paused, whole only at its night."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest
import time_machine
from django.utils import timezone

from connectors import pulling, schedule, tasks, turns
from connectors.models import Connection, Cursor, PullRun
from tests.connectors.fake_platform import FakeConnector, FakeNumberedConnector, FakeShop
from tests.connectors.test_tasks import due_cursor

NOON = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "within", "outside"),
    [
        (time(8), time(20), [time(8), time(12), time(19, 59)], [time(7, 59), time(20), time(0)]),
        (time(22), time(6), [time(22), time(0), time(5, 59)], [time(6), time(12), time(21, 59)]),
    ],
)
def test_hours_may_go_over_midnight(begins, ends, within, outside):
    assert [schedule.is_within(begins, ends, at) for at in within] == [True] * len(within)
    assert [schedule.is_within(begins, ends, at) for at in outside] == [False] * len(outside)


@pytest.mark.parametrize(
    ("hours_ago", "hour", "zone", "expected"),
    [
        (None, 12, "", True),
        (13, 2, "", True),
        (11, 2, "", False),
        (24, 12, "", False),
        (44, 12, "", True),
        (24, 18, "Asia/Tokyo", True),  # three in the morning there
        (24, 2, "Asia/Tokyo", False),
    ],
)
def test_what_is_read_whole_is_read_at_the_shops_night(hours_ago, hour, zone, expected):
    now = datetime(2026, 7, 1, hour, 0, 0, tzinfo=UTC)
    last = None if hours_ago is None else now - timedelta(hours=hours_ago)
    apart = timedelta(hours=12)
    assert schedule.is_night_work_due(last, now, zone=zone, apart=apart) is expected


def test_no_cursor_is_due_in_the_shops_quiet_hours(fake_connection):
    with time_machine.travel(NOON, tick=False) as clock:
        cursor = due_cursor(fake_connection, "orders")
        schedule.set_quiet_hours(fake_connection, time(13), time(15), zone="Europe/Paris")
        assert list(turns.due()) == []  # 14:00 in Paris
        clock.shift(3600)
        assert list(turns.due()) == [cursor]


def test_another_shop_does_not_share_them(fake_connection):
    other = Connection.objects.create(
        tenant=fake_connection.tenant, platform="fake", config=FakeConnector.opens(FakeShop())
    )
    with time_machine.travel(NOON, tick=False):
        due_cursor(fake_connection, "orders")
        cursor = due_cursor(other, "orders")
        schedule.set_quiet_hours(fake_connection, time(10), time(15), zone="")
        schedule.set_quiet_hours(other, time(10), time(15), zone="Asia/Tokyo")
        assert list(turns.due()) == [cursor]
        schedule.set_quiet_hours(fake_connection, None, None, zone="")
        assert turns.due().count() == 2


def test_quiet_hours_are_checked_when_they_are_set(fake_connection):
    with pytest.raises(ZoneInfoNotFoundError):
        schedule.set_quiet_hours(fake_connection, time(1), time(2), zone="Europe/Atlantis")
    with pytest.raises(ValueError, match="a beginning and an end"):
        schedule.set_quiet_hours(fake_connection, time(1), None, zone="UTC")
    fake_connection.refresh_from_db()
    assert (fake_connection.quiet_from, fake_connection.time_zone) == (None, "")


def test_a_pull_that_meets_the_quiet_hours_goes_on_after_them(fake_connection, fake_shop, settings):
    settings.PULL_SLICE_SECONDS = 0
    with time_machine.travel(NOON, tick=False) as clock:
        for id in range(1, 11):
            fake_shop.put(id, "v", NOON - timedelta(hours=11 - id))
        cursor = due_cursor(fake_connection, "orders")
        run = pulling.run_slice(cursor)
        assert run is not None
        schedule.set_quiet_hours(fake_connection, time(12), time(14), zone="UTC")
        tasks.pull_resource(cursor.pk)
        run.refresh_from_db()
        assert (run.pages, run.state) == (1, PullRun.State.RUNNING)
        clock.shift(7200)
        pulling.run_slice(turns.due().get())
        run.refresh_from_db()
        assert run.pages == 2


def test_a_paused_shop_is_left_alone_until_it_is_resumed(fake_connection):
    cursor = due_cursor(fake_connection, "orders")
    schedule.pause(fake_connection)
    fake_connection.refresh_from_db()
    since = fake_connection.paused_at
    assert since is not None
    assert list(turns.due()) == []
    schedule.pause(fake_connection)
    fake_connection.refresh_from_db()
    assert fake_connection.paused_at == since
    schedule.resume(fake_connection)
    assert list(turns.due()) == [cursor]


def test_a_resource_may_have_an_interval_of_its_own(numbered_connection, fake_shop, monkeypatch):
    fake_shop.put(1, "v", timezone.now() - timedelta(hours=1))
    resource = FakeNumberedConnector.resource("stock")
    for every in (7_200.0, 0.0):
        object.__setattr__(resource, "every", every)
        try:
            run = pulling.pull(numbered_connection, "stock")
        finally:
            object.__setattr__(resource, "every", None)
        wait = (run.cursor.due_at - timezone.now()).total_seconds()
        assert every - 5 <= wait <= every * 1.1


# --- a range of dates again ---


@pytest.fixture
def ten_days(fake_shop: FakeShop) -> FakeShop:
    """Ids 1 to 10, a day apart, the last one a day ago."""
    for id in range(1, 11):
        fake_shop.put(id, f"v{id}", NOON - timedelta(days=11 - id))
    return fake_shop


def test_a_range_is_read_again_and_the_cursor_stays(fake_connection, ten_days):
    with time_machine.travel(NOON, tick=False):
        done = pulling.pull(fake_connection, "orders")
        ten_days.put(3, "mended", ten_days.records[3].updated_at)
        position = Cursor.objects.get().position
        run = pulling.repull(
            fake_connection, "orders", NOON - timedelta(days=9), NOON - timedelta(days=7)
        )
        assert Cursor.objects.get().due_at == NOON
        again = pulling.pull(fake_connection, "orders")
        assert (again.pk, again.state, again.kind) == (run.pk, "done", "range")
        assert (again.fetched, again.updated, again.unchanged) == (3, 1, 2)
        assert Cursor.objects.get().position == position == done.cursor.position
        assert Cursor.objects.get().due_at == NOON  # the usual pull comes next
        assert pulling.pull(fake_connection, "orders").kind == "changes"


def test_a_range_of_a_shop_that_was_never_pulled_leaves_its_beginning_to_the_first_pull(
    fake_connection, ten_days
):
    with time_machine.travel(NOON, tick=False):
        pulling.repull(fake_connection, "orders", NOON - timedelta(days=3), NOON)
        assert pulling.pull(fake_connection, "orders").fetched == 3
        assert Cursor.objects.get().position is None
        assert pulling.pull(fake_connection, "orders").fetched == 10


def test_what_has_no_dates_or_no_length_cannot_be_read_as_a_range(fake_connection):
    with time_machine.travel(NOON, tick=False):
        with pytest.raises(ValueError, match="nothing of stock"):
            pulling.repull(fake_connection, "stock", NOON - timedelta(days=3), NOON)
        with pytest.raises(ValueError, match="nothing of orders"):
            pulling.repull(fake_connection, "orders", NOON, NOON + timedelta(days=1))
        assert not PullRun.objects.exists()


def test_a_range_waits_its_turn(fake_connection, ten_days):
    with time_machine.travel(NOON, tick=False):
        pulling.run_slice(pulling.cursor_of(fake_connection, "orders"), seconds=0)
        with pytest.raises(pulling.AlreadyRunningError):
            pulling.repull(fake_connection, "orders", NOON - timedelta(days=3), NOON)
        assert PullRun.objects.count() == 1

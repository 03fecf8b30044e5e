"""A slice of a long pull makes room where another shop waits, and only there."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors import leases, pulling, turns
from connectors.models import Connection, Cursor, PullRun
from connectors.turns import Turn
from tests.connectors.fake_platform import FakeConnector, FakeShop

PAGES = 4  # of the long pull


@pytest.fixture(autouse=True)
def room_at_once(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PULL_SHARED_SLICE_SECONDS = 0
    monkeypatch.setattr(turns, "LOOK_SECONDS", 0)


@pytest.fixture
def long_pull(fake_connection: Connection, fake_shop: FakeShop) -> Cursor:
    for id in range(1, PAGES * 3 + 1):
        fake_shop.put(id, "v", timezone.now() - timedelta(hours=20 - id))
    return pulling.cursor_of(fake_connection, "orders")


@pytest.fixture
def waiting(db) -> Cursor:
    """Something is due of another shop."""
    shop = FakeShop()
    shop.put(1, "v", timezone.now() - timedelta(hours=1))
    other = Connection.objects.create(
        tenant=uuid.uuid4(), platform="fake", config=FakeConnector.opens(shop)
    )
    return due(pulling.cursor_of(other, "orders"))


def due(cursor: Cursor) -> Cursor:
    cursor.due_at = timezone.now() - timedelta(minutes=1)
    cursor.save()
    return cursor


def pages_of_a_slice(cursor: Cursor) -> int:
    before = sum(PullRun.objects.filter(cursor=cursor).values_list("pages", flat=True))
    run = pulling.run_slice(cursor)
    assert run is not None
    return run.pages - before


def test_a_slice_ends_after_a_page_while_another_shop_waits(long_pull, waiting):
    assert pages_of_a_slice(long_pull) == 1
    long_pull.refresh_from_db()
    assert long_pull.due_at <= timezone.now()  # its continuation, which is queued behind the other
    assert pages_of_a_slice(long_pull) == 1
    pulling.pull(waiting.connection, "orders")
    run = pulling.run_slice(long_pull)
    assert run is not None
    assert (run.state, run.fetched) == (PullRun.State.DONE, PAGES * 3)


def test_nobody_waits_and_the_slice_goes_on(long_pull):
    assert pages_of_a_slice(long_pull) > 1
    assert PullRun.objects.get().state == PullRun.State.DONE


@pytest.mark.parametrize("why", ["not yet due", "paused", "somebody is at that shop"])
def test_who_could_not_be_served_is_not_waited_for(long_pull, waiting, why):
    match why:
        case "not yet due":
            Cursor.objects.filter(pk=waiting.pk).update(
                due_at=timezone.now() + timedelta(minutes=1)
            )
        case "paused":
            Connection.objects.filter(pk=waiting.connection_id).update(paused_at=timezone.now())
        case "somebody is at that shop":
            other = pulling.cursor_of(waiting.connection, "customers")
            assert leases.claim(other.pk) is not None
    pulling.run_slice(long_pull)
    assert PullRun.objects.get(cursor=long_pull).state == PullRun.State.DONE


def test_what_else_is_due_of_the_same_shop_is_not_waited_for(long_pull):
    due(pulling.cursor_of(long_pull.connection, "customers"))
    pulling.run_slice(long_pull)
    assert PullRun.objects.get(cursor=long_pull).state == PullRun.State.DONE


def test_a_pull_by_hand_waits_for_nobody(long_pull, waiting):
    assert pulling.pull(long_pull.connection, "orders").pages > 1
    assert not PullRun.objects.filter(cursor=waiting).exists()


def test_a_moment_is_left_to_every_slice_and_a_minute_to_none(
    long_pull, waiting, settings, monkeypatch
):
    now = [100.0]
    monkeypatch.setattr(turns.time, "monotonic", lambda: now[0])
    settings.PULL_SHARED_SLICE_SECONDS, settings.PULL_SLICE_SECONDS = 2, 60
    turn = Turn(long_pull.connection)
    now[0] += 1.9
    assert not turn.is_over()
    now[0] += 0.2
    assert turn.is_over()
    Cursor.objects.filter(pk=waiting.pk).update(due_at=None)
    assert not turn.is_over()
    now[0] += 60
    assert turn.is_over()


def test_the_database_is_not_asked_at_every_page(
    long_pull, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(turns, "LOOK_SECONDS", 10)
    turn = Turn(long_pull.connection)
    with django_assert_max_num_queries(2):  # and one for the quiet hours
        assert [turn.is_over() for _ in range(100)] == [False] * 100

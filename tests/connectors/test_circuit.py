"""A shop that fails again and again is left alone, and read again when it gives a sign of life."""

import logging
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from connectors import circuit, pulling, tasks, turns
from connectors.circuit_state import Circuit
from connectors.errors import CredentialsError, RateLimitedError, ShopDownError
from connectors.models import Connection, Cursor, PullRun
from tests.connectors.fake_platform import FakeShop
from tests.connectors.test_pulling import raising_at
from tests.connectors.test_tasks import due_cursor

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def shop(fake_shop: FakeShop) -> FakeShop:
    for id in range(1, 11):
        fake_shop.put(id, f"v{id}", NOW - timedelta(hours=11 - id))
    return fake_shop


def fail(connection: Connection, clock, *, minutes: tuple[float, ...]) -> None:
    """A slice that fails after each of these waits."""
    for wait in minutes:
        clock.shift(wait * 60)
        pulling.run_slice(pulling.cursor_of(connection, "orders"))


def is_open(connection: Connection) -> bool:
    return Circuit.objects.filter(connection=connection, opened_at__isnull=False).exists()


def test_three_failures_over_time_open_the_circuit_and_are_told_once(
    fake_connection, shop, clock, caplog
):
    shop.before_answer = raising_at(1, ShopDownError())
    waiting = due_cursor(fake_connection, "customers")
    fail(fake_connection, clock, minutes=(0, 1, 2))
    assert not is_open(fake_connection)  # three, but within minutes
    assert waiting in turns.due()
    with caplog.at_level(logging.WARNING, logger="connectors.circuit"):
        fail(fake_connection, clock, minutes=(8, 5, 5))
    assert is_open(fake_connection)
    told = [one for one in caplog.records if one.name == "connectors.circuit"]
    assert [one.getMessage() for one in told] == [
        f"connection {fake_connection.pk} is left alone: shop_down"
    ]
    clock.shift(86_400)
    assert list(turns.due()) == []


def test_another_shop_is_not_left_alone_with_it(fake_connection, numbered_connection, shop, clock):
    shop.before_answer = raising_at(1, ShopDownError())
    fail(fake_connection, clock, minutes=(0, 10, 10))
    assert list(turns.due()) == []
    other = due_cursor(numbered_connection, "orders")
    assert list(turns.due()) == [other]


def test_a_page_in_between_is_a_sign_of_life(fake_connection, shop, clock):
    for _ in range(5):
        shop.before_answer = raising_at(2, ShopDownError())
        fail(fake_connection, clock, minutes=(10,))
    assert not is_open(fake_connection)


def test_a_shop_that_asks_for_time_is_not_down(fake_connection, shop, clock):
    shop.before_answer = raising_at(1, RateLimitedError())
    fail(fake_connection, clock, minutes=(0, 10, 10, 10))
    assert not is_open(fake_connection)


@pytest.fixture
def opened(fake_connection: Connection, shop: FakeShop, clock) -> Connection:
    shop.before_answer = raising_at(1, ShopDownError())
    fail(fake_connection, clock, minutes=(0, 10, 10))
    assert is_open(fake_connection)
    return fake_connection


def test_an_open_circuit_is_tried_with_one_question_at_growing_intervals(opened, shop, clock):
    waits = []
    for _ in range(6):
        assert circuit.to_prove(10) == []
        due = Circuit.objects.get().try_at
        waits.append(round((due - circuit.timezone.now()).total_seconds() / 60))
        clock.move_to(due)
        assert circuit.to_prove(10) == [opened]
        assert circuit.to_prove(10) == []  # asked for already
        circuit.prove(opened)
    assert waits == [5, 5, 10, 20, 40, 60]
    assert is_open(opened)
    assert PullRun.objects.get().pages == 0


def test_a_sign_of_life_closes_it_and_the_pull_goes_on(opened, shop, clock, caplog):
    shop.before_answer = lambda: None
    with caplog.at_level(logging.INFO, logger="connectors.circuit"):
        circuit.prove(opened)
    assert not is_open(opened)
    assert f"connection {opened.pk} has recovered" in caplog.text
    state = Circuit.objects.get()
    assert (state.failures, state.recovered_at) == (0, circuit.timezone.now())
    assert [one.resource for one in turns.due()] == ["orders"]
    assert pulling.pull(opened, "orders").state == PullRun.State.DONE


def test_a_pull_by_hand_that_works_closes_it_too(opened, shop):
    shop.before_answer = lambda: None
    assert pulling.pull(opened, "orders").state == PullRun.State.DONE
    assert not is_open(opened)


def test_a_shop_that_answers_with_a_refusal_is_no_longer_down(opened, shop):
    shop.before_answer = raising_at(1, CredentialsError())
    circuit.prove(opened)
    assert not is_open(opened)


# --- the daily proof ---


@pytest.fixture
def silent(fake_connection: Connection, shop: FakeShop) -> Connection:
    """Proved a day ago, and nothing heard of since."""
    fake_connection.learn(None)
    Connection.objects.update(proved_at=NOW - timedelta(days=1, minutes=1))
    fake_connection.refresh_from_db()
    return fake_connection


def test_a_shop_that_nothing_was_heard_of_is_asked_once_a_day(silent, clock):
    assert circuit.to_prove(10) == [silent]
    circuit.prove(silent)
    assert circuit.to_prove(10) == []
    silent.refresh_from_db()
    assert (silent.health, silent.proved_at) == ("working", NOW)
    clock.shift(86_400)
    assert circuit.to_prove(10) == [silent]


def test_a_paused_shop_is_not_asked(silent):
    Connection.objects.update(paused_at=NOW)
    assert circuit.to_prove(10) == []


def test_a_proof_whose_task_was_lost_is_asked_for_again(silent, clock):
    assert circuit.to_prove(10) == [silent]
    clock.shift(circuit.LOST_AFTER.total_seconds())
    assert circuit.to_prove(10) == [silent]


def test_broken_is_said_after_three_refusals_hours_apart_and_recovered_too(
    silent, shop, clock, caplog
):
    shop.before_answer = raising_at(1, CredentialsError())
    caplog.set_level(logging.INFO, logger="connectors.circuit")
    for number in (1, 2, 3, 4):
        assert circuit.to_prove(10) == [silent]
        circuit.prove(silent)
        silent.refresh_from_db()
        assert silent.health == ("failing" if number >= 3 else "working")
        assert circuit.to_prove(10) == []
        clock.shift(circuit.BETWEEN_REFUSALS.total_seconds())
    assert caplog.text.count("is broken: credentials") == 1
    shop.before_answer = lambda: None
    circuit.prove(silent)
    silent.refresh_from_db()
    assert silent.health == "working"
    assert caplog.text.count("works again") == 1


def test_one_good_answer_forgives_earlier_refusals(silent, shop, clock):
    for error in (CredentialsError(), CredentialsError(), None, CredentialsError()):
        shop.before_answer = raising_at(1, error) if error else lambda: None
        circuit.prove(silent)
    silent.refresh_from_db()
    assert (silent.health, Circuit.objects.get().refusals) == ("working", 1)


def test_the_task_asks_for_a_sign_of_life(silent, shop):
    tasks.prove_connection(str(silent.pk))
    tasks.prove_connection(str(uuid.uuid4()))  # a connection that is no more
    silent.refresh_from_db()
    assert silent.proved_at == NOW
    assert not Cursor.objects.exists()

"""The newest runs are those that a look at all of them would find."""

import random
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors import newest
from connectors.models import Connection, Cursor, PullRun

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def _connection() -> Connection:
    return Connection.objects.create(tenant=uuid.uuid4(), platform="magento")


def _runs(connection: Connection, resource: str, count: int, chance: random.Random) -> None:
    cursor = Cursor.objects.create(connection=connection, resource=resource, due_at=NOW)
    for state in chance.choices([PullRun.State.DONE, PullRun.State.FAILED], k=count):
        run = PullRun.objects.create(cursor=cursor, until=NOW, state=state)
        at = NOW - timedelta(minutes=chance.randrange(10_000))
        PullRun.objects.filter(pk=run.pk).update(started_at=at, finished_at=at)


@pytest.fixture
def connection() -> Connection:
    """One resource with many runs, one with few, one with none; and another shop's."""
    chance = random.Random(7)
    other, found = _connection(), _connection()
    for one in (other, found):
        for resource, count in (("orders", 40), ("products", 4), ("inventory", 0)):
            _runs(one, resource, count, chance)
    return found


def _all(connection: Connection) -> list[PullRun]:
    return list(PullRun.objects.filter(cursor__connection=connection))


@pytest.mark.parametrize("count", [1, 3, 12, 40, 44, 100])
def test_the_newest_of_all(connection: Connection, count: int) -> None:
    cursors = newest.cursors_of([connection], last=newest.last_of(count))[connection.pk]
    assert newest.newest_of_all(connection, cursors, count) == _all(connection)[:count]


def test_the_newest_of_each_cursor(connection: Connection) -> None:
    first: dict[str, PullRun] = {}
    for run in _all(connection):
        first.setdefault(run.cursor.resource, run)
    assert newest.newest_runs(connection) == [first["products"], first["orders"]]


def test_when_each_was_read_to_its_end(connection: Connection) -> None:
    done = [run for run in _all(connection) if run.state == PullRun.State.DONE]
    last = {run.cursor.resource: run.finished_at for run in reversed(done)}
    assert dict(newest.read_to_the_end(connection)) == last


def test_a_range_of_days_is_no_end_and_what_was_given_up_has_none(connection: Connection) -> None:
    before = dict(newest.read_to_the_end(connection))
    orders = Cursor.objects.get(connection=connection, resource="orders")
    done = {"state": PullRun.State.DONE, "until": NOW, "finished_at": timezone.now()}
    PullRun.objects.create(cursor=orders, kind=PullRun.Kind.RANGE, **done)
    assert dict(newest.read_to_the_end(connection)) == before
    Cursor.objects.filter(connection=connection, resource="products").update(due_at=None)
    assert set(newest.read_to_the_end(connection)) == {("orders", before["orders"])}

"""The readiness of a shop is not counted again while nothing was stored; what was stored is seen at once."""

import uuid
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors import measured, readiness
from connectors.models import TABLES, Connection, Cursor, PullRun, ReceivedFile

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def run() -> PullRun:
    connection = Connection.objects.create(tenant=uuid.uuid4(), platform="magento")
    cursor = Cursor.objects.create(connection=connection, resource="orders")
    return PullRun.objects.create(cursor=cursor, until=NOW)


def _sell(connection: Connection) -> None:
    line = str(TABLES["orders"].objects.count())
    TABLES["orders"].objects.create(
        connection=connection, line_id=line, order_id=line, order_date=NOW, seen_at=NOW
    )


def _lines(connection: Connection) -> int:
    found = {one.dataset: one.rows for one in measured.measure(connection).freshness}
    return found["orders"]


def test_it_says_what_a_count_says(run: PullRun) -> None:
    connection = run.cursor.connection
    _sell(connection)
    first, second = measured.measure(connection), measured.measure(connection)
    counted = readiness.measure(connection)
    for one in (first, second):
        assert (one.measures, one.volumes, one.coverage) == (
            counted.measures,
            counted.volumes,
            counted.coverage,
        )


def test_nothing_is_counted_again_while_nothing_was_stored(
    run: PullRun, django_assert_num_queries: Any
) -> None:
    measured.measure(run.cursor.connection)
    with django_assert_num_queries(3) as asked:  # cursors, their newest runs, files
        measured.measure(run.cursor.connection)
    assert isinstance(asked, CaptureQueriesContext)
    assert not any("data_" in one["sql"] for one in asked)


@pytest.mark.parametrize(
    "change", [{"pages": 1}, {"fetched": 7}, {"state": PullRun.State.DONE}, {"deleted": 1}]
)
def test_what_a_pull_has_stored_is_seen_at_once(run: PullRun, change: dict[str, Any]) -> None:
    connection = run.cursor.connection
    assert _lines(connection) == 0
    _sell(connection)
    PullRun.objects.filter(pk=run.pk).update(**change)
    assert _lines(connection) == 1


def test_what_a_file_has_stored_is_seen_at_once(run: PullRun) -> None:
    connection = run.cursor.connection
    file = ReceivedFile.objects.create(
        connection=connection, name="orders.csv", size=1, said_at=NOW, dataset="orders"
    )
    for position in (500, 1000):
        before = _lines(connection)
        _sell(connection)
        ReceivedFile.objects.filter(pk=file.pk).update(position=position)
        assert _lines(connection) == before + 1


def test_one_shop_is_never_told_of_another(run: PullRun) -> None:
    other = Connection.objects.create(tenant=uuid.uuid4(), platform="magento")
    _sell(run.cursor.connection)
    assert (_lines(run.cursor.connection), _lines(other)) == (1, 0)

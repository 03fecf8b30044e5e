"""/metrics: figures of requests, tasks and shops, for whoever has the token."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from connectors.models import Connection, Cursor, PullRun
from kleep_portal import metrics
from kleep_portal.celery import app

pytestmark = pytest.mark.django_db


def _figures(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = client.get("/metrics", headers={"Authorization": "Bearer t0ken"}).content.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = "t0ken"


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic t0ken", "t0ken"])
def test_without_the_token_there_is_no_such_page(client: Client, given: str) -> None:
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


@pytest.mark.parametrize(("debug", "status"), [(True, 200), (False, 404)])
def test_where_no_token_is_set_it_is_open_in_debug_alone(
    client: Client, settings: Any, debug: bool, status: int
) -> None:
    settings.METRICS_TOKEN, settings.DEBUG = "", debug
    assert client.get("/metrics").status_code == status


def test_requests_are_counted_by_route_and_never_by_path(client: Client) -> None:
    secret = uuid.uuid4().hex
    route = (("method", "GET"), ("route", "shops/<slug:slug>/"), ("status", "302"))
    before = _figures(client).get(("portal_request_seconds_count", route), 0)
    client.get(f"/shops/{secret}/")
    client.get("/shops/another/")
    client.get("/nowhere/")
    found = _figures(client)
    assert found["portal_request_seconds_count", route] == before + 2
    none = (("method", "GET"), ("route", "none"), ("status", "404"))
    assert found["portal_request_seconds_count", none] >= 1
    assert secret not in str(found)


def test_a_task_is_timed_under_its_name_and_ending(client: Client) -> None:
    task = app.tasks["connectors.tasks.queue_due"]
    key = (("state", "SUCCESS"), ("task", "connectors.tasks.queue_due"))
    before = _figures(client).get(("portal_task_seconds_count", key), 0)
    # Not through Celery's signals: others that listen there close the database of the test.
    metrics._begin(task_id="1")
    metrics._end(task_id="1", task=task, state="SUCCESS")
    metrics._end(task_id="2", task=task, state="SUCCESS")  # never began
    assert _figures(client)["portal_task_seconds_count", key] == before + 1


def test_what_waits_runs_and_fails_is_counted_in_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    for number in range(4):
        connection = Connection.objects.create(
            tenant=uuid.uuid4(), platform="magento", health="working" if number else "failing"
        )
        cursor = Cursor.objects.create(
            connection=connection, resource="orders", due_at=now - timedelta(minutes=number)
        )
        state = PullRun.State.FAILED if number == 3 else PullRun.State.DONE
        PullRun.objects.create(cursor=cursor, until=now, state=state)
    with django_assert_num_queries(6):
        found = _figures(client)
    assert found["portal_cursors_due", ()] == 4
    assert 180 <= found["portal_oldest_due_seconds", ()] < 240
    assert found["portal_pull_runs", (("state", "done"),)] == 3
    assert found["portal_pull_runs", (("state", "failed"),)] == 1
    assert found["portal_connections", (("health", "failing"),)] == 1
    assert found["portal_connections", (("health", "working"),)] == 3
    assert found["portal_circuits_open", ()] == 0
    assert found["portal_pulls_leased", ()] == 0

"""/healthz says that the process is up, /readyz that it can work; neither says why not."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from kleep_portal.celery import app


@pytest.fixture
def broken_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "redis://:s3cret-w0rd@127.0.0.1:1/0"
    connect = app.connection_for_write
    monkeypatch.setattr(app, "connection_for_write", lambda: connect(nowhere))


def test_a_process_that_answers_is_healthy_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_portal_with_all_its_parts_is_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "broker": "ok", "cache": "ok"}


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_makes_it_not_ready(client: Client) -> None:
    latest = MigrationRecorder.Migration.objects.filter(app="connectors").order_by("-pk")[0]
    latest.delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "failed"
    assert answer.json()["database"] == "ok"


@pytest.mark.django_db
def test_without_its_broker_it_is_not_ready_and_tells_nobody_why(
    client: Client, broken_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "database": "ok",
        "migrations": "ok",
        "broker": "failed",
        "cache": "ok",
    }
    assert "not ready: broker" in caplog.text
    assert "s3cret-w0rd" not in caplog.text


def test_without_its_database_it_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "failed"
    assert "away" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nothing_can_be_posted_there(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_a_load_balancer_may_ask_over_plain_http(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/accounts/login/").status_code == 301

"""The suite touches nothing but itself: its own data folder, its own broker, this machine's loopback."""

import socket
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from pytest_socket import SocketConnectBlockedError

from kleep_portal.celery import app


def test_the_data_folder_is_a_temporary_one() -> None:
    assert settings.VAR.parent == Path(tempfile.gettempdir()).resolve()
    assert settings.VAR.stat().st_mode & 0o777 == 0o700


@pytest.mark.broker
def test_the_cache_and_the_queue_are_a_real_server() -> None:
    cache.set("size", "38")
    assert cache.get("size") == "38"
    with app.connection() as connection:
        connection.ensure_connection(max_retries=0)
        assert connection.connected


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_a_connection_to_another_machine_is_refused() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)


@pytest.mark.django_db
def test_the_database_is_the_one_the_environment_names() -> None:
    from django.db import connection

    assert connection.ensure_connection() is None
    assert str(settings.DATABASES["default"]["NAME"]) != str(
        settings.BASE_DIR / "var/portal.sqlite3"
    )

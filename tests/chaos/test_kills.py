"""kill -9 in the middle of a pull, of whatever you like: it ends with the rows of an undisturbed one."""

import os
import signal

import pytest

from connectors.models import Connection
from tests.chaos.pulls import ORDERS, Pulls
from tests.portal import Portal, launched

# On PostgreSQL test_restarts.py ends the same processes, and `make chaos` runs these there, too.
pytestmark = [
    *(pytest.mark.chaos, pytest.mark.broker, pytest.mark.once),
    pytest.mark.timeout(400),
]


def kill(portal: Portal, service: str) -> None:
    """kill -9 for one process of a service: its children are left to themselves."""
    os.kill(portal.pid(service), signal.SIGKILL)


def assert_as_undisturbed(pulls: Pulls, connection: Connection) -> None:
    pulls.wait_for_end(connection)
    expected, found = pulls.rows(pulls.reference), pulls.rows(connection)
    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in expected.items()
    }
    assert found == expected
    assert pulls.created(connection) == pulls.created(pulls.reference)


def test_the_undisturbed_pull_has_something_to_lose(pulls: Pulls) -> None:
    rows = pulls.rows(pulls.reference)
    assert len({row["order_id"] for row in rows["orders"]}) == ORDERS
    assert all(rows[name] for name in ("products", "customers", "links"))


def test_the_worker_is_killed_again_and_again(env: dict[str, str], pulls: Pulls) -> None:
    kill_workers(env, pulls)


def test_the_worker_is_killed_again_and_again_in_a_pull_of_wshop(
    env: dict[str, str], wshop_pulls: Pulls
) -> None:
    rows = wshop_pulls.rows(wshop_pulls.reference)
    assert len({row["order_id"] for row in rows["orders"]}) == ORDERS
    kill_workers(env, wshop_pulls)


def kill_workers(env: dict[str, str], pulls: Pulls) -> None:
    connection = pulls.connect("Killed workers")
    with launched(env) as portal:
        pulls.start(connection)
        for page in (3, 8, 14):
            pulls.wait_for_page(connection, page)
            kill(portal, "worker")
        assert_as_undisturbed(pulls, connection)


@pytest.mark.embedded
def test_the_broker_is_killed_again_and_again(env: dict[str, str], pulls: Pulls) -> None:
    connection = pulls.connect("Killed brokers")
    with launched(env) as portal:
        pulls.start(connection)
        for page in (3, 8, 14):
            pulls.wait_for_page(connection, page)
            kill(portal, "broker")
        assert_as_undisturbed(pulls, connection)


def test_everything_is_killed_at_once(env: dict[str, str], pulls: Pulls) -> None:
    """Launcher, web, beat, broker and workers: as when the machine loses its power, but for its disk."""
    connection = pulls.connect("Killed everything")
    for page in (3, 9):
        with launched(env) as portal:
            if page == 3:
                pulls.start(connection)
            pulls.wait_for_page(connection, page)
            for process in portal.process.family():
                process.kill()
    with launched(env):
        assert_as_undisturbed(pulls, connection)

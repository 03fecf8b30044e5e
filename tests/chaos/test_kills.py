"""kill -9 in the middle of a pull, of whatever you like: it ends with the rows of an undisturbed one."""

import math

import pytest

from connectors.models import Connection
from tests.chaos.conftest import Keeper
from tests.chaos.pulls import ORDERS, Pulls, Rationed

# On PostgreSQL test_restarts.py ends the same processes, and `make chaos` runs these there, too.
pytestmark = [
    *(pytest.mark.chaos, pytest.mark.broker, pytest.mark.once),
    pytest.mark.timeout(400),
]


def assert_as_undisturbed(shop: Rationed, pulls: Pulls, connection: Connection) -> None:
    shop.ration(math.inf)
    pulls.wait_for_end(connection)
    expected, found = pulls.rows(pulls.reference), pulls.rows(connection)
    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in expected.items()
    }
    assert found == expected
    assert pulls.created(connection) == pulls.created(pulls.reference)


def test_the_undisturbed_pull_has_something_to_lose(magento: tuple[Rationed, Pulls]) -> None:
    _shop, pulls = magento
    rows = pulls.rows(pulls.reference)
    assert len({row["order_id"] for row in rows["orders"]}) == ORDERS
    assert all(rows[name] for name in ("products", "customers", "links"))


def test_the_worker_is_killed_again_and_again(
    keeper: Keeper, magento: tuple[Rationed, Pulls]
) -> None:
    kill_again_and_again("worker", keeper, *magento)


def test_the_worker_is_killed_again_and_again_in_a_pull_of_wshop(
    keeper: Keeper, wshop: tuple[Rationed, Pulls]
) -> None:
    _shop, pulls = wshop
    rows = pulls.rows(pulls.reference)
    assert len({row["order_id"] for row in rows["orders"]}) == ORDERS
    keeper.down()  # what is killed time and again is started again later each time
    kill_again_and_again("worker", keeper, *wshop)


@pytest.mark.embedded
def test_the_broker_is_killed_again_and_again(
    keeper: Keeper, magento: tuple[Rationed, Pulls]
) -> None:
    kill_again_and_again("broker", keeper, *magento)


def kill_again_and_again(service: str, keeper: Keeper, shop: Rationed, pulls: Pulls) -> None:
    connection = pulls.connect(f"Killed: {service}")
    portal = keeper.up()
    shop.ration(0)
    pulls.start(connection)
    for _time in range(3):
        pulls.wait_for_another_page(shop, connection)
        portal.kill(service)
    assert_as_undisturbed(shop, pulls, connection)


def test_everything_is_killed_at_once(keeper: Keeper, magento: tuple[Rationed, Pulls]) -> None:
    """Launcher, web, beat, broker and workers: as when the machine loses its power, but for its disk."""
    shop, pulls = magento
    connection = pulls.connect("Killed: everything")
    for time in range(2):
        portal = keeper.up()
        if time == 0:
            shop.ration(0)
            pulls.start(connection)
        pulls.wait_for_another_page(shop, connection)
        for process in portal.process.family():
            process.kill()
        keeper.down()
    keeper.up()
    assert_as_undisturbed(shop, pulls, connection)

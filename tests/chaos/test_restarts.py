"""The whole portal while its shop fails, workers are killed, and PostgreSQL and Redis go away and return."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import DatabaseError, connections
from environ import Env
from pytest_django import DjangoDbBlocker

from connectors.models import Connection, PullRun
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.chaos.faults import FAULTS, FaultyShop, Manner
from tests.chaos.outcome import Outcome
from tests.chaos.pulls import HASTE, WATCHED, Pulls, newest, telling
from tests.chaos.seeds import FIRST, runs
from tests.portal import Portal, environment, launched
from tests.processes import wait_until
from tests.servers import restarting_postgres, restarting_redis

pytestmark = [
    *(pytest.mark.chaos, pytest.mark.broker, pytest.mark.postgres, pytest.mark.once),
    pytest.mark.timeout(600),
]

ORDERS = 200
# Seconds from one misfortune to the next; for the pull to come to its end.
MOMENT, PATIENCE = 1.0, 150.0
MANNER = Manner(
    faults=len(FAULTS),
    share=0.25,
    edits=0.3,
    retry_after=1,
    pause=0.01,
    edits_in_wrong_time=False,
)
# Without waiting: what fails is tried again within a second, and what failed for good is begun anew.
IMPATIENT = {"PULL_RETRY_SECONDS": "0.3", "PULL_RETRY_MAX_SECONDS": "1"}
IMPATIENT |= {"PULL_FAILED_INTERVAL_SECONDS": "1", "PULL_ATTEMPTS": "50"}
# Hardly anything is read twice for safety, so that what was skipped is missed.
IMPATIENT |= {"PULL_OVERLAP_SECONDS": "1", "PULL_MARGIN_SECONDS": "1"}


@contextmanager
def watching(url: str) -> Iterator[None]:
    """The portal's database from this process, whatever database the other tests use."""
    usual = connections.settings["default"]
    connections.settings[WATCHED] = {**usual, "OPTIONS": {}, **Env.db_url_config(url)}
    try:
        yield
    finally:
        connections[WATCHED].close()
        del connections[WATCHED], connections.settings[WATCHED]


def patiently(ask: Callable[[], bool]) -> bool:
    """False, too, while the database is away."""
    try:
        return ask()
    except DatabaseError:
        connections[WATCHED].close()
        return False


def pages(connection: Connection) -> int:
    runs = PullRun.objects.using(WATCHED).filter(cursor__connection=connection)
    return sum(runs.values_list("pages", flat=True))


def is_done(connection: Connection) -> bool:
    """Whether the newest run of each resource has come to its end."""
    runs = newest(connection).values()
    return bool(runs) and all(run and run.state == PullRun.State.DONE for run in runs)


def wait_for_the_end(connection: Connection) -> None:
    with telling(connection):
        wait_until(lambda: patiently(lambda: is_done(connection)), seconds=PATIENCE, what="the end")


class Havoc:
    """One misfortune after the other, in an order that follows from the seed, each in mid-pull."""

    def __init__(self, seed: int, portal: Portal, **servers: Callable[[], None]) -> None:
        self._portal = portal
        self._ways = {"worker": self._worker, "process of the pool": self._child, **servers}
        self._order = random.Random(seed)
        self.done: Counter[str] = Counter()

    def wreak(self, connection: Connection) -> None:
        names = list(self._ways)
        self._order.shuffle(names)
        for name in names:
            before = pages(connection)
            self._ways[name]()
            self.done[name] += 1
            end = time.monotonic() + MOMENT

            def has_gone_on(before: int = before, end: float = end) -> bool:
                return pages(connection) > before or time.monotonic() > end

            wait_until(lambda ask=has_gone_on: patiently(ask), seconds=60, what="another page")

    def _worker(self) -> None:
        self._portal.kill("worker")

    def _child(self) -> None:
        def killed() -> bool:
            with suppress(LookupError, IndexError, psutil.NoSuchProcess):
                psutil.Process(self._portal.pid("worker")).children()[0].kill()
                return True
            return False

        wait_until(killed, seconds=60, what="a worker")


@contextmanager
def faulty(seed: int) -> Iterator[tuple[FaultyShop, dict[str, object]]]:
    plain = SandboxShop(seed=seed, orders=ORDERS, styles=6)
    shop = FaultyShop(plain, seed, MANNER)
    known = plain.integrations["read"]
    with serve(shop) as address:
        config = {
            "url": address.url,
            "consumerKey": known.consumer_key,
            "consumerSecret": known.consumer_secret,
            "accessToken": known.access_token,
            "accessTokenSecret": known.access_token_secret,
        }
        yield shop, {"platform": "magento", "config": config}


@pytest.mark.parametrize("number", runs(1, share=25))
def test_everything_fails_at_once_and_the_rows_are_the_shops(
    number: int,
    tmp_path: Path,
    django_db_blocker: DjangoDbBlocker,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed, began = FIRST + number, time.monotonic()
    with (
        restarting_postgres() as postgres,
        restarting_redis("--appendonly", "yes", "--save", "") as redis,
        faulty(seed) as (shop, document),
        watching(postgres.url),
        django_db_blocker.unblock(),
    ):
        urls = {"CELERY_BROKER_URL": f"{redis.url}/0", "CACHE_URL": f"{redis.url}/1"}
        settings = {"DATABASE_URL": postgres.url, **urls, **HASTE, **IMPATIENT}
        env = environment(tmp_path / "var", demo=False, **settings)
        with launched(env) as portal:
            pulls = Pulls(env, document)
            connection = pulls.connect("Havoc")
            pulls.check(connection)
            shop.is_awake = True
            pulls.start(connection)
            havoc = Havoc(seed, portal, PostgreSQL=postgres.restart, Redis=redis.restart)
            havoc.wreak(connection)
            wait_until(
                lambda: patiently(lambda: not shop.is_at_it or is_done(connection)),
                seconds=PATIENCE,
                what="the last fault",
            )
            shop.rest()
            wait_for_the_end(connection)
        lost, doubled, rows = compared(pulls, connection)
    outcome = Outcome(
        what="Shop, processes and servers",
        seed=seed,
        injected=dict(shop.injected),
        requests=shop.asked,
        rows=rows,
        lost=lost,
        doubled=doubled,
        seconds=time.monotonic() - began,
        kills=dict(havoc.done),
    )
    outcome.say(capsys)
    assert (lost, doubled) == (0, 0), f"CHAOS_SEED={seed}"
    assert set(havoc.done) == {"worker", "process of the pool", "PostgreSQL", "Redis"}


def compared(pulls: Pulls, connection: Connection) -> tuple[int, int, int]:
    """Rows lost, rows doubled, rows that there are: against a copy that was pulled undisturbed."""
    for _once in ("what was under way", "what has changed since that began"):
        pulls.pull(connection)
    pulls.undisturbed()
    expected = _counted(pulls.rows(pulls.reference))
    lost = expected - _counted(pulls.rows(connection))
    pulls.pull(connection, "--full")  # and what the shop has deleted is known to be gone
    found = pulls.rows(connection)
    live = {
        name: [row for row in rows if row.get("deleted_at") is None] for name, rows in found.items()
    }
    there = {row["variant_id"] for row in live["products"]}
    # Those of a product that is gone stay with it, out of use.
    live["links"] = [row for row in live["links"] if row["product_id"] in there]
    stored = sum(len(rows) for name, rows in found.items() if name != "links")
    twice = sum(pulls.created(connection).values()) - stored
    return lost.total(), (_counted(live) - expected).total() + twice, expected.total()


def _counted(tables: Mapping[str, list[dict[str, Any]]]) -> Counter[str]:
    return Counter(f"{name} {row}" for name, rows in tables.items() for row in rows)

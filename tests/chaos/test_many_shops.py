"""Two hundred shops due at once, on two workers with PostgreSQL and Redis: fair, once each, no deadlock.

So many where `make chaos RUNS=...` asks for them; the suite has time for fifty.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.sandbox.magento.integrations import READ, integration
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.benchmarks.fleet import CELERY, QUEUEING
from tests.portal import environment
from tests.processes import ROOT, running, wait_until
from tests.servers import postgres, redis

pytestmark = [pytest.mark.chaos, pytest.mark.broker, pytest.mark.postgres, pytest.mark.once]

SHOPS = 200 if os.environ.get("CHAOS_RUNS") else 50
WORKERS = 2
# More pages than one slice stores: what is handed over, and what is under way then.
ORDERS, PAGE = 30, 2
# Every slice that a worker takes is written down by the database itself, in the order in which it begins.
NOTE_SLICES = """
CREATE TABLE slices (number bigserial PRIMARY KEY, cursor_id bigint NOT NULL);
CREATE FUNCTION note_slice() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN INSERT INTO slices (cursor_id) VALUES (NEW.id); RETURN NEW; END $$;
CREATE TRIGGER note_slice AFTER UPDATE OF lease_token ON connectors_cursor FOR EACH ROW
  WHEN (NEW.lease_token IS NOT NULL AND NEW.lease_token IS DISTINCT FROM OLD.lease_token)
  EXECUTE FUNCTION note_slice();
"""
SMALL_PAGES = f"""
UPDATE connectors_connection SET config = config || '{{"page_size": {PAGE}}}'::jsonb RETURNING id
"""


@dataclass
class Portal:
    """A database and a queue with two workers at them."""

    env: dict[str, str]
    database: "psycopg.Connection[tuple[Any, ...]]"

    def ask(self, what: str, given: Sequence[Any]) -> Any:
        done = subprocess.run(
            [*QUEUEING, what], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False,
            input="\n".join(map(json.dumps, given)), timeout=280,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3_000:]
        return json.loads(done.stdout.splitlines()[-1])

    def all(self, query: str) -> list[tuple[Any, ...]]:
        return self.database.execute(query).fetchall()


@contextmanager
def portal(var: Path) -> Iterator[Portal]:
    with postgres() as url, redis() as broker:
        urls = {"CELERY_BROKER_URL": f"{broker}/0", "CACHE_URL": f"{broker}/1"}
        # Each slice is a few pages: then it is the next shop's turn.
        size = {"PULL_SLICE_SECONDS": "0", "LOG_LEVEL": "INFO"}
        env = environment(var, DATABASE_URL=url, **urls, **size)
        env["DJANGO_SETTINGS_MODULE"] = "kleep_portal.settings"
        migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=env, check=True)
        worker = [*CELERY, "--concurrency", str(WORKERS)]
        with (
            running(worker, output=var.parent / "worker", env=env) as process,
            psycopg.connect(url, autocommit=True) as database,
        ):
            database.execute(NOTE_SLICES)
            process.wait_for("ready.", seconds=60)
            yield Portal(env, database)


@contextmanager
def shops() -> Iterator[list[dict[str, object]]]:
    """One simulated shop that knows as many integrations: what connects each of them."""
    now = datetime.now(UTC) - timedelta(days=1)
    rows = [
        {
            "entity_id": number,
            "increment_id": f"{number:09}",
            "status": "complete",
            "created_at": f"{now:%Y-%m-%d %H:%M:%S}",
            "updated_at": f"{now + timedelta(seconds=number):%Y-%m-%d %H:%M:%S}",
            "items": [{"item_id": number, "sku": "a", "product_id": 1, "qty_ordered": 1}],
        }
        for number in range(1, ORDERS + 1)
    ]
    shop = SandboxShop.bare(orders=rows)
    with serve(shop) as address:
        documents = []
        for number in range(SHOPS):
            name = f"Shop {number}"
            made = integration("many", name, 1_000 + number, READ)
            shop.integrations[name] = made
            config = {
                "url": address.url,
                "consumerKey": made.consumer_key,
                "consumerSecret": made.consumer_secret,
                "accessToken": made.access_token,
                "accessTokenSecret": made.access_token_secret,
            }
            documents.append(
                {"merchant": name, "shop": name, "platform": "magento", "config": config}
            )
        yield documents


def waited(slices: Sequence[int]) -> int:
    """How often, at most, another shop had its next slice while one still waited for this one of its own."""
    seen: Counter[int] = Counter()
    begun: Counter[int] = Counter()  # slices of each round so far
    most = 0
    for cursor in slices:
        turn = seen[cursor]
        most = max(most, begun[turn + 1])
        seen[cursor] += 1
        begun[turn] += 1
    return most


def test_the_measure_of_waiting_sees_who_is_served_twice_first() -> None:
    assert waited([1, 2, 3, 1, 2, 3]) == 0
    assert waited([1, 2, 1, 3, 2, 3]) == 1
    assert waited([1, 1, 1, 2, 2, 3, 3]) == 2


@pytest.mark.timeout(300)
def test_many_shops_due_at_once_are_served_in_turn(tmp_path: Path) -> None:
    with shops() as documents, portal(tmp_path / "var") as ready:
        ids = ready.ask("connect", documents)
        assert len(set(ids)) == SHOPS
        ready.all(SMALL_PAGES)
        ready.ask("queue", ids)
        done = ready.ask("wait", ids)
        slices = [cursor for (cursor,) in ready.all("SELECT cursor_id FROM slices ORDER BY number")]
        runs = ready.all("SELECT state, count(*) FROM connectors_pullrun GROUP BY state")
        pages = ready.all("SELECT DISTINCT fetched, created, updated FROM connectors_pullrun")
        stored = ready.all(
            "SELECT count(*), count(DISTINCT (connection_id, line_id)) FROM data_orders"
        )
        held = "SELECT 1 FROM connectors_cursor WHERE lease_token IS NOT NULL"
        # A lease is given back right after the end of its run.
        wait_until(lambda: not ready.all(held), seconds=60, what="the last lease")
        deadlocks = ready.all("SELECT sum(deadlocks) FROM pg_stat_database")
    assert set(done) == set(ids)
    assert runs == [("done", SHOPS)]  # one each: nothing was pulled twice
    assert pages == [(ORDERS, ORDERS, 0)]
    assert stored == [(SHOPS * ORDERS, SHOPS * ORDERS)]
    assert deadlocks == [(0,)]
    turns = Counter(slices)
    assert len(turns) == SHOPS
    assert min(turns.values()) >= 2
    # Where one worker is held up with a shop, that shop queues again behind as many others.
    assert waited(slices) <= SHOPS // 5

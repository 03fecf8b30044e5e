"""Pulls of a shop that fails in every way we know, by a portal whose clock jumps: rows equal the shop's.

In one process with real sockets and the real database, and with a clock that skips what would be waited for.
CHAOS_SEED repeats a run; what the two readers of a backfill meet depends on which of them is first.
"""

import math
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from connectors import checking, circuit, connections, pulling, spans, turns
from connectors.connections import set_credentials
from connectors.datasets import DATASETS
from connectors.http import Limits
from connectors.magento import client
from connectors.models import TABLES, Connection, Cursor, ProductLink, PullRun
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.chaos.faults import FAULTS, OUR_CLOCK, SHOPS_CLOCK, FaultyShop, Manner
from tests.chaos.outcome import Outcome
from tests.chaos.seeds import FIRST, runs

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

START = datetime.fromisoformat("2026-03-02T10:00:00+00:00")
TENANT = uuid.UUID(int=11)  # one merchant: the pseudonyms of both connections are the same
MANNER = Manner(faults=3 * len(FAULTS), retry_after=90, pause=0.002, edits_in_wrong_time=True)
SHORT = Limits(connect=2, read=2, total=10, max_decompressed_bytes=4_000_000)
BEATS = 2_000  # looks at what is due: without a bound a pull that never ends would hang the test
OWN_COLUMNS = {"id", "connection_id", "seen_at", "deleted_at"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for by sleeping is short; spans and pages are small, so that there are many."""
    monkeypatch.setattr(spans, "PAGE", 10)
    monkeypatch.setattr(spans, "FIRST_WAIT", 0.01)
    defaults = client.Client.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "pauses", (0.005, 0.01))
    monkeypatch.setitem(connections._connector.__kwdefaults__, "limits", SHORT)


@dataclass
class Clock:
    """The world's time, and by how much the portal's is wrong at the moment."""

    traveller: time_machine.Traveller
    wrong: int = 0

    def __post_init__(self) -> None:
        self.shift = self.traveller.shift

    def jump(self, seconds: int) -> None:
        """The portal's clock is wrong by that much from now on. The shop's goes on: see world()."""
        if seconds != self.wrong:
            self.traveller.shift(seconds - self.wrong)
            self.wrong = seconds

    def world(self) -> datetime:
        return timezone.now() - timedelta(seconds=self.wrong)


@dataclass
class Pull:
    """One connection, pulled as the beat and the workers do it."""

    connection: Connection
    shop: FaultyShop
    clock: Clock
    slices: int = field(default=0)

    def begin(self) -> None:
        """The check that comes before every first pull; from then on things go wrong."""
        assert checking.is_ok(checking.run(checking.start(self.connection)))
        ids = [cursor.pk for cursor in pulling.cursors(self.connection)]
        Cursor.objects.filter(pk__in=ids).update(due_at=timezone.now())

    def go_on(self) -> None:
        """What is due, or else wait for it, until every fault has been played."""
        for _beat in range(BEATS):
            if not self.shop.is_at_it:
                return
            due = list(turns.due().filter(connection=self.connection).order_by("due_at", "pk"))
            for cursor in due:
                seconds = self.shop.random.choice((0, 0, 0, math.inf))
                pulling.run_slice(cursor, seconds=seconds)
                self.slices += 1
            for sick in circuit.to_prove(10):
                circuit.prove(sick)
            if not due:
                self.clock.shift(self._seconds_to_wait())
        raise AssertionError("the pull never came to its end")

    def _seconds_to_wait(self) -> float:
        """Until the next resource is due, an hour at most: something else may be sooner."""
        cursors = Cursor.objects.filter(connection=self.connection, due_at__gt=timezone.now())
        first = cursors.order_by("due_at").values_list("due_at", flat=True).first()
        wait = (first - timezone.now()).total_seconds() if first else 3_600
        return min(max(wait, 1), 3_600)

    def finish(self, *, full: bool = False) -> None:
        """What was under way, and then what has changed since that began."""
        for cursor in Cursor.objects.filter(connection=self.connection).order_by("pk"):
            for again in (False, True):
                run = pulling.pull(
                    self.connection, cursor.resource, cursor.scope, full=full and again
                )
                assert run.state == PullRun.State.DONE, (run, run.error, run.detail)

    def rows(self, *, live: bool) -> dict[tuple[Any, ...], dict[str, Any]]:
        """By table and key, in full but for what belongs to one copy alone."""
        found = {}
        there = TABLES["products"].objects.filter(connection=self.connection, deleted_at=None)
        for name, table in {**TABLES, "links": ProductLink}.items():
            rows = table.objects.filter(connection=self.connection)
            if live and name == "links":  # those of a product that is gone stay with it, out of use
                rows = rows.filter(product_id__in=there.values("variant_id"))
            elif live:
                rows = rows.filter(deleted_at=None)
            for row in rows.values():
                kept = {key: value for key, value in row.items() if key not in OWN_COLUMNS}
                found[(name, *_key(name, row))] = kept
        return found

    def surplus(self) -> int:
        """Rows that runs say they have created, and that are not there: counted twice."""
        runs = PullRun.objects.filter(cursor__connection=self.connection)
        created = runs.aggregate(created=Sum("created"))["created"] or 0
        tables = TABLES.values()
        return created - sum(
            table.objects.filter(connection=self.connection, origin="api").count()
            for table in tables
        )


def _key(name: str, row: dict[str, Any]) -> tuple[Any, ...]:
    if name == "links":
        return row["scope"], row["product_id"], row["variant_id"]
    return row["scope"], *(row[column] for column in DATASETS[name].key)


@contextmanager
def disturbed(seed: int) -> Iterator[Pull]:
    """A pull of that seed's shop, over all its faults, and rested."""
    with time_machine.travel(START, tick=True) as traveller:
        clock = Clock(traveller)
        anchor = START - timedelta(hours=1)
        plain = SandboxShop(seed=seed, orders=40, styles=4, customers=16, anchor=anchor)
        plain.clock = clock.world
        shop = FaultyShop(plain, seed, MANNER, clock.jump)
        with serve(shop) as address:
            pull = Pull(_connected(address.url, plain), shop, clock)
            pull.begin()
            shop.is_awake = True
            pull.go_on()
            shop.rest()
            clock.shift(
                max(SHOPS_CLOCK) + 60
            )  # what was stamped with a time to come is of the past now
            yield pull


def _connected(url: str, shop: SandboxShop) -> Connection:
    given = shop.integrations["read"]
    connection = Connection(tenant=TENANT, platform="magento")
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    set_credentials(
        connection,
        config={"url": url, "type": "V1", "page_size": 7},
        secrets={name: getattr(given, name) for name in names},
        by="",
    )
    return connection


def compared(pull: Pull, seed: int, began: float) -> Outcome:
    """Against a second copy, pulled undisturbed from the shop as it is now."""
    pull.finish()
    url = pull.connection.config["url"]
    still = Pull(_connected(url, pull.shop.shop), pull.shop, pull.clock)
    still.begin()
    still.finish()
    expected, found = still.rows(live=True), pull.rows(live=False)
    lost = sum(found.get(key) != row for key, row in expected.items())
    # What was stored while our clock was ahead counts as newer than a reading that begins before that time.
    pull.clock.shift(max(OUR_CLOCK))
    pull.finish(full=True)  # and what the shop has deleted is known to be gone
    live = pull.rows(live=True)
    return Outcome(
        what="Shop and clocks",
        seed=seed,
        injected=dict(pull.shop.injected),
        requests=pull.shop.asked,
        rows=len(expected),
        lost=lost,
        doubled=len(live.keys() - expected.keys()) + pull.surplus(),
        seconds=time.monotonic() - began,
    )


@pytest.mark.parametrize("number", runs(2))
def test_whatever_the_shop_and_the_clocks_do_the_rows_are_the_shops(
    number: int, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = FIRST + number
    settings.PULL_FAILED_INTERVAL_SECONDS = 1_800
    began = time.monotonic()
    with disturbed(seed) as pull:
        outcome = compared(pull, seed, began)
        orders = {key[2:] for key in pull.rows(live=True) if key[0] == "orders"}
    outcome.say(capsys)
    assert set(outcome.injected) == set(FAULTS), f"CHAOS_SEED={seed}"
    assert (outcome.lost, outcome.doubled) == (0, 0), f"CHAOS_SEED={seed}"
    assert len(orders) >= len(pull.shop.shop.tables["orders"].records)

"""Records edited, added and deleted while they are pulled, and crashes anywhere: none is lost, none doubled.

Each world follows from its seed. Every session begins at another seed and prints it; PULL_SEED repeats one.
"""

import math
import os
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone

from connectors import pulling, storing, windows
from connectors.base import Position
from connectors.datasets import ORDERS
from connectors.errors import ShopDownError
from connectors.magento.keyset import Listing
from connectors.magento.question import Criteria
from connectors.models import TABLES, Connection, Cursor, PullRun
from connectors.sandbox.magento import criteria as sandbox_criteria
from connectors.sandbox.magento import phpquery
from connectors.sandbox.magento.switches import Switches
from connectors.sandbox.magento.tables import Record as SandboxRecord
from connectors.sandbox.magento.tables import Table
from tests.connectors.fake_platform import (
    FakeConnector,
    FakeShop,
    Pages,
    Record,
    keyset_pages,
    numbered_pages,
)

FIRST_SEED = int(os.environ.get("PULL_SEED") or random.SystemRandom().randrange(10**6))
START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MARGIN, OVERLAP = timedelta(seconds=5), timedelta(seconds=60)

# The engine's worlds, 100 in all and others on each database, in tests that are each done in time on a busy
# machine, too.
PORTION, in_portions = 10, pytest.mark.parametrize("portion", range(10))

Store = dict[int, Record]
Pager = Callable[[FakeShop, Position | None, datetime], Pages]


class Crash(Exception):  # noqa: N818  # it stands for one
    """The process dies here."""


class World:
    """A shop at work. Seconds are few and records many, so that ties are larger than a page."""

    def __init__(self, seed: int, shop: FakeShop, clock: Callable[[float], datetime]) -> None:
        self.random, self.shop, self.clock = random.Random(seed), shop, clock
        self.is_busy = True
        shop.page_size = self.random.randint(2, 5)
        shop.before_answer = self.something_happens
        moments = [self.now - timedelta(seconds=self.random.randint(0, 200)) for _ in range(3)]
        for id in range(1, self.random.randint(1, 30)):
            shop.put(id, "first", self.random.choice(moments))

    @property
    def now(self) -> datetime:
        return self.clock(0)

    def something_happens(self) -> None:
        """Before every answer of the shop."""
        if not self.is_busy:
            return
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 4))):
            self.edit()
        self.clock(self.random.choice((0, 0, 0, 1, 2)))
        if self.random.random() < 0.08:
            raise ShopDownError

    def edit(self) -> None:
        known = sorted(self.shop.records)
        kind = self.random.random()
        if kind < 0.15 and known:
            self.shop.remove(self.random.choice(known))
        elif kind < 0.65 and known:
            id = self.random.choice(known)
            at = max(self._moment(), self.shop.records[id].updated_at)
            self.shop.put(id, self._value(), at)
        else:
            self.shop.put(self.shop.last_id + 1, self._value(), self._moment())

    def _moment(self) -> datetime:
        """Now, or earlier: a transaction that was committed late."""
        late = self.random.random() < 0.2
        return self.now - (OVERLAP * self.random.random() if late else timedelta())

    def _value(self) -> str:
        return f"v{self.random.randrange(10**9)}"

    def crashes(self, chance: float) -> bool:
        return self.is_busy and self.random.random() < chance


class SandboxShop(FakeShop):
    """The same shop, its questions answered by the sandbox's imitation of Magento's search."""

    def answer(self, criteria: Criteria) -> Listing[Record]:
        self.before_answer()
        table = Table("orders", known=frozenset({"entity_id", "updated_at"}))
        for record in self.records.values():
            at = record.updated_at.strftime("%Y-%m-%d %H:%M:%S")
            table.add(SandboxRecord(record.id, {"entity_id": record.id, "updated_at": at}))
        asked = sandbox_criteria.of(phpquery.parse(urlencode(criteria.params())))
        found, total = table.search(asked, Switches(unsorted=True))
        return Listing([self.records[one.key] for one in found], total, criteria.page_size)


# --- the rules of the engine alone: thousands of worlds ---


def pull(
    world: World,
    store: Store,
    cursor: Position | None,
    *,
    pager: Pager = keyset_pages,
    overlap: timedelta = OVERLAP,
) -> Position | None:
    """One run as pulling.py makes it, over a dictionary; the cursor after it."""
    since = windows.start(cursor, overlap, since=None, full=False)
    until = windows.end(world.now, MARGIN)
    reached: Position | None = None
    given: set[Position] = set()
    while True:
        try:
            for records, position, _remaining in pager(
                world.shop, windows.resume(reached, since), until
            ):
                if world.crashes(0.05):
                    raise Crash  # before the commit
                for record in records:
                    assert record.updated_at <= until, "a record from after the end"
                    assert record.position not in given, "a record was given twice"
                    given.add(record.position)
                    keep(store, record)
                reached, cursor = position, windows.farther(cursor, position)
                if world.crashes(0.05):
                    raise Crash  # after the commit
                if world.crashes(0.02):
                    return cursor  # the run fails for good; a new one will begin
            return windows.farther(cursor, Position(until))
        except (Crash, ShopDownError):
            continue


def keep(store: Store, record: Record) -> None:
    """The newest wins; of equals the last."""
    known = store.get(record.id)
    if known is None or known.updated_at <= record.updated_at:
        store[record.id] = record


def still_clock() -> Callable[[float], datetime]:
    now = [START]

    def clock(seconds: float) -> datetime:
        now[0] += timedelta(seconds=seconds)
        return now[0]

    return clock


def live(store: Store, shop: FakeShop) -> Store:
    """What a pull cannot know is that a record was deleted."""
    return {id: record for id, record in store.items() if id in shop.records}


def lost_in(seed: int, shop: FakeShop, **how: object) -> bool:
    """Whether disturbed pulls, and an undisturbed one at the end, leave anything else than the shop has."""
    world, store, cursor = World(seed, shop, still_clock()), Store(), None
    for _ in range(world.random.randint(1, 4)):
        cursor = pull(world, store, cursor, **how)  # type: ignore[arg-type]
        world.clock(world.random.randint(0, 90))
    world.is_busy = False
    world.clock(MARGIN.total_seconds() + 1)
    pull(world, store, cursor, **how)  # type: ignore[arg-type]
    return live(store, shop) != shop.records


def seeds(count: int, portion: int = 0) -> range:
    first = FIRST_SEED + portion * count
    return range(first, first + count)


def say(capsys: pytest.CaptureFixture[str], what: str, count: int, portion: int = 0) -> None:
    chosen = seeds(count, portion)
    with capsys.disabled():
        print(f"\n  {count:,} {what}, seeds {chosen[0]} to {chosen[-1]}", end=" ")  # noqa: T201


def test_thousands_of_disturbed_pulls_lose_and_double_nothing(capsys):
    count = 3_000
    say(capsys, "disturbed pulls", count)
    for seed in seeds(count):
        assert not lost_in(seed, FakeShop()), f"PULL_SEED={seed}"


def test_hundreds_of_disturbed_pulls_through_the_sandboxs_search_lose_nothing(capsys):
    count = 300
    say(capsys, "disturbed pulls of the sandbox", count)
    for seed in seeds(count):
        assert not lost_in(seed, SandboxShop()), f"PULL_SEED={seed}"


def after_the_last_second(shop: FakeShop, since: Position | None, until: datetime) -> Pages:
    """Goes on after the last second read, as if no two records shared one."""
    while True:
        after = since.at if since else None
        shop.before_answer()
        found = sorted(
            (one for one in shop.records.values() if one.updated_at <= until),
            key=lambda one: one.position,
        )
        page = [one for one in found if after is None or one.updated_at > after][: shop.page_size]
        if not page:
            return
        since = page[-1].position
        yield page, since, 0


def a_cursor_at_the_end_of_the_run(
    shop: FakeShop, since: Position | None, until: datetime
) -> Pages:
    """Reads rightly, and then claims to have read what came meanwhile."""
    yield from keyset_pages(shop, since, until)
    yield [], Position(until + OVERLAP * 2), 0


@pytest.mark.parametrize(
    "how",
    [
        {"pager": numbered_pages},
        {"pager": after_the_last_second},
        {"pager": a_cursor_at_the_end_of_the_run},
        {"overlap": timedelta()},
    ],
    ids=["page numbers", "ties left out", "cursor too far", "no overlap"],
)
def test_the_same_worlds_catch_an_engine_that_loses(how):
    def is_caught(seed: int) -> bool:
        try:
            return lost_in(seed, FakeShop(), **how)
        except AssertionError:  # given twice
            return True

    assert sum(is_caught(seed) for seed in range(100)) >= 10


# --- the engine itself, on the database ---


@pytest.fixture
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


class DisturbedEngine:
    """The engine over a busy shop, on a database that fails and with leases that are lost."""

    def __init__(self, seed: int, connection: Connection, clock: time_machine.Traveller) -> None:
        self.clock = clock
        self.world = World(seed, FakeConnector.shops[connection.config["shop"]], self._shift)
        self.cursor = pulling.cursor_of(connection, "orders")

    def _shift(self, seconds: float) -> datetime:
        if seconds:
            self.clock.shift(seconds)
        return timezone.now()

    def store(self, *args: object, **options: object) -> storing.Counts:
        if self.world.crashes(0.05):
            raise OperationalError("before anything was written")
        counts = REAL_STORE(*args, **options)  # type: ignore[arg-type]
        if self.world.crashes(0.05):
            raise OperationalError("before the commit")
        return counts

    def after_a_page(self, run: PullRun) -> None:
        if self.world.crashes(0.05):
            Cursor.objects.filter(pk=self.cursor.pk).update(lease_token=uuid.uuid4())

    def slice(self) -> PullRun | None:
        seconds = self.world.random.choice((0, 0, math.inf))
        try:
            return pulling.run_slice(self.cursor, seconds=seconds, progress=self.after_a_page)
        except OperationalError:
            return None

    def run(self) -> PullRun:
        """Slices until one is the last; the clock moves past every lease and every wait."""
        while (run := self.slice()) is None or run.state == PullRun.State.RUNNING:
            self.clock.shift(self.world.random.choice((1, 200)))
        return run


REAL_STORE = storing.store


@in_portions
def test_the_engine_loses_nothing_whatever_happens(
    transactional_db, fake_connection, frozen, settings, monkeypatch, capsys, portion
):
    settings.PULL_OVERLAP_SECONDS = OVERLAP.total_seconds()
    if database.vendor == "postgresql":  # thousands of commits, whose survival nobody needs
        database.cursor().execute("SET synchronous_commit TO off")
    say(capsys, "disturbed pulls into the database", PORTION, portion)
    for seed in seeds(PORTION, portion):
        frozen.move_to(START)
        shop = FakeShop()
        connection = Connection.objects.create(
            tenant=uuid.uuid4(), platform="fake", config=FakeConnector.opens(shop)
        )
        engine = DisturbedEngine(seed, connection, frozen)
        monkeypatch.setattr(storing, "store", engine.store)
        for _ in range(engine.world.random.randint(1, 3)):
            engine.run()
            engine.clock.shift(engine.world.random.randint(0, 90))
        engine.world.is_busy = False
        frozen.shift(1000)
        assert engine.run().state == PullRun.State.DONE, f"PULL_SEED={seed}"
        assert_same(connection, shop, seed)


def assert_same(connection: Connection, shop: FakeShop, seed: int) -> None:
    table = TABLES[ORDERS.name].objects.filter(connection=connection)
    rows = table.values_list("line_id", "status", "remote_updated_at")
    stored = {int(id): Record(int(id), at, status) for id, status, at in rows}
    assert live(stored, shop) == shop.records, f"PULL_SEED={seed}"
    assert len(stored) == len(rows), f"PULL_SEED={seed}"
    runs = PullRun.objects.filter(cursor__connection=connection)
    assert sum(runs.values_list("created", flat=True)) == len(rows), f"PULL_SEED={seed}"

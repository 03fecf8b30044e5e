"""Everything by id, in spans side by side: the same rows as one after the other, whatever interrupts it."""

import random
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.db import connection as database

from connectors import leases, pulling, spans, storing
from connectors.asking import asking
from connectors.base import Extent, Position, Span
from connectors.errors import RateLimitedError, UnexpectedAnswerError
from connectors.models import Connection, Cursor, PullRun, PullSpan
from connectors.pace import Pace
from tests.connectors.fake_platform import FakeNumberedConnector, FakeShop
from tests.connectors.test_nothing_is_lost import (
    OVERLAP,
    PORTION,
    START,
    DisturbedEngine,
    assert_same,
    in_portions,
    say,
    seeds,
)
from tests.connectors.test_pulling import raising_at, stored, values

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MARGIN = timedelta(seconds=5)
State, Kind = PullRun.State, PullRun.Kind


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "PAGE", 5)


@pytest.fixture
def shop(fake_shop: FakeShop) -> FakeShop:
    for id in range(101, 121):
        fake_shop.put(id, f"v{id}", NOW - timedelta(minutes=200 - id))
    return fake_shop


# --- the parts ---


@pytest.mark.parametrize(
    ("extent", "readers", "expected"),
    [
        ((1, 20, 20), 2, [(0, 5), (5, 10), (20, None), (10, 15), (15, 20)]),
        ((1, 20, 20), 1, [(0, 10), (10, 15), (20, None), (15, 20)]),
        (
            (1, 40, 40),
            2,
            [(0, 10), (10, 15), (15, 20), (20, 25), (25, 30), (40, None), (30, 35), (35, 40)],
        ),
        ((101, 120, 14), 2, [(100, 107), (120, None), (107, 114), (114, 120)]),
        ((7, 9, 3), 2, [(6, None)]),
        ((0, 0, 0), 2, [(-1, None)]),
        ((5, 6, 50), 2, [(6, None), (4, 5), (5, 6)]),
    ],
)
def test_parts_cover_everything_once(extent, readers, expected):
    first, last, total = extent
    found = spans.split(Extent(first=first, last=last, total=total), readers)
    assert found == [Span(after=after, last=end) for after, end in expected]


# --- the engine ---


def test_a_first_pull_reads_parts_side_by_side_and_leaves_the_cursor_at_its_beginning(
    numbered_connection, shop
):
    run = pulling.pull(numbered_connection, "orders")
    assert stored(numbered_connection) == values(shop)
    assert (run.state, run.kind, run.fetched, run.created, run.expected) == (
        State.DONE, Kind.WHOLE, 20, 20, 20,
    )  # fmt: skip
    assert {last for _after, last in shop.spans} == {105, 110, 115, 120, None}
    assert shop.most_at_once <= 2
    assert shop.threads <= {"pages-0", "pages-1", "pages-2"}
    cursor = Cursor.objects.get()
    assert (cursor.position, cursor.lease_token) == (Position(NOW - MARGIN), None)
    assert not PullSpan.objects.exists()


def test_two_ask_at_the_same_time_and_a_third_waits_for_a_place(
    numbered_connection, shop, monkeypatch
):
    """Each of the first two waits in its first question for the other one's."""
    together, first = threading.Barrier(2), set()

    def meet(self, id, last, real=FakeShop.after):
        with asking():
            if len(first) < 2:
                first.add(threading.current_thread().name)
                together.wait(timeout=30)
        return real(self, id, last)

    monkeypatch.setattr(FakeShop, "after", meet)
    assert pulling.pull(numbered_connection, "orders").fetched == 20
    assert len(first) == 2
    assert shop.most_at_once <= 2


def test_while_one_page_is_decoded_another_one_has_its_place(
    numbered_connection, shop, monkeypatch
):
    """The first page is not done before the shop was asked for the next, by the only reader's spare."""
    numbered_connection.readers = 1
    numbered_connection.save()
    asked, pages = threading.Semaphore(0), []
    shop.before_answer = asked.release

    class Decoding(FakeNumberedConnector):
        def by_id(self, resource, *, span, scope=""):
            for page in super().by_id(resource, span=span, scope=scope):
                pages.append(page)
                if len(pages) == 1:
                    for _question in range(3):  # the extent's, its own, the other thread's
                        assert asked.acquire(timeout=30)
                yield page

    monkeypatch.setattr(Connection, "connector_class", Decoding)
    assert pulling.pull(numbered_connection, "orders").fetched == 20
    assert shop.most_at_once == 1


@pytest.mark.parametrize("own", [1, 3])
def test_a_connection_may_have_a_number_of_readers_of_its_own(
    numbered_connection, shop, own, monkeypatch
):
    numbered_connection.readers = own
    numbered_connection.save()
    monkeypatch.setattr(spans, "PAGE", 3)
    shop.before_answer = lambda: shop_is_slow.wait(0.01)
    shop_is_slow = threading.Event()
    assert pulling.pull(numbered_connection, "orders").fetched == 20
    assert shop.most_at_once <= own
    assert (shop.most_at_once > 1) is (own > 1)


def test_readers_at_work_elsewhere_count(numbered_connection, shop):
    other = pulling.cursor_of(numbered_connection, "customers")
    assert leases.claim(other.pk) is not None
    assert pulling.pull(numbered_connection, "orders").fetched == 20
    assert shop.most_at_once == 1


def test_while_two_readers_are_at_work_the_shop_is_busy(numbered_connection, shop):
    seen = []
    pulling.pull(
        numbered_connection,
        "orders",
        progress=lambda run: seen.append(leases.engaged(numbered_connection.pk)),
    )
    assert set(seen) == {2}
    assert leases.engaged(numbered_connection.pk) == 0


def test_an_edit_during_the_first_pull_is_read_by_the_next(numbered_connection, shop, clock):
    cursor = pulling.cursor_of(numbered_connection, "orders")
    run = pulling.run_slice(cursor, seconds=0)
    assert run is not None
    assert run.state == State.RUNNING
    clock.shift(30)
    shop.put(101, "edited")
    shop.put(121, "new")
    clock.shift(30)
    run = pulling.pull(numbered_connection, "orders")
    assert (run.kind, run.state) == (Kind.WHOLE, State.DONE)
    run = pulling.pull(numbered_connection, "orders")
    assert run.kind == Kind.CHANGES
    assert stored(numbered_connection) == values(shop)


def test_slices_go_on_where_the_last_one_stopped(numbered_connection, shop):
    cursor, slices = pulling.cursor_of(numbered_connection, "orders"), 1
    while (run := pulling.run_slice(cursor, seconds=0)) and run.state == State.RUNNING:
        slices += 1
        cursor.refresh_from_db()
        assert (cursor.position, cursor.due_at) == (None, NOW)
    assert slices >= 2
    assert run is not None
    assert (run.fetched, run.created, run.unchanged) == (20, 20, 0)  # no page was stored twice
    assert stored(numbered_connection) == values(shop)


def test_a_run_that_failed_is_taken_over_with_its_end(numbered_connection, shop, clock):
    shop.before_answer = raising_at(4, UnexpectedAnswerError())
    failed = pulling.pull(numbered_connection, "orders")
    assert (failed.state, failed.until) == (State.FAILED, NOW - MARGIN)
    before = failed.fetched
    assert 0 < before < 20
    shop.before_answer = lambda: None
    clock.shift(86_400)
    run = pulling.pull(numbered_connection, "orders")
    assert (run.state, run.fetched, run.until) == (State.DONE, 20 - before, NOW - MARGIN)
    assert stored(numbered_connection) == values(shop)
    assert Cursor.objects.get().position == Position(NOW - MARGIN)


def test_full_begins_anew(numbered_connection, shop):
    shop.before_answer = raising_at(4, UnexpectedAnswerError())
    assert pulling.pull(numbered_connection, "orders").state == State.FAILED
    shop.before_answer = lambda: None
    assert pulling.pull(numbered_connection, "orders", full=True).fetched == 20


def test_a_shop_that_asks_for_less_is_read_more_slowly_within_the_slice(
    numbered_connection, shop, monkeypatch
):
    monkeypatch.setattr(spans, "FIRST_WAIT", 0.0)
    answers = iter(range(1, 10**6))

    def hook() -> None:
        if next(answers) in {3, 5}:
            raise RateLimitedError(http_status=429)

    shop.before_answer = hook
    run = pulling.pull(numbered_connection, "orders")
    assert (run.state, run.attempts, run.fetched, run.created) == (State.DONE, 0, 20, 20)
    assert stored(numbered_connection) == values(shop)


def test_a_shop_that_asks_for_much_time_is_left_to_the_schedule(numbered_connection, shop):
    shop.before_answer = raising_at(3, RateLimitedError(retry_after=600))
    run = pulling.run_slice(pulling.cursor_of(numbered_connection, "orders"))
    assert run is not None
    assert (run.state, run.error) == (State.RUNNING, "rate_limited")
    due = Cursor.objects.get().due_at
    assert NOW + timedelta(seconds=600) <= due <= NOW + timedelta(seconds=660)
    # What came before is stored, and is not asked for again.
    assert run.fetched == len(stored(numbered_connection)) > 0
    shop.before_answer = lambda: None
    assert pulling.pull(numbered_connection, "orders").fetched == 20


def test_one_reader_goes_on_alone_with_what_the_other_one_gives_back(numbered_connection, shop):
    """Threads and all, but for the engine."""
    connector = FakeNumberedConnector.__new__(FakeNumberedConnector)
    pace = Pace(most=2)
    pace.allowed = 1.0
    parts = [
        PullSpan(pk=at, after=after, last=last, reached=after)
        for at, (after, last) in enumerate([(100, 110), (110, None)])
    ]
    FakeNumberedConnector.shops[-1] = shop
    connector.settings = type("Settings", (), {"config": {"shop": -1}})()
    crew = spans.Readers(connector, FakeNumberedConnector.resource("orders"), "", parts, pace)
    found = [
        row["line_id"]
        for together in crew.steps(lambda: False, every=60, meanwhile=lambda: None)
        for step in together
        if step.page
        for row in step.page.rows
    ]
    assert sorted(found, key=int) == [str(id) for id in range(101, 121)]


def test_rows_are_made_by_a_thread_of_their_own(numbered_connection, shop, monkeypatch):
    """And a shop that is asked for them at its limit is asked again, more slowly."""
    monkeypatch.setattr(spans, "FIRST_WAIT", 0.01)
    made, refusals = [], iter([RateLimitedError(), RateLimitedError()])

    class Refusing(FakeNumberedConnector):
        def rows(self, dataset, page):
            made.append(threading.current_thread().name.rstrip("_0"))
            for refusal in refusals:
                raise refusal
            return super().rows(dataset, page)

    monkeypatch.setattr(Connection, "connector_class", Refusing)
    run = pulling.pull(numbered_connection, "orders")
    assert (run.state, run.fetched, len(stored(numbered_connection))) == (State.DONE, 20, 20)
    assert set(made) == {"rows"}


def test_where_rows_cannot_be_made_nothing_after_them_is_stored(
    numbered_connection, shop, monkeypatch
):
    """Or their span would have been read beyond them, and nobody would come back for them."""
    numbered_connection.readers = 1
    numbered_connection.save()
    fails = [True]

    class Failing(FakeNumberedConnector):
        def rows(self, dataset, page):
            if fails and page[0].id > 110:
                raise UnexpectedAnswerError(detail="no such label")
            return super().rows(dataset, page)

    monkeypatch.setattr(Connection, "connector_class", Failing)
    run = pulling.pull(numbered_connection, "orders")
    assert (run.state, run.detail) == (State.FAILED, "no such label")
    assert all(int(id) <= 110 for id in stored(numbered_connection))
    fails.clear()
    assert pulling.pull(numbered_connection, "orders").state == State.DONE
    assert stored(numbered_connection) == values(shop)


def test_what_rows_need_is_asked_for_while_the_extent_is(numbered_connection, shop, monkeypatch):
    """Each waits for the other; a shop that refuses the one is pulled nevertheless."""
    together = threading.Barrier(2)

    class Meeting(FakeNumberedConnector):
        def extent(self, resource, *, scope=""):
            together.wait(timeout=30)
            return super().extent(resource, scope=scope)

        def prepare(self, resource, *, scope=""):
            together.wait(timeout=30)
            raise RateLimitedError

    monkeypatch.setattr(Connection, "connector_class", Meeting)
    assert pulling.pull(numbered_connection, "orders").fetched == 20


def test_a_page_from_outside_its_span_is_refused(numbered_connection, shop, monkeypatch):
    class Lying(FakeNumberedConnector):
        def by_id(self, resource, *, span, scope=""):
            yield from super().by_id(resource, span=Span(after=span.after), scope=scope)

    monkeypatch.setattr(Connection, "connector_class", Lying)
    run = pulling.pull(numbered_connection, "orders")
    assert (run.state, run.error) == (State.FAILED, "unexpected_answer")
    assert "a page up to" in run.detail


# --- whatever happens ---


@pytest.fixture
def frozen(clock: time_machine.Traveller) -> time_machine.Traveller:
    clock.move_to(START)
    return clock


@in_portions
def test_the_engine_loses_nothing_by_spans_whatever_happens(
    transactional_db, numbered_connection, frozen, settings, monkeypatch, capsys, portion
):
    settings.PULL_OVERLAP_SECONDS = OVERLAP.total_seconds()
    settings.PULL_ATTEMPTS = 5
    monkeypatch.setattr(spans, "FIRST_WAIT", 0.0)
    if database.vendor == "postgresql":  # thousands of commits, whose survival nobody needs
        database.cursor().execute("SET synchronous_commit TO off")
    say(capsys, "disturbed readings by id", PORTION, portion)
    for seed in seeds(PORTION, portion):
        frozen.move_to(START)
        shop = FakeShop()
        connection = Connection.objects.create(
            tenant=uuid.uuid4(),
            platform="numbered",
            config=FakeNumberedConnector.opens(shop),
            readers=random.Random(seed).choice((1, 2, 3)),
        )
        engine = DisturbedEngine(seed, connection, frozen)
        monkeypatch.setattr(storing, "store", engine.store)
        for _ in range(engine.world.random.randint(1, 3)):
            engine.run()
            engine.clock.shift(engine.world.random.randint(0, 90))
        engine.world.is_busy = False
        frozen.shift(1000)
        assert engine.run().state == State.DONE, f"PULL_SEED={seed}"
        while Cursor.objects.get(connection=connection).position is None:
            assert engine.run().state == State.DONE, f"PULL_SEED={seed}"
        assert engine.run().state == State.DONE, f"PULL_SEED={seed}"
        assert_same(connection, shop, seed)
        assert_marks_what_is_gone(connection, shop, seed)


def assert_marks_what_is_gone(connection: Connection, shop: FakeShop, seed: int) -> None:
    run = pulling.pull(connection, "orders", full=True)
    if run.state == State.HELD:
        assert len(shop.records) * 2 <= run.params["before"], f"PULL_SEED={seed}"
        return
    live = storing.TABLES["orders"].objects.filter(connection=connection, deleted_at=None)
    assert {int(id) for id in live.values_list("line_id", flat=True)} == set(shop.records), (
        f"PULL_SEED={seed}"
    )


def test_a_crash_before_the_commit_loses_no_page(numbered_connection, shop, monkeypatch):
    real, committed = storing.store, [0]

    def failing(connection, dataset, rows, **kwargs):
        counts = real(connection, dataset, rows, **kwargs)
        if rows and sum(committed) >= 6:
            raise OperationalError("server closed the connection")
        committed.append(len(rows))
        return counts

    monkeypatch.setattr(storing, "store", failing)
    with pytest.raises(OperationalError):
        pulling.pull(numbered_connection, "orders")
    run = PullRun.objects.get()
    assert (run.state, run.fetched) == (State.RUNNING, sum(committed))
    assert len(stored(numbered_connection)) == sum(committed)
    monkeypatch.setattr(storing, "store", real)
    again = pulling.pull(numbered_connection, "orders")
    assert (again.pk, again.state, again.fetched, again.created) == (run.pk, State.DONE, 20, 20)
    assert stored(numbered_connection) == values(shop)

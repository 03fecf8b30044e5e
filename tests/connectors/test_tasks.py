"""What the workers do: one slice, then the next; what is due is found again whatever the queue forgets."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors import checking, leases, pulling, tasks
from connectors.errors import PermissionMissingError, ShopDownError
from connectors.models import TABLES, Connection, Cursor, PullRun
from kleep_portal.celery import app
from tests.connectors.fake_platform import FakeConnector, FakeShop

pytestmark = pytest.mark.broker


@pytest.fixture
def queue() -> Iterator["Queue"]:
    """The real queue, empty at the beginning."""
    with app.connection_for_write() as broker, broker.SimpleQueue("celery") as simple:
        simple.clear()
        yield Queue(simple)
        simple.clear()


class Queue:
    def __init__(self, simple) -> None:
        self.simple = simple

    def take(self) -> list[tuple[str, list[object]]]:
        """(task, arguments) of everything that waits."""
        found = []
        while True:
            try:
                message = self.simple.get(block=False)
            except self.simple.Empty:
                return found
            found.append((message.headers["task"].rpartition(".")[2], message.payload[0]))
            message.ack()


@pytest.fixture(autouse=True)
def short_slices(settings) -> None:
    settings.PULL_SLICE_SECONDS = 0  # one page


@pytest.fixture
def orders(fake_connection: Connection, fake_shop: FakeShop) -> Cursor:
    """A cursor that is due, of a shop with ten orders."""
    for id in range(1, 11):
        fake_shop.put(id, f"v{id}", timezone.now() - timedelta(hours=11 - id))
    return due_cursor(fake_connection, "orders")


def due_cursor(connection: Connection, name: str, *, minutes_ago: float = 1) -> Cursor:
    cursor = pulling.cursor_of(connection, name)
    cursor.due_at = timezone.now() - timedelta(minutes=minutes_ago)
    cursor.save()
    return cursor


def pages() -> int:
    return sum(PullRun.objects.values_list("pages", flat=True))


def test_a_task_works_on_one_slice_and_queues_its_own_continuation(
    orders, queue, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.pull_resource(orders.pk)
    assert pages() == 1
    assert queue.take() == [("pull_resource", [orders.pk])]
    orders.refresh_from_db()
    assert orders.queued_at is not None


def test_the_last_slice_queues_nothing(orders, queue, settings, django_capture_on_commit_callbacks):
    settings.PULL_SLICE_SECONDS = 60
    with django_capture_on_commit_callbacks(execute=True):
        tasks.pull_resource(orders.pk)
    assert PullRun.objects.get().state == PullRun.State.DONE
    assert TABLES["orders"].objects.count() == 10
    assert queue.take() == []


def test_slice_by_slice_the_pull_comes_to_its_end(
    orders, queue, django_capture_on_commit_callbacks
):
    waiting, worked = [("pull_resource", [orders.pk])], 0
    while waiting:
        worked += len(waiting)
        assert worked < 20
        with django_capture_on_commit_callbacks(execute=True):
            for _name, arguments in waiting:
                tasks.pull_resource(*arguments)
        waiting = queue.take()
    assert PullRun.objects.get().state == PullRun.State.DONE
    assert TABLES["orders"].objects.count() == 10


def test_a_task_that_is_delivered_twice_does_no_harm(orders, queue, settings):
    settings.PULL_SLICE_SECONDS = 60
    tasks.pull_resource(orders.pk)
    tasks.pull_resource(orders.pk)  # no longer due
    assert PullRun.objects.count() == 1
    lease = leases.claim(orders.pk)
    Cursor.objects.update(due_at=timezone.now())
    tasks.pull_resource(orders.pk)  # somebody is at it
    assert PullRun.objects.count() == 1
    assert lease is not None


@pytest.mark.parametrize("task", [tasks.pull_resource, tasks.check_connection])
def test_a_task_for_what_is_no_more_does_nothing(db, task, queue):
    task(987_654)
    tasks.pull_connection(str(uuid.uuid4()))
    assert queue.take() == []


def test_a_paused_connection_is_left_alone(orders, queue):
    Connection.objects.update(paused_at=timezone.now())
    tasks.queue_due()
    tasks.pull_resource(orders.pk)
    assert (queue.take(), PullRun.objects.count()) == ([], 0)


def test_a_shop_that_is_down_is_left_alone_until_it_is_due(
    orders, fake_shop, queue, django_capture_on_commit_callbacks
):
    def down() -> None:
        raise ShopDownError

    fake_shop.before_answer = down
    with django_capture_on_commit_callbacks(execute=True):
        tasks.pull_resource(orders.pk)
    tasks.queue_due()
    assert queue.take() == []
    Cursor.objects.update(due_at=timezone.now())
    tasks.queue_due()
    assert queue.take() == [("pull_resource", [orders.pk])]


# --- the beat ---


def test_what_is_due_is_queued_once(orders, fake_connection, queue):
    not_yet = due_cursor(fake_connection, "stock", minutes_ago=-5)
    never = pulling.cursor_of(fake_connection, "customers")
    tasks.queue_due()
    tasks.queue_due()
    assert queue.take() == [("pull_resource", [orders.pk])]
    assert {not_yet.pk, never.pk}.isdisjoint(
        Cursor.objects.exclude(queued_at=None).values_list("pk", flat=True)
    )


def test_the_run_of_a_dead_worker_is_queued_when_its_lease_has_expired(orders, queue):
    leases.claim(orders.pk)  # and dies
    tasks.queue_due()
    assert queue.take() == []
    Cursor.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.queue_due()
    assert queue.take() == [("pull_resource", [orders.pk])]


def test_a_task_that_the_queue_lost_is_queued_again(orders, queue, settings):
    tasks.queue_due()
    queue.take()  # lost
    again = timedelta(seconds=settings.PULL_QUEUE_AGAIN_SECONDS)
    Cursor.objects.update(queued_at=timezone.now() - again + timedelta(minutes=1))
    tasks.queue_due()
    assert queue.take() == []
    Cursor.objects.update(queued_at=timezone.now() - again)
    tasks.queue_due()
    assert queue.take() == [("pull_resource", [orders.pk])]


def test_a_queue_that_cannot_be_reached_leaves_no_mark(orders, monkeypatch):
    def refuse(*args: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.pull_resource, "delay", refuse)
    with pytest.raises(ConnectionError):
        tasks.queue_due()
    orders.refresh_from_db()
    assert orders.queued_at is None


@pytest.fixture
def three_shops(fake_connection: Connection) -> list[Connection]:
    others = [
        Connection.objects.create(
            tenant=uuid.uuid4(), platform="fake", config=FakeConnector.opens(FakeShop())
        )
        for _ in range(2)
    ]
    return [fake_connection, *others]


def test_every_shop_has_its_turn_before_any_shop_has_a_second(three_shops, queue):
    names = ("orders", "products", "stock", "customers")
    due = {
        (at, name): due_cursor(shop, name, minutes_ago=100 - 30 * at - number).pk
        for at, shop in enumerate(three_shops)
        for number, name in enumerate(names)
    }
    tasks.queue_due()
    queued = [arguments[0] for _name, arguments in queue.take()]
    # Two readers per shop; the longest due first.
    assert queued == [
        due[0, "orders"], due[1, "orders"], due[2, "orders"],
        due[0, "products"], due[1, "products"], due[2, "products"],
    ]  # fmt: skip


def test_the_beat_queues_a_bounded_batch(three_shops, queue, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    for shop in three_shops:
        due_cursor(shop, "orders")
    tasks.queue_due()
    assert len(queue.take()) == 2
    tasks.queue_due()
    assert len(queue.take()) == 1


def test_a_shop_is_read_by_two_at_most(orders, fake_connection, queue, settings):
    others = [due_cursor(fake_connection, name) for name in ("stock", "customers")]
    held = [leases.claim(cursor.pk) for cursor in others]
    tasks.pull_resource(orders.pk)
    assert PullRun.objects.count() == 0
    assert held[0] is not None
    leases.release(held[0])
    Cursor.objects.filter(pk=others[0].pk).update(due_at=None)
    tasks.pull_resource(orders.pk)
    assert PullRun.objects.get().cursor_id == orders.pk


def test_a_shops_resources_take_turns(
    orders, fake_connection, fake_shop, queue, settings, django_capture_on_commit_callbacks
):
    settings.PULL_READERS = 1
    customers = due_cursor(fake_connection, "customers", minutes_ago=0.5)
    order, waiting = [], [orders.pk]
    for _ in range(4):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.pull_resource(waiting[0])
        order.append(waiting[0])
        waiting = [arguments[0] for _name, arguments in queue.take()]
    assert order == [orders.pk, customers.pk, orders.pk, customers.pk]


# --- a whole connection, and checks ---


def test_a_connection_is_pulled_resource_by_resource(
    fake_connection, fake_shop, queue, django_capture_on_commit_callbacks
):
    fake_shop.scopes = ["fr", "en"]
    with django_capture_on_commit_callbacks(execute=True):
        tasks.pull_connection(str(fake_connection.pk))
    found = {(c.resource, c.scope): c for c in Cursor.objects.order_by("pk")}
    assert list(found) == [
        ("orders", ""), ("products", "fr"), ("products", "en"), ("stock", ""), ("customers", ""),
    ]  # fmt: skip
    assert all(cursor.due_at for cursor in found.values())
    first_two = [found["orders", ""].pk, found["products", "fr"].pk]
    assert queue.take() == [("pull_resource", [pk]) for pk in first_two]


def test_the_beat_asks_silent_shops_for_a_sign_of_life(fake_connection, queue):
    fake_connection.learn(None)
    Connection.objects.update(proved_at=timezone.now() - timedelta(days=2))
    tasks.queue_due()
    assert queue.take() == [("prove_connection", [str(fake_connection.pk)])]
    tasks.queue_due()
    assert queue.take() == []


def test_a_connection_that_cannot_be_opened_is_not_pulled(fake_connection, monkeypatch, queue):
    monkeypatch.setattr(FakeConnector, "secret_names", ("key",))
    tasks.pull_connection(str(fake_connection.pk))
    assert (Cursor.objects.count(), queue.take()) == (0, [])
    fake_connection.refresh_from_db()
    assert fake_connection.health == "failing"


def test_a_shop_that_cannot_say_what_it_has_is_asked_again(
    fake_connection, monkeypatch, queue, settings, django_capture_on_commit_callbacks
):
    def fail(*_args: object) -> list[str]:
        raise ShopDownError

    known = str(fake_connection.pk)
    settings.PULL_ATTEMPTS, settings.PULL_RETRY_SECONDS = 2, 0
    monkeypatch.setattr(FakeConnector, "scopes", fail)
    for failures in (0, 1):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.pull_connection(known, failures)
        assert queue.take() == [("pull_connection", [known, failures + 1])]
    with django_capture_on_commit_callbacks(execute=True):
        tasks.pull_connection(known, 2)
    assert (Cursor.objects.count(), queue.take()) == (0, [])


def test_the_task_of_a_check_tests_every_line(fake_connection):
    check = checking.start(fake_connection)
    tasks.check_connection(check.pk)
    check.refresh_from_db()
    assert check.finished_at is not None
    assert set(check.lines.values_list("status", flat=True)) == {"ready"}


def test_the_first_good_check_begins_the_first_pull_and_no_later_one(
    fake_connection, queue, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_connection(checking.start(fake_connection).pk)
    cursors = Cursor.objects.filter(connection=fake_connection)
    assert cursors.exclude(due_at=None).count() == cursors.count() > 0
    assert queue.take() != []
    cursors.update(due_at=None, queued_at=None)
    PullRun.objects.create(cursor=cursors[0], until=timezone.now(), state=PullRun.State.DONE)
    tasks.check_connection(checking.start(fake_connection).pk)
    assert not cursors.exclude(due_at=None).exists()
    assert queue.take() == []


def test_a_check_that_found_something_missing_begins_no_pull(fake_connection, fake_shop, queue):
    fake_shop.refusals["orders"] = PermissionMissingError(path="x", permission="x")
    tasks.check_connection(checking.start(fake_connection).pk)
    assert not Cursor.objects.exists()
    # What was missing was given: one line is tested again, and that is enough.
    del fake_shop.refusals["orders"]
    tasks.check_connection(checking.start_again(fake_connection, "orders").pk)
    assert Cursor.objects.filter(connection=fake_connection).exclude(due_at=None).exists()


def test_the_names_in_the_schedule_are_those_of_the_tasks(settings):
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks


# --- one huge shop beside fifty small ones ---


def tasks_until_done(queue: "Queue", small: list[Cursor], execute) -> list[int]:
    """Run the queue in its order, the beat every ten tasks; after how many tasks each small shop is done."""
    waiting, ran, done = [], 0, {}
    done_runs = PullRun.objects.filter(state=PullRun.State.DONE)
    before = {one.pk: done_runs.filter(cursor=one).count() for one in small}
    while len(done) < len(small):
        if ran % 10 == 0 or not waiting:
            tasks.queue_due()
        waiting += queue.take()
        _name, (cursor_id,) = waiting.pop(0)
        with execute(execute=True):
            tasks.pull_resource(cursor_id)
        ran += 1
        if done_runs.filter(cursor=cursor_id).count() > before.get(cursor_id, ran):
            done[cursor_id] = ran
        assert ran < 1000
    return sorted(done.values())


@pytest.mark.parametrize("huge_is_first", [True, False])
def test_fifty_small_shops_are_not_held_up_by_a_huge_one(
    fake_connection, fake_shop, queue, huge_is_first, django_capture_on_commit_callbacks
):
    small = []
    for number in range(50):
        shop = FakeShop()
        shop.put(1, "v", timezone.now() - timedelta(hours=1))
        connection = Connection.objects.create(
            tenant=uuid.uuid4(), platform="fake", config=FakeConnector.opens(shop)
        )
        small.append(due_cursor(connection, "orders", minutes_ago=10 + number))
    alone = tasks_until_done(queue, small, django_capture_on_commit_callbacks)
    Cursor.objects.update(due_at=timezone.now() - timedelta(minutes=5), position_at=None)
    for id in range(1, 601):
        fake_shop.put(id, f"v{id}", timezone.now() - timedelta(minutes=1000 - id))
    for name in ("orders", "customers"):
        due_cursor(fake_connection, name, minutes_ago=60 if huge_is_first else 1)
    beside = tasks_until_done(queue, small, django_capture_on_commit_callbacks)
    assert beside[25] <= 2 * alone[25]
    assert beside[-1] <= 2 * alone[-1]
    assert PullRun.objects.filter(cursor__connection=fake_connection, pages__gte=1).exists()

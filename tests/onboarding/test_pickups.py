"""When files are looked for, and what is said of those that do not come: rules, without a server."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.core import mail as outbox

from connectors import pickup, samples, sshkeys, tasks
from connectors.datasets import RETURNS
from connectors.fileserver import ServerHungUpError
from connectors.models import Connection, ReceivedFile
from connectors.receiving import receive
from kleep_portal import redaction
from onboarding import file_tasks, missing_files, pickups, services
from onboarding.models import Event, FileSource, Mail, Shop
from onboarding.services import files
from tests.onboarding.conftest import World

PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        (
            "2026-01-15T01:00",
            "UTC",
            "2026-01-15T02:00",
        ),  # the window begins before the hour is over
        ("2026-01-15T02:00", "UTC", "2026-01-15T02:15"),
        ("2026-01-15T07:50", "UTC", "2026-01-15T08:05"),
        ("2026-01-15T08:00", "UTC", "2026-01-15T09:00"),
        ("2026-01-15T01:30", PARIS, "2026-01-15T01:45"),  # 02:30 in Paris
        ("2026-07-15T00:30", PARIS, "2026-07-15T00:45"),  # summer time
        ("2026-01-15T00:30", PARIS, "2026-01-15T01:00"),
        ("2026-01-14T17:30", "Asia/Tokyo", "2026-01-14T17:45"),
    ],
)
def test_looks_are_frequent_in_the_window_of_the_shops_own_time(
    now: str, zone: str, expected: str
) -> None:
    at, then = (datetime.fromisoformat(f"{text}+00:00") for text in (now, expected))
    assert pickups.next_look(at, zone) == then


def test_the_next_file_is_expected_when_the_window_begins() -> None:
    now = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)
    assert pickups.next_window(now, "UTC") == datetime(2026, 1, 16, 2, tzinfo=UTC)
    assert pickups.next_window(now, PARIS) == datetime(2026, 1, 16, 1, tzinfo=UTC)


def _came(shop: Shop, at: datetime, name: str) -> ReceivedFile:
    """A file that came by SFTP then, taken."""
    assert shop.connection is not None
    with time_machine.travel(at, tick=False):
        file = receive(
            shop.connection,
            name=name,
            stream=BytesIO(samples.sample(RETURNS).encode()),
            origin=ReceivedFile.Origin.SFTP,
            shop=shop.slug,
            dataset="returns",
        )
        files.queue_file(file, policy="good_rows")
        tasks.take_file(str(file.pk))
    return file


@pytest.fixture
def source(world: World) -> FileSource:
    shop = services.create_shop(world.merchant, "Lyon", by=None)
    services.choose_platform(shop, "other", by=None)
    shop.refresh_from_db()
    shop.connection = files.target_of(shop)
    source = files.choose_way(shop, FileSource.Way.KLEEP, by=None)
    FileSource.objects.update(looked_at=datetime(2026, 1, 15, tzinfo=UTC), time_zone="UTC")
    source.refresh_from_db()
    return source


@pytest.mark.django_db(transaction=True)
def test_a_file_that_does_not_come_is_told_once_to_whoever_can_mend_it(
    world: World, source: FileSource
) -> None:
    last = datetime(2026, 1, 14, 3, tzinfo=UTC)
    _came(source.shop, last, "returns_2026-01-14T02-00-00.csv")
    nights = [
        (datetime(2026, 1, 15, 3, tzinfo=UTC), 0),  # the next one is not late yet
        (datetime(2026, 1, 15, 7, 59, tzinfo=UTC), 0),
        (datetime(2026, 1, 15, 8, 1, tzinfo=UTC), 1),
        (datetime(2026, 1, 15, 9, tzinfo=UTC), 1),
        (datetime(2026, 1, 18, 9, tzinfo=UTC), 1),
    ]
    for now, told in nights:
        with time_machine.travel(now, tick=False):
            missing_files.tell()
        assert Event.objects.filter(kind="file_missing").count() == told, now
    people = set(Mail.objects.filter(kind="file_missing").values_list("to", flat=True))
    assert people == {"owner@maison.example", "developer@maison.example"}
    # It came again, and was missed again: that is another incident.
    _came(source.shop, datetime(2026, 1, 19, 3, tzinfo=UTC), "returns_2026-01-19T02-00-00.csv")
    with time_machine.travel(datetime(2026, 1, 21, 9, tzinfo=UTC), tick=False):
        missing_files.tell()
    assert Event.objects.filter(kind="file_missing").count() == 2


@pytest.mark.django_db
def test_a_file_that_never_came_is_a_task_and_not_missed(source: FileSource) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 9, tzinfo=UTC), tick=False):
        missing_files.tell()
    assert Event.objects.filter(kind="file_missing").count() == 0
    assert outbox.outbox == []


@pytest.mark.django_db
def test_what_is_due_is_queued_and_a_dead_worker_keeps_a_shop_for_minutes_only(
    source: FileSource, monkeypatch
) -> None:
    queued: list[int] = []
    monkeypatch.setattr(file_tasks.pick_up, "delay", queued.append)
    file_tasks.queue_pickups()
    assert queued == [source.pk]
    file_tasks.queue_pickups()  # no second task while the first one waits
    assert queued == [source.pk]
    assert pickups.claim(source.pk) is not None
    file_tasks.queue_pickups()
    assert queued == [source.pk]
    with time_machine.travel(datetime.now(UTC) + pickups.HELD + timedelta(seconds=1)):
        file_tasks.queue_pickups()
    assert queued == [source.pk, source.pk]


@pytest.mark.django_db(transaction=True)
def test_of_more_shops_than_one_turn_holds_each_has_its_turn(
    world: World, source: FileSource, monkeypatch
) -> None:
    other = FileSource.objects.create(
        shop=world.shop, way=FileSource.Way.OWN, looked_at=datetime(2026, 1, 15, tzinfo=UTC)
    )
    asked: list[FileSource] = []
    monkeypatch.setattr(missing_files, "missing", lambda one: asked.append(one) or [])
    monkeypatch.setattr(missing_files, "BATCH", 1)
    for _ in range(4):
        missing_files.tell()
    assert asked[:2] in ([source, other], [other, source])
    assert asked[2:] == asked[:2]


def test_the_key_of_the_pick_up_is_never_written(settings, tmp_path) -> None:
    pair = sshkeys.make_pair("pickup")
    file = tmp_path / "pickup_key"
    file.write_text(pair.private)
    settings.SFTP_HOST, settings.SFTP_HOST_KEY = "files.kleep.example", pair.public.line
    settings.SFTP_KEY_FILE = str(file)
    pickups.kleeps_server().close()
    assert pair.private.strip() not in redaction.scrub(f"could not load {pair.private}")


@pytest.mark.django_db
def test_a_server_that_is_not_set_up_is_said_and_tried_again(source: FileSource) -> None:
    file_tasks.pick_up(source.pk)
    source.refresh_from_db()
    assert source.error == "sftp_not_ready"
    assert source.due_at is not None
    assert source.lease_until is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_cut", [True, False], ids=["cut", "killed"])
def test_what_came_before_a_cut_or_a_kill_is_taken_all_the_same(
    source: FileSource, monkeypatch, is_cut: bool
) -> None:
    queued: list[str] = []
    monkeypatch.setattr(tasks.take_file, "delay", queued.append)

    def come(target: Connection) -> ReceivedFile:
        return receive(
            target,
            name="returns_2026-01-15T02-00-00.csv",
            stream=BytesIO(samples.sample(RETURNS).encode()),
            origin=ReceivedFile.Origin.SFTP,
            shop=source.shop.slug,
            dataset="returns",
        )

    def look(_source: FileSource, target: Connection) -> pickup.Look:
        if is_cut:
            come(target)
            raise ServerHungUpError(host="files.maison.example")
        return pickup.Look()

    if not is_cut:  # after it was received, before it was queued
        assert source.shop.connection is not None
        come(source.shop.connection)
    monkeypatch.setattr(pickups, "look", look)
    file_tasks.pick_up(source.pk)
    file = ReceivedFile.objects.get()
    assert file.due_at is not None
    assert queued == [str(file.pk)]
    file_tasks.pick_up(source.pk)
    assert queued == [str(file.pk)]
    assert Event.objects.filter(kind="file_received").count() == 1

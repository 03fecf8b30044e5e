"""One message per incident: when it begins, when it is over, and nothing in between."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.models import Circuit, Connection, Cursor, PullRun
from onboarding import tasks
from onboarding.models import Event, Incident, Mail, Webhook
from tests.onboarding.conftest import World
from tests.onboarding.test_incidents import mend, refuse

pytestmark = pytest.mark.django_db

KINDS = [
    *("connection_broken", "connection_recovered"),
    *("pull_failed", "pull_recovered", "pull_held"),
]


@pytest.fixture(autouse=True)
def webhook(world: World) -> Webhook:
    return Webhook.objects.create(name="chat", origin="https://chat.example", events=KINDS)


def told() -> list[str]:
    """What the webhook was told, in turn; each of them is one event of the shop."""
    kinds = list(Mail.objects.exclude(webhook=None).order_by("pk").values_list("kind", flat=True))
    recorded = Event.objects.filter(kind__in=KINDS).order_by("pk")
    assert list(recorded.values_list("kind", flat=True)) == kinds
    return kinds


def beats() -> None:
    for _beat in range(3):
        tasks.tell_of_connections()


def test_a_connection_is_told_once_when_it_breaks_and_once_when_it_works(world: World) -> None:
    for incident in (1, 2):
        refuse(world)
        beats()
        refuse(world, times=5)
        beats()
        Connection.objects.update(health=Connection.Health.UNKNOWN)  # asked again, no answer yet
        Circuit.objects.update(refusals=0)
        beats()
        assert told() == (incident * KINDS[:2])[:-1]
        mend(world)
        beats()
        assert told() == incident * KINDS[:2]
    assert Incident.objects.filter(ended_at=None).count() == 0


def test_a_connection_that_was_replaced_is_not_said_to_work_again(world: World) -> None:
    refuse(world)
    beats()
    world.shop.connection = Connection.objects.create(
        tenant=world.merchant.pk, platform="magento", health="working"
    )
    world.shop.save(update_fields=["connection"])
    beats()
    assert told() == ["connection_broken"]
    assert Incident.objects.get().ended_at is not None


def test_a_pull_is_told_when_it_failed_for_good_and_when_it_came_to_its_end(world: World) -> None:
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    run = PullRun.objects.create(cursor=cursor, until=timezone.now(), state="failed")
    beats()
    assert told() == ["pull_failed"]
    PullRun.objects.update(state="running")  # the next day it is tried again, the same run
    beats()
    PullRun.objects.update(state="failed", finished_at=timezone.now())
    beats()
    assert told() == ["pull_failed"]
    later = timezone.now() + timedelta(minutes=1)
    PullRun.objects.filter(pk=run.pk).update(state="done", finished_at=later)
    beats()
    assert told() == ["pull_failed", "pull_recovered"]


def test_of_a_connection_that_is_broken_no_pull_is_told_beside_it(world: World) -> None:
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    PullRun.objects.create(cursor=cursor, until=timezone.now(), state="failed")
    refuse(world)
    beats()
    assert told() == ["connection_broken"]


def test_a_pull_that_is_held_is_told_once(world: World) -> None:
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    PullRun.objects.create(cursor=cursor, until=timezone.now(), state="held")
    beats()
    assert told() == ["pull_held"]
    PullRun.objects.update(state="done", finished_at=timezone.now())
    beats()
    assert told() == ["pull_held"]
    assert Incident.objects.get().ended_at is not None


def test_a_shop_that_is_paused_on_purpose_is_no_incident(world: World) -> None:
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    PullRun.objects.create(cursor=cursor, until=timezone.now(), state="failed")
    refuse(world)
    Connection.objects.update(paused_at=timezone.now())
    beats()
    assert told() == []

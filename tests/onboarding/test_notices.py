"""What stands in the way of a shop's data by itself is said in plain words, with what to do."""

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connectors.models import Circuit, Connection, Cursor, PullRun
from onboarding import notices, phases
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db


def _page(client: Client, name: str, world: World) -> str:
    answer = client.get(reverse(name, args=[world.shop.slug]))
    return html.unescape(answer.content.decode())


def _run(world: World, state: str, **values: object) -> PullRun:
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    return PullRun.objects.create(cursor=cursor, until=timezone.now(), state=state, **values)


def test_a_shop_that_goes_well_has_none(client: Client, world: World) -> None:
    assert notices.of(world.shop) == []
    assert "no longer accepts" not in _page(client, "shop", world)


def test_refused_credentials_lead_to_the_form(client: Client, world: World) -> None:
    Connection.objects.update(health=Connection.Health.FAILING)
    world.shop.refresh_from_db()
    shown = _page(client, "shop", world)
    assert "Your shop no longer accepts Kleep's credentials." in shown
    assert f'href="/shops/{world.shop.slug}/access">Enter new credentials' in shown
    task = phases.next_task(phases.tasks(world.shop))
    assert task is not None
    assert (task.key, task.state) == ("access", phases.State.PROBLEM)
    # Who may not enter them is not sent there.
    assert "Enter new credentials</a>" not in _page(world.client("viewer"), "shop", world)


def test_a_shop_that_is_left_alone_says_when_it_is_tried_again(
    client: Client, world: World
) -> None:
    at = timezone.now().replace(hour=14, minute=5)
    Circuit.objects.create(connection=world.connection, opened_at=at, try_at=at, failures=3)
    _run(world, PullRun.State.RUNNING)
    for name in ("shop", "pull"):
        shown = _page(client, name, world)
        assert "Your shop does not answer Kleep." in shown
        assert "We try again at 14:05\u00a0UTC" in shown
    task = {task.key: task for task in phases.tasks(world.shop)}["pull"]
    assert (task.state, task.fact) == (phases.State.WORKING, "Your shop does not answer")


def test_another_days_time_names_its_day() -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    assert notices.clock(tomorrow) == f"{tomorrow.day} {tomorrow:%B, %H:%M}\u00a0UTC"


def test_a_held_pull_says_how_much_came_and_that_kleep_looks(client: Client, world: World) -> None:
    _run(world, PullRun.State.HELD, error="held", params={"now": 40, "before": 1000})
    shown = _page(client, "pull", world)
    assert "Much less came than before: Orders." in shown
    assert "40 instead of 1000." in shown
    assert "One part is held." in shown
    task = {task.key: task for task in phases.tasks(world.shop)}["pull"]
    assert (task.state, task.waiting_on) == (phases.State.PROBLEM, phases.Party.KLEEP)


def test_a_paused_shop_says_so(client: Client, world: World) -> None:
    Connection.objects.update(paused_at=timezone.now())
    world.shop.refresh_from_db()
    assert "Kleep has paused the reading of your shop." in _page(client, "shop", world)


@pytest.mark.parametrize(("days", "expected"), [(364, ""), (400, "13 months old")])
def test_old_credentials_are_to_be_renewed(
    client: Client, world: World, days: int, expected: str
) -> None:
    Connection.objects.update(secrets_set_at=timezone.now() - timedelta(days=days))
    shown = _page(client, "access", world)
    assert (expected in shown) if expected else ("months old" not in shown)

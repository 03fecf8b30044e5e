"""A connection that breaks is told once, and its end only to whoever was told of the break."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.models import Circuit, Connection
from onboarding import incidents, letters, tasks
from onboarding.models import Mail, Membership
from tests.onboarding.conftest import World


def refuse(world: World, times: int = 3) -> None:
    Circuit.objects.update_or_create(connection=world.connection, defaults={"refusals": times})
    Connection.objects.update(health=Connection.Health.FAILING)


def mend(world: World) -> None:
    Circuit.objects.update(refusals=0, opened_at=None)
    Connection.objects.update(health=Connection.Health.WORKING)


def told() -> list[tuple[str, str]]:
    return sorted(Mail.objects.values_list("kind", "to"))


BROKEN = [(incidents.BROKEN, f"{who}@maison.example") for who in ("developer", "owner")]
RECOVERED = [(incidents.RECOVERED, address) for _kind, address in BROKEN]


def test_whoever_can_mend_it_is_told_once_and_when_it_works_again(world: World) -> None:
    refuse(world)
    for _beat in range(3):
        tasks.tell_of_connections()
    assert told() == BROKEN
    message = letters.message(Mail.objects.get(to="owner@maison.example"))
    assert "has refused Kleep's access" in message.body
    assert f"/shops/{world.shop.slug}/check" in message.body
    mend(world)
    for _beat in range(3):
        tasks.tell_of_connections()
    assert told() == BROKEN + RECOVERED


def test_a_second_incident_is_told_again(world: World) -> None:
    for _incident in range(2):
        refuse(world)
        incidents.tell()
        mend(world)
        incidents.tell()
    assert told() == sorted(2 * (BROKEN + RECOVERED))


def test_what_nobody_was_told_of_is_not_said_to_be_over(world: World) -> None:
    refuse(world, times=2)
    incidents.tell()
    mend(world)
    incidents.tell()
    assert told() == []


@pytest.mark.parametrize(("hours", "is_told"), [(23, False), (25, True)])
def test_a_shop_that_is_silent_is_told_after_a_day(world: World, hours: int, is_told: bool) -> None:
    Circuit.objects.create(
        connection=world.connection, opened_at=timezone.now() - timedelta(hours=hours)
    )
    incidents.tell()
    assert told() == (BROKEN if is_told else [])
    if is_told:
        assert "has not answered Kleep for a day" in letters.message(Mail.objects.first()).body  # type: ignore[arg-type]


def test_a_pause_is_no_incident(world: World) -> None:
    refuse(world)
    Connection.objects.update(paused_at=timezone.now())
    incidents.tell()
    assert told() == []


def test_who_has_left_hears_nothing_more(world: World) -> None:
    refuse(world)
    incidents.tell()
    Membership.objects.filter(user=world.people["developer"]).delete()
    mend(world)
    incidents.tell()
    assert told() == sorted([*BROKEN, (incidents.RECOVERED, "owner@maison.example")])

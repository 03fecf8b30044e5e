"""The log of events: append-only, chained, and whoever rewrites it from outside is found out."""

import json
from pathlib import Path

import pytest
from django.db import connection as database
from django.db import transaction

from onboarding import audit, services
from onboarding.models import Event, Merchant, Shop
from onboarding.models.events import AppendOnlyError
from tests.commands import run
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(world: World) -> Shop:
    """Its merchant has five more events, all of them sealed."""
    for number in range(4):
        services.record(world.shop, "data_exported", by=None, format="csv", number=number)
    services.record(world.merchant, "merchant_created", by=None)
    return world.shop


def _flaws(merchant: Merchant) -> list[tuple[int | None, str]]:
    return [(flaw.position, flaw.what) for flaw in audit.flaws(merchant)]


def _sql(statement: str, *values: object) -> None:
    """As somebody with access to the database would do it."""
    with database.cursor() as cursor:
        cursor.execute(statement, values)


def _last(shop: Shop, back: int = 0) -> Event:
    return audit.Events.filter(merchant=shop.merchant_id).order_by("-position")[back]


def test_every_event_is_sealed_as_soon_as_it_is_committed(shop: Shop) -> None:
    events = list(audit.Events.filter(merchant=shop.merchant_id).order_by("position"))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert len({event.chained for event in events}) == len(events) >= 5
    assert _flaws(shop.merchant) == []


def test_an_event_that_is_rolled_back_leaves_no_gap(shop: Shop) -> None:
    with transaction.atomic():
        services.record(shop, "pull_started", by=None)
        transaction.set_rollback(True)
    services.record(shop, "pull_started", by=None)
    assert _flaws(shop.merchant) == []


def test_the_portal_itself_cannot_rewrite_history(shop: Shop) -> None:
    event, before = _last(shop), Event.objects.count()
    for attempt in (
        lambda: Event.objects.filter(pk=event.pk).update(kind="x"),
        lambda: Event.objects.filter(pk=event.pk).delete(),
        lambda: shop.events.update(kind="x"),
        event.save,
    ):
        with pytest.raises(AppendOnlyError):
            attempt()
    event.refresh_from_db()
    assert (event.kind, Event.objects.count()) == ("merchant_created", before)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "approved"),
        ("data", '{"format": "parquet"}'),
        ("actor_key", "person 1"),
        ("shop_slug", "another"),
        ("at", "2020-01-01 00:00:00+00:00"),
    ],
)
def test_a_changed_event_is_found_out(shop: Shop, column: str, value: str) -> None:
    event = _last(shop, 2)
    _sql(f"UPDATE onboarding_event SET {column} = %s WHERE id = %s", value, event.pk)
    assert _flaws(shop.merchant) == [(event.position, "it was changed after it was sealed")]


def test_a_changed_event_with_a_digest_to_match_is_found_out(shop: Shop) -> None:
    event = _last(shop, 2)
    event.kind = "approved"
    values = (event.kind, audit.digest_of(event), event.pk)
    _sql("UPDATE onboarding_event SET kind = %s, digest = %s WHERE id = %s", *values)
    assert _flaws(shop.merchant) == [(event.position, "it does not follow from the one before it")]


def test_a_removed_event_is_found_out(shop: Shop) -> None:
    event = _last(shop, 1)
    _sql("DELETE FROM onboarding_event WHERE id = %s", event.pk)
    position = event.position or 0
    assert _flaws(shop.merchant) == [
        (position + 1, f"the events from {position} to {position} are gone")
    ]


def test_an_event_whose_data_was_taken_without_an_erasure_is_found_out(shop: Shop) -> None:
    event = _last(shop, 3)
    _sql(
        "UPDATE onboarding_event SET data = '{}', erased_at = at WHERE id = %s",
        event.pk,
    )
    assert _flaws(shop.merchant) == [(event.position, "its data is gone, and no erasure says so")]


def test_what_a_crash_left_unsealed_is_sealed_later(shop: Shop) -> None:
    event = services.record(shop, "pull_started", by=None)
    audit.Events.filter(pk=event.pk).update(position=None, digest="", chained="")
    assert _flaws(shop.merchant) == [(None, "1 events are not sealed yet")]
    assert audit.seal_leftovers() == 1
    assert _flaws(shop.merchant) == []


def test_a_person_who_is_gone_does_not_break_the_chain(shop: Shop, world: World) -> None:
    owner = world.people["owner"]
    services.record(shop, "pull_started", by=owner)
    owner.delete()
    assert _flaws(shop.merchant) == []


def test_the_command_verifies_exports_and_fails_where_something_was_rewritten(
    shop: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"
    done = run("audit", "--export", str(file))
    assert (done.code, done.out.strip()) == (0, f"{Merchant.objects.count()} chains are whole.")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    mine = [line for line in lines if line["merchant"] == str(shop.merchant_id)]
    assert [line["position"] for line in mine] == list(range(1, len(mine) + 1))
    assert mine[-2]["data"] == {"format": "csv", "number": 3}
    _sql("UPDATE onboarding_event SET kind = 'x' WHERE id = %s", _last(shop).pk)
    done = run("audit", "--merchant", shop.merchant.name)
    assert done.code == 1
    assert "it was changed after it was sealed" in done.err
    assert run("audit", "--merchant", "Nobody").code == 1


def test_an_export_that_cannot_be_written_is_said_in_one_line(shop: Shop, tmp_path: Path) -> None:
    there = tmp_path / "events"
    there.write_text("an earlier one")
    for file, said in ((there, "is there already"), (tmp_path / "none" / "x", "Cannot write")):
        done = run("audit", "--export", str(file))
        assert (done.code, len(done.err.strip().splitlines())) == (1, 1)
        assert said in done.err
    assert there.read_text() == "an earlier one"

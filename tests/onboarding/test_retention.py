"""What is past its time goes, what is not stays, and 0 keeps for ever."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.models import TABLES, Check, Cursor, PullRun, SeenPage
from onboarding import retention
from onboarding.models import Invitation, Mail
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def _order(world: World, line: str, days: int) -> None:
    TABLES["orders"].objects.create(
        connection=world.connection,
        line_id=line,
        order_id=line,
        order_date=NOW - timedelta(days=days),
        seen_at=NOW,
    )


def _returned(world: World, line: str, days: int) -> None:
    TABLES["returns"].objects.create(
        connection=world.connection,
        return_id=line,
        line_id=line,
        return_date=NOW - timedelta(days=days),
        seen_at=NOW,
    )


def _lines(name: str) -> set[str]:
    return set(TABLES[name].objects.values_list("line_id", flat=True))


def test_orders_and_returns_go_after_their_months(world: World, settings: Any) -> None:
    settings.KEEP_ORDERS_MONTHS = 12
    for line, days in (("old", 370), ("young", 360), ("undated", 0)):
        _order(world, line, days)
        _returned(world, line, days)
    TABLES["orders"].objects.filter(line_id="undated").update(order_date=None)
    removed = retention.apply(NOW)
    assert removed == {
        "order lines, by the date of the order": 1,
        "returned lines, by the date of the return": 1,
    }
    assert _lines("orders") == _lines("returns") == {"young", "undated"}


def test_zero_keeps_for_ever(world: World, settings: Any) -> None:
    for name in ("ORDERS_MONTHS", "HISTORY_DAYS", "IDLE_RUNS_DAYS", "MAILS_DAYS"):
        setattr(settings, f"KEEP_{name}", 0)
    _order(world, "ancient", 9_000)
    assert retention.apply(NOW) == {}
    assert _lines("orders") == {"ancient"}


def _run(cursor: Cursor, days: int, **values: Any) -> str:
    """One that was over so many days ago; its name in `detail`."""
    values = {"state": "done", "detail": f"{days}", **values}
    at = NOW - timedelta(days=days)
    return PullRun.objects.create(cursor=cursor, until=at, finished_at=at, **values).detail


def test_runs_that_changed_nothing_go_sooner(world: World, settings: Any) -> None:
    settings.KEEP_HISTORY_DAYS, settings.KEEP_IDLE_RUNS_DAYS = 100, 10
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    other = Cursor.objects.create(connection=world.connection, resource="products")
    _run(cursor, 101, created=5)
    _run(cursor, 90, fetched=40, unchanged=40)
    stay = {
        _run(cursor, 80, detail="brought one", created=1),
        _run(cursor, 70, detail="newest whole one", kind="whole", fetched=900),
        _run(cursor, 60, detail="failed", state="failed"),
    }
    _run(cursor, 11)
    stay |= {_run(cursor, 9, detail="young"), _run(other, 50, detail="only one")}
    assert retention.apply(NOW) == {
        "runs of pulls but the newest": 1,
        "of them those that changed nothing": 2,
    }
    assert set(PullRun.objects.values_list("detail", flat=True)) == stay


def test_many_go_in_batches_with_what_belongs_to_them(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEEP_HISTORY_DAYS = 10
    monkeypatch.setattr(retention, "BATCH", 3)
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    for number in range(8):
        _run(cursor, 50 - number, state="failed", created=1)
    for run in PullRun.objects.all():
        SeenPage.objects.create(run=run, rows=[1])
    assert retention.apply(NOW) == {"runs of pulls but the newest": 7}
    assert PullRun.objects.get().detail == "43"
    assert SeenPage.objects.get().run.detail == "43"


def test_the_newest_check_and_run_stay_however_old_they_are(world: World, settings: Any) -> None:
    settings.KEEP_HISTORY_DAYS = 10
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    for age in (50, 40, 30):
        old = NOW - timedelta(days=age)
        check = Check.objects.create(connection=world.connection, finished_at=old)
        Check.objects.filter(pk=check.pk).update(started_at=old)
        PullRun.objects.create(cursor=cursor, until=old, finished_at=old, state="done")
    newest = (Check.objects.order_by("-pk")[0].pk, PullRun.objects.order_by("-pk")[0].pk)
    assert retention.apply(NOW) == {"checks but the newest": 2, "runs of pulls but the newest": 2}
    assert (Check.objects.get().pk, PullRun.objects.get().pk) == newest


def test_a_run_that_is_held_for_a_person_stays(world: World, settings: Any) -> None:
    settings.KEEP_HISTORY_DAYS = 10
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    old = NOW - timedelta(days=20)
    PullRun.objects.create(cursor=cursor, until=old, finished_at=old, state="held")
    PullRun.objects.create(cursor=cursor, until=NOW, finished_at=NOW, state="done")
    assert retention.apply(NOW) == {}


def test_mails_and_invitations_go_when_they_are_over(world: World, settings: Any) -> None:
    settings.KEEP_MAILS_DAYS = 30
    old, young = NOW - timedelta(days=31), NOW - timedelta(days=29)
    for sent in (old, young, None):
        Mail.objects.create(kind="x", to="a@b.example", language="en", sent_at=sent)
    for made in (old, young):
        failed = Mail.objects.create(kind="x", to="a@b.example", language="en", given_up_at=made)
        Mail.objects.filter(pk=failed.pk).update(created_at=made)
    for expires in (old, young):
        Invitation.objects.create(merchant=world.merchant, email="a@b.example", expires_at=expires)
    assert retention.apply(NOW) == {
        "messages that were sent or given up": 2,
        "invitations that are over": 1,
    }
    left = set(Mail.objects.values_list("sent_at", "given_up_at"))
    assert left == {(young, None), (None, None), (None, young)}

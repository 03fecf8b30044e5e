"""What is past its time goes, what is not stays, and 0 keeps for ever."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.models import TABLES, Check, Cursor, PullRun
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
    settings.KEEP_ORDERS_MONTHS = settings.KEEP_HISTORY_DAYS = settings.KEEP_MAILS_DAYS = 0
    _order(world, "ancient", 9_000)
    assert retention.apply(NOW) == {}
    assert _lines("orders") == {"ancient"}


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

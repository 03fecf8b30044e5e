"""When a message may arrive: digests, quiet hours, and what is sent together."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail as outbox
from django.db import connection
from django.utils import timezone

from onboarding import delivery, mail, services, tasks, timing
from onboarding.models import Mail, MailChoice, Shop, Webhook
from onboarding.services import notifications
from tests.onboarding.conftest import World
from tests.onboarding.receiver import Receiver, receiving
from tests.onboarding.test_webhooks import happens, run, saved

NIGHT = (time(20), time(7, 30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("pace", "quiet", "since", "goes"),
    [
        ("now", None, "2026-03-10 12:34", "2026-03-10 12:34"),
        ("now", NIGHT, "2026-03-10 12:34", "2026-03-10 12:34"),
        # Paris is an hour ahead of UTC in winter, two in summer.
        ("now", NIGHT, "2026-03-10 18:59", "2026-03-10 18:59"),
        ("now", NIGHT, "2026-03-10 19:00", "2026-03-11 06:30"),
        ("now", NIGHT, "2026-03-11 03:00", "2026-03-11 06:30"),
        ("now", NIGHT, "2026-07-10 18:00", "2026-07-11 05:30"),
        ("now", (time(12), time(14)), "2026-03-10 12:00", "2026-03-10 13:00"),
        # The night in which the clocks go forward.
        ("now", NIGHT, "2026-03-28 23:00", "2026-03-29 05:30"),
        ("hourly", None, "2026-03-10 12:34", "2026-03-10 13:00"),
        ("hourly", NIGHT, "2026-03-10 18:34", "2026-03-11 06:30"),
        ("daily", None, "2026-03-10 06:59", "2026-03-10 07:00"),
        ("daily", None, "2026-03-10 07:00", "2026-03-11 07:00"),
        ("daily", (time(22), time(9)), "2026-03-10 12:00", "2026-03-11 08:00"),
    ],
)
def test_the_first_moment(
    pace: str, quiet: tuple[time, time] | None, since: str, goes: str
) -> None:
    begins, ends = quiet or (None, None)
    choice = Webhook(pace=pace, quiet_from=begins, quiet_to=ends, time_zone="Europe/Paris")
    moment = at(since)
    assert timing.earliest(choice, since=moment, now=moment, may_gather=True) == at(goes)
    assert timing.earliest(choice, since=moment, now=at(goes), may_gather=True) == at(goes)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as mine:
        yield mine


def test_in_quiet_hours_messages_wait_and_none_is_lost(world: World, receiver: Receiver) -> None:
    quiet = {"quiet_from": time(20), "quiet_to": time(7), "time_zone": "UTC"}
    saved(world, receiver.url, **quiet)
    with time_machine.travel(at("2026-03-10 23:00"), tick=False) as clock:
        for kind in ("page_broken", "page_recovered"):
            happens(world, kind)
        run()
        clock.move_to(at("2026-03-11 06:59"))
        run()
        assert receiver.posts == []
        assert set(Mail.objects.values_list("attempts", "due_at")) == {(0, at("2026-03-11 07:00"))}
        clock.move_to(at("2026-03-11 07:00"))
        run()
    assert [post.document["event"] for post in receiver.posts] == ["page_broken", "page_recovered"]


def test_a_digest_is_one_document_and_stays_the_same_when_it_is_tried_again(
    world: World, receiver: Receiver
) -> None:
    _webhook, secret = saved(world, receiver.url, pace="daily", time_zone="UTC")
    receiver.answers = [(500, {}, b"")]
    with time_machine.travel(at("2026-03-10 10:00"), tick=False) as clock:
        for kind in ("page_broken", "page_recovered", "golive_undone"):
            happens(world, kind)
            run()
            clock.shift(timedelta(minutes=1))
        assert receiver.posts == []
        clock.move_to(at("2026-03-11 08:00"))
        run()
        assert len(receiver.posts) == 1
        happens(world, "file_missing")
        clock.shift(timedelta(minutes=2))
        run()
        assert len(receiver.posts) == 2
        run()
        clock.move_to(at("2026-03-12 08:00"))
        run()
    first, again, next_day = receiver.posts
    assert [one["event"] for one in first.document["messages"]] == [
        "page_broken",
        "page_recovered",
        "golive_undone",
    ]
    assert first.document["event"] == "digest"
    assert first.document["text"] == "Kleep onboarding: 3 messages"
    assert first.number == again.number == first.document["id"]
    assert first.document["messages"] == again.document["messages"]
    assert (next_day.document["event"], next_day.number != first.number) == ("file_missing", True)
    assert [post.is_signed_with(secret) for post in receiver.posts] == [True] * 3
    assert not delivery.open_ones().exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_meet_at_a_digest_send_it_once(world: World, receiver: Receiver) -> None:
    saved(world, receiver.url, pace="daily", time_zone="UTC")
    for _number in range(6):
        happens(world)
    Mail.objects.update(created_at=timezone.now() - timedelta(days=2))

    def work(pk: int) -> None:
        tasks.send_mail(pk)
        connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, list(Mail.objects.values_list("pk", flat=True))))
    [post] = receiver.posts
    assert len(post.document["messages"]) == 6
    assert set(Mail.objects.values_list("attempts", "status")) == {(1, 200)}


def test_an_invitation_waits_for_no_digest(world: World) -> None:
    person = world.people["manager"]
    MailChoice.objects.create(user=person, pace="daily")
    services.invite(world.merchant, email=person.email, by=world.people["owner"])
    mail.send("mentioned", to=person, shop=world.shop, who="Ada")
    run()
    assert [sent.to for sent in outbox.outbox] == [[person.email]]
    assert Mail.objects.get(sent_at=None).kind == "mentioned"


def test_another_choice_holds_for_what_waits_already(world: World, receiver: Receiver) -> None:
    webhook, _secret = saved(world, receiver.url, pace="daily", time_zone="UTC")
    happens(world)
    run()
    assert receiver.posts == []
    notifications.save_webhook(webhook, {"pace": "now"}, url="", by=world.people["manager"])
    run()
    assert len(receiver.posts) == 1


def in_charge(world: World) -> None:
    Shop.objects.filter(pk=world.shop.pk).update(owner=world.people["manager"])
    world.shop.refresh_from_db()


def test_who_is_in_charge_is_told_by_e_mail_but_not_of_what_they_did(world: World) -> None:
    in_charge(world)
    happens(world, "golive_confirmed")
    services.record(world.shop, "golive_approved", by=world.people["manager"])
    run()
    [sent] = outbox.outbox
    assert sent.to == ["manager@kleep.example"]
    assert sent.subject == "Paris: The merchant confirmed the checklist"
    assert f"/console/shops/{world.shop.slug}/golive" in str(sent.body)


def test_the_digest_of_a_person_names_everything_and_where_it_is(world: World) -> None:
    in_charge(world)
    person = world.people["manager"]
    choice = {"pace": "daily", "quiet_from": None, "quiet_to": None, "time_zone": "UTC"}
    notifications.save_mail_choice(person, choice)
    with time_machine.travel(at("2026-03-10 10:00"), tick=False) as clock:
        happens(world, "golive_confirmed")
        mail.send("mentioned", to=person, shop=world.shop, who="Ada <Lovelace>")
        mail.send("approved", to=world.people["owner"], shop=world.shop)
        run()
        assert [sent.to for sent in outbox.outbox] == [["owner@maison.example"]]
        clock.move_to(at("2026-03-11 08:00"))
        run()
        run()
    [_other, sent] = outbox.outbox
    assert (sent.to, sent.subject) == ([person.email], "Kleep onboarding: 2 messages")
    text = str(sent.body)
    assert "Paris: The merchant confirmed the checklist (10 Mar 10:00 UTC)" in text
    assert "Ada <Lovelace> mentioned you: Paris" in text
    assert text.count(f"http://127.0.0.1:8000/console/shops/{world.shop.slug}/golive") == 1
    page = str(sent.alternatives[0].content)  # type: ignore[attr-defined]
    assert "Ada &lt;Lovelace&gt; mentioned you: Paris" in page
    assert page.count('<a href="http') == 3
    assert not delivery.open_ones().exists()


def test_the_quiet_hours_of_a_person_hold_for_e_mails_of_every_kind(world: World) -> None:
    person = world.people["manager"]
    quiet = {"pace": "now", "quiet_from": time(20), "quiet_to": time(7), "time_zone": "UTC"}
    MailChoice.objects.create(user=person, **quiet)
    with time_machine.travel(at("2026-03-10 22:00"), tick=False) as clock:
        mail.send("mentioned", to=person, shop=world.shop, who="Ada")
        run()
        assert outbox.outbox == []
        clock.move_to(at("2026-03-11 07:00"))
        run()
    assert [sent.to for sent in outbox.outbox] == [[person.email]]


def test_a_choice_of_somebody_who_left_kleep_holds_nothing_up(world: World) -> None:
    person = world.people["owner"]
    MailChoice.objects.create(user=person, pace="daily")
    mail.send("approved", to=person, shop=world.shop)
    run()
    assert len(outbox.outbox) == 1

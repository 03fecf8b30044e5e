"""The console's pages of notifications: who changes what, tests at once, the log, and no secret anywhere."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from onboarding import delivery, mail, services, tasks
from onboarding.models import Mail, MailChoice, Webhook
from tests.onboarding.conftest import World
from tests.onboarding.receiver import Receiver, receiving
from tests.onboarding.test_webhooks import CHAT, saved
from tests.planted import (
    Planted,
    broker_dump,
    database_dump,
    everything_logged,
    forget_all_tasks,
)

pytestmark = pytest.mark.django_db

TIMING = {"pace": "now", "quiet_from": "", "quiet_to": "", "time_zone": "UTC"}
FORM = {
    "name": "#onboarding",
    "kind": "slack",
    "events": ["page_broken", "golive_confirmed"],
    "language": "fr",
    **TIMING,
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as mine:
        yield mine


@pytest.fixture
def manager(world: World) -> Client:
    return world.client("manager")


def test_a_manager_adds_a_chat_and_nobody_sees_its_address(
    world: World, manager: Client, receiver: Receiver
) -> None:
    added = manager.post(reverse("webhook_new"), {**FORM, "url": f"{receiver.url}{CHAT}"})
    webhook = Webhook.objects.get()
    assert (added.status_code, added["Location"]) == (302, reverse("webhook", args=[webhook.pk]))
    assert (webhook.origin, webhook.kind, webhook.language) == (receiver.url, "slack", "fr")
    assert (webhook.events, webhook.saved_by) == (FORM["events"], "manager@kleep.example")
    for page in (reverse("notifications"), added["Location"]):
        shown = manager.get(page).content.decode()
        assert f"{receiver.url}/…" in shown
        assert "T0123ABCD" not in shown
    read = world.client("support").get(reverse("notifications")).content.decode()
    assert "#onboarding" in read
    assert added["Location"] not in read


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"url": "http://chat.example/hook1234567890"}, "must begin with https://"),
        ({"url": "https://user:hook1234567890@chat.example/"}, "Remove the user name"),
        ({"url": "chat.example/hook1234567890"}, "is not a web address"),
        ({"url": ""}, "required"),
        ({"events": []}, "required"),
        ({"quiet_from": "20:00"}, "a beginning and an end"),
        ({"quiet_from": "20:00", "quiet_to": "20:00"}, "all day"),
        ({"time_zone": "Mars/Olympus"}, "not one of the available choices"),
        ({"name": "taken"}, "There is one of this name already."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    world: World, manager: Client, changed: dict[str, Any], word: str
) -> None:
    Webhook.objects.create(name="taken", origin="https://chat.example")
    given = {**FORM, "url": "https://chat.example/hook1234567890", **changed}
    answer = manager.post(reverse("webhook_new"), given)
    assert answer.status_code == 200
    assert word in answer.content.decode()
    assert "hook1234567890" not in answer.content.decode()
    assert Webhook.objects.count() == 1


def test_the_signing_secret_is_shown_once(
    world: World, manager: Client, receiver: Receiver
) -> None:
    given = {**FORM, "kind": "generic", "url": receiver.url}
    answer = manager.post(reverse("webhook_new"), given)
    [secret] = set(re.findall(r"whsec_[\w+/=]+", answer.content.decode()))
    assert "no-store" in answer["Cache-Control"]
    webhook = Webhook.objects.get()
    page = reverse("webhook", args=[webhook.pk])
    assert "whsec_" not in manager.get(page).content.decode()
    manager.post(reverse("webhook_test", args=[webhook.pk]))
    assert receiver.posts[0].is_signed_with(secret)
    renewed = manager.post(reverse("webhook_secret", args=[webhook.pk])).content.decode()
    [another] = set(re.findall(r"whsec_[\w+/=]+", renewed))
    manager.post(reverse("webhook_test", args=[webhook.pk]))
    assert receiver.posts[1].is_signed_with(another)
    assert another != secret


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, {}, b"ok"), ["It arrived: HTTP 200", "ok"]),
        ((404, {}, b"no_service"), ["It did not arrive.", "HTTP 404", "no_service"]),
        ((410, {}, b"gone"), ["It did not arrive.", "HTTP 410", "was switched off"]),
        ((302, {"Location": "/elsewhere"}, b""), ["It did not arrive.", "is not followed"]),
    ],
)
def test_a_test_is_a_real_message_and_says_at_once_what_came_of_it(
    world: World, manager: Client, receiver: Receiver, answer: Any, words: list[str]
) -> None:
    webhook, secret = saved(world, receiver.url, pace="daily")
    receiver.answers = [answer]
    page = manager.post(reverse("webhook_test", args=[webhook.pk]), follow=True)
    [post] = receiver.posts
    assert (post.document["event"], post.is_signed_with(secret)) == ("test", True)
    assert "asked for by manager@kleep.example" in post.document["text"]
    shown = page.content.decode()
    assert [word for word in words if word not in shown] == []
    assert not delivery.open_ones().exists()  # it is not tried again behind their back


def test_a_test_of_an_address_where_nobody_is_says_so(world: World, manager: Client) -> None:
    with receiving() as gone:
        webhook, _secret = saved(world, gone.url)
    page = manager.post(reverse("webhook_test", args=[webhook.pk]), follow=True)
    assert "Nothing answered at the address in time." in page.content.decode()


def test_switched_off_it_is_told_nothing_and_switched_on_what_happens_then(
    world: World, manager: Client, receiver: Receiver
) -> None:
    webhook, _secret = saved(world, receiver.url)
    switch = reverse("webhook_switch", args=[webhook.pk])
    manager.post(switch, {"on": "no"})
    services.record(world.shop, "page_broken", by=None)
    assert Mail.objects.count() == 0
    manager.post(switch, {"on": "yes"})
    services.record(world.shop, "page_broken", by=None)
    tasks.send_mail(Mail.objects.get().pk)
    assert len(receiver.posts) == 1
    manager.post(reverse("webhook_remove", args=[webhook.pk]))
    assert (Webhook.objects.count(), Mail.objects.count()) == (0, 0)


def test_staff_choose_when_their_own_e_mails_come(world: World) -> None:
    support = world.client("support")
    page = reverse("mail_choice")
    given = {"pace": "daily", "quiet_from": "20:00", "quiet_to": "07:00", "time_zone": "UTC"}
    assert support.post(page, given).status_code == 302
    choice = MailChoice.objects.get()
    assert (choice.user, choice.pace) == (world.people["support"], "daily")
    refused = support.post(page, {**given, "quiet_to": ""}).content.decode()
    assert "Quiet hours need a beginning and an end." in refused
    choice.refresh_from_db()
    assert f"{choice.quiet_to}" == "07:00:00"
    assert 'value="20:00"' in support.get(reverse("notifications")).content.decode()


def test_the_log_says_what_to_whom_when_and_with_what_result(
    world: World, manager: Client, receiver: Receiver
) -> None:
    saved(world, receiver.url)
    receiver.answers = [(500, {}, b"oops <b>")]
    services.record(world.shop, "page_broken", by=None)
    mail.send("mentioned", to=world.people["support"], shop=world.shop, who="Ada")
    for pk in Mail.objects.values_list("pk", flat=True):
        tasks.send_mail(pk)
    page = reverse("message_log")
    shown = manager.get(page).content.decode()
    for word in (
        *("A product page of the live shop broke", "A program", "oops &lt;b&gt;"),
        *("It did not take the message.", "Mentioned in a note", "support@kleep.example"),
    ):
        assert word in shown, word
    states = {"waiting": ["page_broken"], "sent": ["mentioned"], "failed": [], "x": None}
    for state, kinds in states.items():
        rows = manager.get(page, {"state": state}).context["rows"]
        assert kinds is None or [row["mail"].kind for row in rows] == kinds
    again = reverse("message_again", args=[Mail.objects.get(kind="mentioned").pk])
    assert again in shown
    assert again not in world.client("support").get(page).content.decode()
    manager.post(again)
    tasks.send_mail(Mail.objects.get(kind="mentioned").pk)
    assert len(outbox.outbox) == 2


def test_the_log_goes_on_where_the_page_before_ended_with_a_fixed_number_of_queries(
    world: World, manager: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for size in (3, 60):
        for _number in range(size):
            mail.send("task_waiting", to=world.people["owner"], shop=world.shop, task="x")
        with django_assert_max_num_queries(15) as queries:
            page = manager.get(reverse("message_log"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(page.context["rows"]) == 50
    rest = manager.get(reverse("message_log"), {"before": page.context["older"]})
    assert (len(rest.context["rows"]), rest.context["older"]) == (13, None)
    assert manager.get(reverse("message_log"), {"before": "9" * 40}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_address_and_secret_are_in_no_page_log_queue_table_or_task(
    world: World, receiver: Receiver
) -> None:
    forget_all_tasks()
    manager = world.client("manager")
    with everything_logged() as logged:
        given = {**FORM, "kind": "generic", "url": f"{receiver.url}{CHAT}"}
        made = manager.post(reverse("webhook_new"), given).content.decode()
        secret = re.findall(r"whsec_[\w+/=]+", made)[0]
        planted = Planted({"path": CHAT.rpartition("/")[2], "secret": secret[6:]})
        webhook = Webhook.objects.get()
        receiver.answers = [(500, {}, f"no hook at {CHAT} for {secret}".encode())]
        services.record(world.shop, "page_broken", by=None)
        tasks.send_mail(Mail.objects.get().pk)
        manager.post(reverse("webhook_test", args=[webhook.pk]))
        pages = [
            manager.get(reverse(name, args=args)).content
            for name, args in (
                *(("notifications", []), ("message_log", [])),
                ("webhook", [webhook.pk]),
            )
        ]
    assert len(receiver.posts) == 2
    assert [planted.found_in(page) for page in pages] == [set()] * 3
    assert planted.found_in(logged.getvalue()) == set()
    assert planted.found_in(database_dump()) == set()
    dump = broker_dump()
    assert b"onboarding.tasks.send_mail" in dump
    assert planted.found_in(dump) == set()

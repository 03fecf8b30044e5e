"""E-mails: in both languages, text and HTML alike; sent once, after the commit, ids alone in the queue."""

import html
import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail as outbox
from django.db import transaction
from django.utils import timezone, translation

from onboarding import delivery, letters, links, mail, services, tasks
from onboarding.models import HandOff, Invitation, Mail, User
from tests.onboarding.conftest import World

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# What the kinds say beside the shop and the person.
SAYS: dict[str, dict[str, Any]] = {
    "task_waiting": {"task": "Give Kleep access to your Magento"},
    "sent_back": {"task": "Check and go live", "reason": "The button covers the price <here>."},
    "connection_broken": {"refused": True, "path": "/shops/maison-paris/check"},
    "undone": {"reason": "The <here> button covers the price."},
    "notice": {"event": "golive_confirmed", "path": "/console/shops/maison-paris/golive"},
}


def recipient(kind: str, world: World, language: str) -> User | Invitation | HandOff:
    to: User | Invitation | HandOff = world.people["owner"]
    if kind == "invitation":
        to = Invitation(merchant=world.merchant, email="ada@maison.example")
        to.created_by = world.people["owner"]
    elif kind == "handed_off":
        to = world.link("holder of access")
    to.language = language
    to.save()
    return to


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", mail.KINDS)
def test_text_and_html_say_the_same_in_the_language_of_the_recipient(
    world: World, kind: str, language: str
) -> None:
    noted = mail.send(
        kind, to=recipient(kind, world, language), shop=world.shop, **SAYS.get(kind, {})
    )
    assert noted is not None
    with translation.override("en" if language == "fr" else "fr"):  # of whoever asked for it
        made = letters.message(noted)
    page = str(made.alternatives[0].content)
    shown = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    paragraphs = [" ".join(part.split()) for part in str(made.body).split("\n\n") if part.strip()]
    assert len(paragraphs) >= 4
    assert [part for part in paragraphs if part not in shown] == []
    assert f'<html lang="{language}">' in page
    assert ("Bonjour" in shown) is (language == "fr")
    addresses = re.findall(r"http://\S+", str(made.body))
    assert len(addresses) == 1
    assert f'href="{addresses[0]}"' in page
    assert made.from_email == settings.DEFAULT_FROM_EMAIL
    assert "Maison" in made.subject or "Paris" in made.subject
    assert "<here>" not in page


def test_every_kind_has_its_templates_and_every_template_a_kind() -> None:
    files = {path.name for path in (settings.BASE_DIR / "templates/email").iterdir()}
    shared = {"base.html", "base.txt", "_button.html"}
    endings = ("subject.txt", "txt", "html")
    kinds = (*mail.KINDS, "digest")  # of several, which is no kind of its own
    assert files - shared == {f"{kind}.{ending}" for kind in kinds for ending in endings}


def test_a_kind_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(mail.UnknownKindError):
        mail.send("greeting", to=world.people["owner"])
    assert not Mail.objects.exists()


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the tasks were called with."""
    seen: list[Any] = []
    monkeypatch.setattr(tasks.send_mail, "delay", lambda *args, **more: seen.append((args, more)))
    return seen


@pytest.mark.django_db(transaction=True)
def test_what_is_queued_is_an_id_and_only_after_the_commit(world: World, queued: list[Any]) -> None:
    with transaction.atomic():
        services.invite(world.merchant, email="ada@maison.example", by=world.people["owner"])
        assert queued == []
    assert queued == [((Mail.objects.get().pk,), {})]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_of_what_was_rolled_back(world: World, queued: list[Any]) -> None:
    with transaction.atomic():
        services.invite(world.merchant, email="ada@maison.example", by=world.people["owner"])
        transaction.set_rollback(True)
    assert queued == []
    assert not Mail.objects.exists()


def waiting(world: World, once: str = "") -> Mail | None:
    to = world.people["owner"]
    return mail.send("task_waiting", to=to, shop=world.shop, once=once, task="x")


def test_a_repeated_task_sends_nothing_twice(world: World) -> None:
    noted = waiting(world)
    assert noted
    tasks.send_mail(noted.pk)
    tasks.send_mail(noted.pk)
    assert len(outbox.outbox) == 1
    noted.refresh_from_db()
    assert noted.sent_at is not None


def test_one_incident_is_mailed_once_to_each_person(world: World) -> None:
    assert waiting(world, once="incident 1") is not None
    assert waiting(world, once="incident 1") is None
    assert waiting(world, once="incident 2") is not None
    assert Mail.objects.count() == 2


def test_what_the_mail_server_refuses_is_tried_again_and_not_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = waiting(world)
    assert noted

    def refuse(self: outbox.EmailMessage) -> int:
        raise SMTPServerDisconnected("gone")

    with monkeypatch.context() as broken, time_machine.travel(timezone.now(), tick=False) as clock:
        broken.setattr(outbox.EmailMessage, "send", refuse)
        for attempt in range(1, delivery.ATTEMPTS + 3):
            for mail_id in delivery.due().values_list("pk", flat=True):
                tasks.send_mail(mail_id)
            noted.refresh_from_db()
            assert noted.attempts == min(attempt, delivery.ATTEMPTS)
            assert not delivery.due().exists()  # not at once
            clock.shift(timedelta(days=1))
    assert noted.sent_at is None
    assert outbox.outbox == []


@pytest.mark.django_db(transaction=True)
def test_without_a_queue_the_mail_waits_for_the_beat(world: World, no_queue: None) -> None:
    services.invite(world.merchant, email="ada@maison.example", by=world.people["owner"])
    assert list(delivery.due()) == [Mail.objects.get()]
    assert delivery.to_queue(10) == [Mail.objects.get().pk]


def test_the_beat_queues_a_mail_once_while_no_worker_takes_it(
    world: World, queued: list[Any]
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        noted = waiting(world)
        assert noted
        for _minute in range(20):  # its own task is in the queue, and then that of the beat
            clock.shift(timedelta(minutes=1))
            tasks.send_due_mails()
        assert queued == [((noted.pk,), {})]
        Mail.objects.update(due_at=timezone.now())  # a worker tried, and it is due again
        tasks.send_due_mails()
        tasks.send_due_mails()
    assert len(queued) == 2


def test_a_mail_leads_to_where_the_portal_is(world: World, settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example"
    link = world.link("holder of access")
    noted = mail.send("handed_off", to=link, shop=world.shop)
    assert noted
    assert f"https://portal.example/hand-off/{links.token(link)}" in letters.message(noted).body

"""Webhooks: signed, once, again where they fail, and never where they must not go."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.utils import timezone

from connectors import rotation
from connectors.http import Limits
from kleep_portal import crypto
from onboarding import alerts, delivery, services, tasks, webhooks
from onboarding.models import Event, Mail, Webhook
from onboarding.services import notifications
from tests.onboarding.conftest import World
from tests.onboarding.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CHAT = "/services/T0123ABCD/B0456EFGH/xX9yY8zZ7wW6vV5uU4tT3sS2"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as mine:
        yield mine


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Limits(
        connect=2,
        read=1,
        total=5,
        max_bytes=65_536,
        max_decompressed_bytes=65_536,
        max_redirects=0,
    )
    monkeypatch.setattr(webhooks, "LIMITS", quick)


def saved(world: World, url: str, **values: Any) -> tuple[Webhook, str]:
    """A webhook that wants everything, and its signing secret."""
    given = {"name": "A program", "kind": "generic", "events": list(alerts.KINDS), **values}
    webhook = Webhook()
    secret = notifications.save_webhook(webhook, given, url=url, by=world.people["manager"])
    return webhook, secret


def happens(world: World, kind: str = "page_broken") -> Event:
    return services.record(world.shop, kind, by=None)


def run() -> None:
    """What the workers do with what is due now."""
    for pk in list(delivery.due().order_by("pk").values_list("pk", flat=True)):
        tasks.send_mail(pk)


def test_a_program_gets_a_signed_document_once(world: World, receiver: Receiver) -> None:
    _webhook, secret = saved(world, f"{receiver.url}/hook")
    event = happens(world)
    run()
    run()
    [post] = receiver.posts
    mail = Mail.objects.get()
    assert mail.batch is not None
    assert (post.path, post.headers["content-type"]) == ("/hook", "application/json")
    assert post.document == {
        "id": f"msg_{mail.batch.hex}",
        "event": "page_broken",
        "at": event.at.isoformat(),
        "text": "A product page of the live shop broke",
        "shop": {"slug": world.shop.slug, "name": "Paris"},
        "merchant": {"id": str(world.merchant.pk), "name": "Maison"},
        "url": f"http://127.0.0.1:8000/console/shops/{world.shop.slug}",
    }
    assert post.number == post.document["id"]
    assert post.is_signed_with(secret)
    assert not post.is_signed_with(webhooks.new_secret())
    assert (mail.status, mail.answer, mail.error, mail.attempts) == (200, "ok", "", 1)
    assert mail.sent_at is not None


def test_the_sample_of_the_documentation_verifies_what_we_send(
    world: World, receiver: Receiver, settings: Any
) -> None:
    page = (settings.BASE_DIR / "docs" / "webhooks.md").read_text(encoding="utf-8")
    made: dict[str, Any] = {}
    exec(
        page.partition("```python\n")[2].partition("```")[0], made
    )  # the sample is what is under test
    _webhook, secret = saved(world, receiver.url)
    happens(world)
    run()
    [post] = receiver.posts
    assert made["is_ours"](post.headers, post.body, secret) is True
    assert made["is_ours"](post.headers, post.body + b" ", secret) is False
    old = {**post.headers, "webhook-timestamp": "1700000000"}
    assert made["is_ours"](old, post.body, secret) is False


def test_a_chat_gets_a_text_in_its_language_and_nobody_is_called_by_a_name(
    world: World, receiver: Receiver
) -> None:
    saved(world, f"{receiver.url}{CHAT}", kind="slack", language="fr")
    world.shop.name = "<!channel> & co"
    world.shop.save(update_fields=["name"])
    with time_machine.travel(NOON, tick=False):
        happens(world, "golive_verified")
        run()
    [post] = receiver.posts
    assert post.path == CHAT
    assert post.document == {
        "text": "*&lt;!channel&gt; &amp; co · Maison*: La production est vérifiée\u00a0: la boutique est"
        f" en ligne (2026-03-10 12:00 UTC) <http://127.0.0.1:8000/console/shops/{world.shop.slug}"
        "/golive|Ouvrir la boutique>"
    }
    assert not {name for name in post.headers if name.startswith("webhook-")}


def test_only_what_is_wanted_is_told(world: World, receiver: Receiver) -> None:
    saved(world, receiver.url, events=["page_broken"])
    happens(world, "page_recovered")
    happens(world, "check_started")
    run()
    assert receiver.posts == []
    happens(world)
    run()
    assert len(receiver.posts) == 1


def test_what_fails_is_tried_again_later_under_the_same_number(
    world: World, receiver: Receiver
) -> None:
    _webhook, secret = saved(world, receiver.url)
    receiver.answers = [(500, {}, b"oops"), (503, {}, b"")]
    with time_machine.travel(NOON, tick=False) as clock:
        happens(world)
        for attempt, status, minutes in ((1, 500, 1), (2, 503, 2), (3, 200, 0)):
            run()
            run()  # not before its time
            assert len(receiver.posts) == attempt
            mail = Mail.objects.get()
            assert (mail.status, mail.attempts) == (status, attempt)
            if minutes:
                assert mail.due_at == timezone.now() + timedelta(minutes=minutes)
                assert (mail.error, mail.sent_at) == ("status", None)
                clock.shift(timedelta(minutes=minutes))
    assert len({post.number for post in receiver.posts}) == 1
    assert len({post.headers["webhook-timestamp"] for post in receiver.posts}) == 3
    assert [post.is_signed_with(secret) for post in receiver.posts] == [True] * 3
    assert (mail.error, mail.sent_at) == ("", NOON + timedelta(minutes=3))


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("900", timedelta(minutes=15)),
        (format_datetime(NOON + timedelta(minutes=20), usegmt=True), timedelta(minutes=20)),
        ("999999", delivery.LONGEST_WAIT),
        ("1", delivery.FIRST_WAIT),
        ("soon", delivery.FIRST_WAIT),
    ],
)
def test_a_receiver_that_wants_us_to_wait_is_heard_within_bounds(
    world: World, receiver: Receiver, asked: str, waits: timedelta
) -> None:
    saved(world, receiver.url)
    receiver.answers = [(429, {"Retry-After": asked}, b"")]
    with time_machine.travel(NOON, tick=False):
        happens(world)
        run()
    mail = Mail.objects.get()
    assert (mail.status, mail.due_at) == (429, NOON + waits)


def test_after_the_last_attempt_it_is_given_up(world: World, receiver: Receiver) -> None:
    saved(world, receiver.url)
    receiver.answers = [(500, {}, b"")] * 20
    with time_machine.travel(NOON, tick=False) as clock:
        happens(world)
        for _day in range(delivery.ATTEMPTS + 3):
            run()
            clock.shift(timedelta(days=1))
    mail = Mail.objects.get()
    assert len(receiver.posts) == mail.attempts == delivery.ATTEMPTS
    assert mail.given_up_at is not None
    assert delivery.failed_ones().get() == mail
    assert not delivery.open_ones().exists()


def test_a_target_that_is_gone_is_switched_off_and_told_nothing_more(
    world: World, receiver: Receiver
) -> None:
    webhook, _secret = saved(world, receiver.url)
    receiver.answers = [(410, {}, b"archived")]
    happens(world)
    happens(world, "page_recovered")
    run()
    happens(world)
    run()
    webhook.refresh_from_db()
    assert webhook.off == "gone"
    assert len(receiver.posts) == 1
    assert list(Mail.objects.order_by("pk").values_list("error", "attempts")) == [
        ("gone", 1),
        ("switched_off", 1),
    ]
    assert not delivery.open_ones().exists()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(world: World, receiver: Receiver, status: int) -> None:
    saved(world, receiver.url)
    with receiving() as elsewhere:
        receiver.answers = [(status, {"Location": f"{receiver.url}/moved"}, b"")]
        happens(world)
        run()
        assert Mail.objects.get().error == "redirect"
        Mail.objects.update(due_at=timezone.now())
        receiver.answers = [(status, {"Location": f"{elsewhere.url}/moved"}, b"")]
        run()
        assert elsewhere.posts == []
    assert len(receiver.posts) == 2
    assert list(Mail.objects.values_list("error", "sent_at")) == [("redirect", None)]


def test_who_does_not_answer_in_time_is_not_waited_for(world: World, receiver: Receiver) -> None:
    saved(world, receiver.url)
    receiver.answers = ["hang"]
    happens(world)
    run()
    mail = Mail.objects.get()
    assert (mail.error, mail.answer, mail.given_up_at) == ("silent", "read_timeout", None)


def test_an_answer_without_end_is_read_to_a_limit_and_not_asked_for_again(
    world: World, receiver: Receiver
) -> None:
    saved(world, receiver.url)
    receiver.answers = [(200, {}, b"x" * 3_000_000)]
    happens(world)
    run()
    mail = Mail.objects.get()
    assert (mail.error, mail.answer) == ("too_large", "")
    assert mail.given_up_at is not None


def test_no_private_address_is_reached_in_production(
    world: World, receiver: Receiver, settings: Any
) -> None:
    saved(world, receiver.url)
    settings.ALLOW_PRIVATE_ADDRESSES = False
    for number, url in enumerate(("https://10.0.0.1/x", f"https://{receiver.url[7:]}/x")):
        saved(world, url, name=f"inside {number}")
    happens(world)
    run()
    assert receiver.posts == []
    found = Mail.objects.order_by("pk").values_list("error", "answer")
    assert sorted(found) == [
        ("address", "not_https"),
        ("address", "private_address"),
        ("address", "private_address"),
    ]


def test_a_message_that_two_workers_take_goes_out_once(world: World, receiver: Receiver) -> None:
    saved(world, receiver.url)
    happens(world)
    one, other = Mail.objects.get(), Mail.objects.get()
    assert delivery.deliver(one) is True
    assert delivery.deliver(other) is False
    assert len(receiver.posts) == 1


def test_an_address_that_does_not_open_is_said_and_does_not_hold_the_others_up(
    world: World, receiver: Receiver
) -> None:
    broken, _secret = saved(world, receiver.url)
    saved(world, receiver.url, name="another")
    Webhook.objects.filter(pk=broken.pk).update(sealed="gAAAAA")
    happens(world)
    run()
    assert len(receiver.posts) == 1
    assert Mail.objects.get(webhook=broken).error == "unreadable"


def test_an_empty_address_keeps_the_stored_one_and_the_secret(
    world: World, receiver: Receiver
) -> None:
    webhook, secret = saved(world, f"{receiver.url}/hook")
    manager = world.people["manager"]
    assert notifications.save_webhook(webhook, {"name": "Renamed"}, url="", by=manager) == ""
    happens(world)
    run()
    assert receiver.posts[0].is_signed_with(secret)


def test_a_secret_that_was_renewed_signs_for_a_day_beside_the_new_one(
    world: World, receiver: Receiver
) -> None:
    webhook, secret = saved(world, f"{receiver.url}/hook")
    manager = world.people["manager"]
    renewed = notifications.renew_secret(webhook, by=manager)
    assert notifications.save_webhook(webhook, {"name": "Renamed"}, url="", by=manager) == ""
    now = timezone.now()
    for hours in (0, 23.9, 24.1):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            happens(world)
            run()
    assert [post.is_signed_with(renewed) for post in receiver.posts] == [True] * 3
    assert [post.is_signed_with(secret) for post in receiver.posts] == [True, True, False]
    # Renewed twice, only the last one before is left.
    last = notifications.renew_secret(webhook, by=manager)
    assert webhooks.unseal(webhook).signing == [last, renewed]


def test_what_is_sealed_for_one_webhook_opens_at_no_other(world: World, receiver: Receiver) -> None:
    one, _secret = saved(world, receiver.url)
    other, _more = saved(world, receiver.url, name="another")
    other.sealed = one.sealed
    with pytest.raises(crypto.SealError):
        webhooks.unseal(other)


def test_a_rotation_of_the_keys_takes_webhooks_along(
    world: World, receiver: Receiver, settings: Any
) -> None:
    _webhook, secret = saved(world, receiver.url)
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    rotation.rotate()
    settings.ENCRYPTION_KEYS = [new]
    happens(world)
    run()
    assert receiver.posts[0].is_signed_with(secret)


def test_a_message_sent_again_keeps_its_number(world: World, receiver: Receiver) -> None:
    saved(world, receiver.url)
    happens(world)
    assert notifications.send_again(Mail.objects.get(), by=world.people["manager"]) is False
    run()
    assert notifications.send_again(Mail.objects.get(), by=world.people["manager"]) is True
    run()
    assert len(receiver.posts) == 2
    assert receiver.posts[0].number == receiver.posts[1].number
    assert Event.objects.get(kind="message_sent_again").actor == world.people["manager"]

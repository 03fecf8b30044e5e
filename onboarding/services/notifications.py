"""What staff change about notifications: webhooks, their own e-mails, tests, and what is sent again."""

import logging
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding import alerts, delivery, tasks, webhooks
from onboarding.models import Mail, MailChoice, User, Webhook
from onboarding.services.recording import record

logger = logging.getLogger(__name__)

TIMING = ("pace", "quiet_from", "quiet_to", "time_zone")


def save_webhook(webhook: Webhook, values: Mapping[str, Any], *, url: str, by: User) -> str:
    """Blank `url` keeps the stored one. The signing secret where a new one was made, to be shown once.

    Raises AddressError, and SealError where what is kept does not open.
    """
    for name, value in values.items():
        setattr(webhook, name, value)
    known = webhooks.Kept() if webhook._state.adding else webhooks.unseal(webhook)
    is_generic = webhook.kind == Webhook.Kind.GENERIC
    made = webhooks.new_secret() if is_generic and not known.secret else ""
    kept = webhooks.Kept(url=url or known.url)
    if is_generic:
        kept = kept._replace(secret=made or known.secret, before=known.before)
    webhook.origin = webhooks.origin(kept.url)
    webhook.sealed = webhooks.seal(webhook, kept)
    webhook.saved_by = by.email
    with transaction.atomic():
        webhook.save()
        _judge_anew(Mail.objects.filter(webhook=webhook))
    logger.info("webhook %s was saved by person %s", webhook.pk, by.pk)
    return made


def renew_secret(webhook: Webhook, *, by: User) -> str:
    """Another signing secret, to be shown once; the old one signs beside it for a day. Raises SealError."""
    kept = webhooks.unseal(webhook).renewed()
    webhook.sealed, webhook.saved_by = webhooks.seal(webhook, kept), by.email
    webhook.save(update_fields=["sealed", "saved_by", "saved_at"])
    logger.info("the secret of webhook %s was renewed by person %s", webhook.pk, by.pk)
    return kept.secret


def switch(webhook: Webhook, *, on: bool, by: User) -> None:
    """Off: it is told nothing more, also not what waits. On: what happens from now on."""
    webhook.off = "" if on else Webhook.Off.BY_HAND
    webhook.saved_by = by.email
    webhook.save(update_fields=["off", "saved_by", "saved_at"])
    logger.info("webhook %s: on is %s, by person %s", webhook.pk, on, by.pk)


def remove_webhook(webhook: Webhook, *, by: User) -> None:
    """With its messages."""
    logger.info("webhook %s was removed by person %s", webhook.pk, by.pk)
    webhook.delete()


def try_webhook(webhook: Webhook, *, by: User) -> Mail:
    """One message now, while somebody waits; it is tried once. What came of it."""
    mail = Mail.objects.create(
        kind=alerts.TEST,
        webhook=webhook,
        name=webhook.name,
        language=webhook.language,
        data={"who": str(by), "at": timezone.now().isoformat()},
    )
    delivery.deliver(mail)
    mail.refresh_from_db()
    return mail


def save_mail_choice(person: User, values: Mapping[str, Any]) -> None:
    with transaction.atomic():
        MailChoice.objects.update_or_create(user=person, defaults=dict(values))
        _judge_anew(Mail.objects.filter(webhook=None, to__iexact=person.email))


def _judge_anew(mails: Any) -> None:
    """What waited for another time may be due at once."""
    waiting = mails.filter(sent_at=None, given_up_at=None, batch=None)
    waiting.update(due_at=timezone.now())


def send_again(mail: Mail, *, by: User) -> bool:
    """One that was sent, or given up, is due at once; False where it waits anyway.

    A webhook knows it by the same number, unless it had come with others before.
    """
    if mail.sent_at is None and mail.given_up_at is None and mail.attempts < delivery.ATTEMPTS:
        return False
    was_alone = not Mail.objects.filter(batch=mail.batch).exclude(pk=mail.pk).exists()
    batch = mail.batch if mail.batch and was_alone else uuid.uuid4()
    again = {"sent_at": None, "given_up_at": None, "attempts": 0, "due_at": timezone.now()}
    with transaction.atomic():
        Mail.objects.filter(pk=mail.pk).update(**again, batch=batch, queued_at=timezone.now())
        about = mail.shop or mail.merchant
        if about is not None:
            record(about, "message_sent_again", by=by, message=mail.pk)
        transaction.on_commit(lambda: tasks.send_mail_soon(mail.pk))
    return True

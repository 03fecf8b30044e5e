"""The outbox: what is due, what waits for a digest or the end of quiet hours, and every attempt's outcome.

A message belongs to a batch from its first attempt on: alone, or with all that its recipient wants together.
A batch is claimed before it is handed to its channel, so that a repeated task sends nothing twice, and what
fails is due again a little later, the same batch under the same number.
"""

import logging
import uuid
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from onboarding import alerts, letters, timing, webhooks
from onboarding.models import Mail, MailChoice, Webhook
from onboarding.models.notifications import Timing
from onboarding.outcomes import Outcome

logger = logging.getLogger(__name__)

ATTEMPTS = 8
QUEUE_AGAIN_AFTER = timedelta(minutes=15)  # its task was lost with the queue
FIRST_WAIT = timedelta(minutes=1)  # before the second attempt; then 2, 4, 8 ... minutes
LONGEST_WAIT = timedelta(hours=6)  # whatever a receiver asks for
MOST_TOGETHER = 100  # messages of one digest; the rest makes another one


def due() -> QuerySet[Mail]:
    """Messages whose time has come: new ones, and those whose last attempt failed."""
    return open_ones().filter(due_at__lte=timezone.now())


def open_ones() -> QuerySet[Mail]:
    """Neither sent nor given up."""
    return Mail.objects.filter(sent_at=None, given_up_at=None, attempts__lt=ATTEMPTS)


def failed_ones() -> QuerySet[Mail]:
    """Given up, by decision or because the last attempt never ended."""
    return Mail.objects.filter(sent_at=None).exclude(given_up_at=None, attempts__lt=ATTEMPTS)


def to_queue(limit: int) -> list[int]:
    """Due messages that no task of the last minutes has in hand: marked; the caller queues them."""
    old = timezone.now() - QUEUE_AGAIN_AFTER
    # An attempt that failed is due again at a time of its own: its earlier task is over.
    waiting = due().filter(Q(queued_at=None) | Q(queued_at__lt=old) | Q(queued_at__lt=F("due_at")))
    found = list(waiting.order_by("due_at").values_list("pk", flat=True)[:limit])
    Mail.objects.filter(pk__in=found).update(queued_at=timezone.now())
    return found


def deliver(mail: Mail) -> bool:
    """Give it to its channel, with what goes together with it.

    False where it waits for its time, where another worker has it, and where it failed.
    """
    choice = _choice(mail)
    if choice is not None and _wait(mail, choice):
        return False
    parcel = _claim(mail, together=choice is not None and timing.gathers(choice))
    if not parcel:
        return False
    outcome = webhooks.post(parcel) if mail.webhook_id else _send(parcel)
    _note(parcel, outcome)
    return not outcome.error


def _choice(mail: Mail) -> Timing | None:
    """When the recipient wants it. Who asked for a test waits for it, and a link for its task."""
    if mail.kind == alerts.TEST or mail.invitation_id or mail.hand_off_id:
        return None
    if mail.webhook is not None:
        return mail.webhook
    staff = {"user__is_staff": True, "user__is_active": True}
    return MailChoice.objects.filter(user__email__iexact=mail.to, **staff).first()


def _wait(mail: Mail, choice: Timing) -> bool:
    now = timezone.now()
    is_new = mail.batch is None
    until = timing.earliest(choice, since=mail.created_at, now=now, may_gather=is_new)
    if until <= now:
        return False
    mine = due().filter(pk=mail.pk) if is_new else due().filter(batch=mail.batch)
    mine.filter(attempts=mail.attempts).update(due_at=until)
    return True


def _claim(mail: Mail, *, together: bool) -> list[Mail]:
    """The batch, if nobody else has it; another attempt of it has begun."""
    if mail.batch is None:
        mail.batch = _gather(mail, together=together)
    again_at = timezone.now() + FIRST_WAIT * 2**mail.attempts
    with transaction.atomic():
        mine = open_ones().filter(batch=mail.batch, attempts=mail.attempts)
        if not due().filter(pk=mail.pk, batch=mail.batch, attempts=mail.attempts).exists():
            return []
        if not mine.update(due_at=again_at, attempts=F("attempts") + 1):
            return []
        mine_now = Mail.objects.filter(batch=mail.batch, attempts=mail.attempts + 1, sent_at=None)
        related = ("shop", "merchant", "invitation", "hand_off", "webhook")
        return list(mine_now.select_related(*related).order_by("pk"))


def _gather(mail: Mail, *, together: bool) -> uuid.UUID:
    """A new batch of it, with what is due to the same recipient where that is wanted together."""
    batch = uuid.uuid4()
    with transaction.atomic():
        new = due().filter(batch=None)
        links = {"invitation": None, "hand_off": None}
        mine = new.filter(webhook=mail.webhook, to=mail.to, **links).exclude(kind=alerts.TEST)
        chosen = mine if together else new.filter(pk=mail.pk)
        # Locked in one order, so that two workers do not wait for each other.
        rows = chosen.select_for_update().order_by("pk").values_list("pk", flat=True)
        Mail.objects.filter(pk__in=list(rows[:MOST_TOGETHER]), batch=None).update(batch=batch)
    return batch


def _send(parcel: list[Mail]) -> Outcome:
    try:
        written(parcel).send()
    except (OSError, SMTPException) as error:
        return Outcome(error="mail_server", answer=type(error).__name__)
    return Outcome()


def written(parcel: list[Mail]) -> EmailMultiAlternatives:
    return letters.digest(parcel) if len(parcel) > 1 else letters.message(parcel[0])


def _note(parcel: list[Mail], outcome: Outcome) -> None:
    now = timezone.now()
    rows = Mail.objects.filter(pk__in=[mail.pk for mail in parcel])
    seen = {"status": outcome.status, "error": outcome.error, "answer": outcome.answer}
    if not outcome.error:
        rows.update(sent_at=now, **seen)
        return
    first = parcel[0]
    logger.warning("mail %s was not sent: %s %s", first.pk, outcome.error, outcome.status or "")
    if outcome.is_final or first.attempts >= ATTEMPTS or first.kind == alerts.TEST:
        rows.update(given_up_at=now, **seen)
    else:
        again_at = _again_at(first, outcome, now)
        rows.update(due_at=again_at, **seen)
        if first.webhook_id:  # its other messages would keep a worker waiting just as long
            due().filter(webhook=first.webhook_id).update(due_at=again_at)
    if first.webhook is not None and outcome.error == "gone":
        Webhook.objects.filter(pk=first.webhook.pk).update(off=Webhook.Off.GONE)


def _again_at(first: Mail, outcome: Outcome, now: datetime) -> datetime:
    """Twice as long as before, or as long as the receiver asks for."""
    asked = timedelta(seconds=min(outcome.retry_after or 0, LONGEST_WAIT.total_seconds()))
    usual: timedelta = FIRST_WAIT * 2 ** (first.attempts - 1)
    return now + max(usual, asked)

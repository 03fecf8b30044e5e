"""Work of the onboarding for the Celery workers: tasks carry ids only and may run twice."""

import logging
from smtplib import SMTPException

from celery import shared_task
from kombu.exceptions import OperationalError

from onboarding import audit, delivery
from onboarding.models import Mail

logger = logging.getLogger(__name__)

BATCH = 200  # e-mails sent by one beat


@shared_task
def send_mail(mail_id: int) -> None:
    """One e-mail; what the mail server refuses is tried again by send_due_mails."""
    found = Mail.objects.select_related("shop", "merchant", "invitation", "hand_off").get(
        pk=mail_id
    )
    try:
        delivery.deliver(found)
    except (OSError, SMTPException) as error:
        logger.warning("mail %s was not sent: %s", mail_id, type(error).__name__)


@shared_task
def send_due_mails() -> None:
    """E-mails whose task was lost with the queue, or that the mail server refused."""
    for mail_id in delivery.due().order_by("due_at").values_list("pk", flat=True)[:BATCH]:
        send_mail.delay(mail_id)


@shared_task
def seal_events() -> None:
    """Events that a crash left outside their merchant's chain."""
    audit.seal_leftovers()


def send_mail_soon(mail_id: int) -> None:
    """Now, or within minutes where the queue does not answer."""
    try:
        send_mail.delay(mail_id)
    except OperationalError:
        logger.warning("mail %s waits for the queue", mail_id)

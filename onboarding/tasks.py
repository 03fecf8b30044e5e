"""Work of the onboarding for the Celery workers: tasks carry ids only and may run twice."""

import logging
from typing import TYPE_CHECKING

from celery import shared_task, signals
from django.conf import settings
from kombu.exceptions import OperationalError

from connectors import rotation
from onboarding import (
    audit,
    certificates,
    delivery,
    incidents,
    looking,
    retention,
    reverifying,
    services,
    standing,
    troubles,
)
from onboarding.models import Mail, PageLook, User
from onboarding.services import removing, repairing

if TYPE_CHECKING:  # pages import this module, and need nothing of a worker
    from celery.worker.consumer import Consumer

logger = logging.getLogger(__name__)

BATCH = 200  # messages sent by one beat
REFRESH_SECONDS = 15.0  # of each half minute at most
ERASE_SECONDS = 60.0  # of an erasure in one go


@shared_task
def send_mail(mail_id: int) -> None:
    """One message of the outbox; what is refused is tried again by send_due_mails."""
    found = Mail.objects.select_related("webhook").filter(pk=mail_id).first()
    if found is not None:  # not erased meanwhile
        delivery.deliver(found)


@shared_task
def send_due_mails() -> None:
    """Messages whose task was lost with the queue, that were refused, or that waited for their time."""
    for mail_id in delivery.to_queue(BATCH):
        send_mail.delay(mail_id)


@shared_task
def seal_events() -> None:
    """Events that a crash left outside their merchant's chain."""
    audit.seal_leftovers()


@shared_task
def seal_anew(store: str, after: str | None, person_id: int) -> None:
    """A batch of one of rotation.stores(), then the next one. Somebody of the staff asked for it."""
    keys = rotation.next_keys(store, after)
    repairing.seal_anew(store, keys, by=User.objects.filter(pk=person_id).first())
    if len(keys) == rotation.BATCH:
        seal_anew.delay(store, str(keys[-1]), person_id)


@shared_task
def refresh_standings() -> None:
    """Where shops stand, for the staff's pipeline."""
    standing.refresh_due(seconds=REFRESH_SECONDS)


@shared_task
def forget_what_is_old() -> None:
    """Whatever is past the time for which it is kept."""
    for what, count in retention.apply().items():
        logger.info("removed %d: %s", count, what)


@shared_task
def tell_of_connections() -> None:
    """About connections, and for Kleep's staff about pulls, that broke or work again."""
    incidents.tell()
    troubles.note()


def send_mail_soon(mail_id: int) -> None:
    """Now, or within minutes where the queue does not answer."""
    try:
        send_mail.delay(mail_id)
    except OperationalError:
        Mail.objects.filter(pk=mail_id).update(queued_at=None)
        logger.warning("mail %s waits for the queue", mail_id)


@shared_task
def look_at_page(run_id: int) -> None:
    """One look at a product page, on the worker that has the browser."""
    run = looking.look(run_id)
    if run is not None:
        reverifying.after(run)


@shared_task
def queue_page_runs() -> None:
    """Looks whose task or whose worker was lost."""
    looking.release_lost()
    for run_id in looking.to_queue(BATCH):
        look_at_page.delay(run_id)


@shared_task
def browser_sign() -> None:
    """Whether the worker for the browser lives and has one, for the staff's pages."""
    looking.leave_sign()


def _sign_at_once(sender: "Consumer", **_kwargs: object) -> None:
    """A worker for the browser that has just started need not be asked first."""
    if settings.BROWSER_QUEUE in sender.app.amqp.queues.consume_from:
        looking.leave_sign()


signals.worker_ready.connect(_sign_at_once)


@shared_task
def look_at_live_pages() -> None:
    """Live shops whose daily look is due."""
    reverifying.look_where_due()


@shared_task
def print_certificate(decision_id: int) -> None:
    """The paper of a go-live, on the worker that has the browser."""
    certificates.make(decision_id)


def print_certificate_soon(decision_id: int) -> None:
    """Now, or with the next look at the shop where the queue does not answer."""
    try:
        print_certificate.delay(decision_id)
    except OperationalError:
        logger.warning("certificate of decision %s waits for the queue", decision_id)


@shared_task
def delete_old_evidence() -> None:
    """Runs and their pictures that no signature stands on."""
    reverifying.delete_old_evidence()


@shared_task
def look_for_widget(look_id: int) -> None:
    """What is found on one product page, unless that is known already."""
    look = PageLook.objects.select_related("page__shop").filter(pk=look_id).first()
    if look is not None and look.finished_at is None:
        services.run_look(look)


@shared_task
def look_for_due_widgets() -> None:
    """The daily look at production's pages, and what was lost with the queue."""
    for look in services.due_looks():
        look_for_widget.delay(look.pk)


@shared_task
def erase(erasure_id: int) -> None:
    """A slice of an erasure; it queues the next one."""
    erasure = removing.claim(erasure_id)
    if erasure is None:
        return
    try:
        is_done = removing.go_on(erasure, seconds=ERASE_SECONDS)
    except Exception:  # our own bug: tried again a few times, then staff see that it is stuck
        logger.exception("erasure %s was not gone on with", erasure_id)
        removing.note_failure(erasure)
        return
    if not is_done:
        erase_soon(erasure_id)


def erase_soon(erasure_id: int) -> None:
    """Now, or within minutes where the queue does not answer."""
    try:
        erase.delay(erasure_id)
    except OperationalError:
        logger.warning("erasure %s waits for the queue", erasure_id)


@shared_task
def queue_erasures() -> None:
    """Erasures whose task or whose worker was lost."""
    for erasure_id in removing.due().values_list("pk", flat=True)[:BATCH]:
        erase.delay(erasure_id)

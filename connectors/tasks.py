"""Work for the Celery workers: tasks carry ids only, may run twice and look up for themselves what is due.

The database says what is due (Cursor.due_at); the queue only says it sooner. What the queue loses, the
beat entry `queue_due` finds again.
"""

import logging
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from connectors import checking, circuit, filelife, leases, pulling, taking, turns
from connectors.errors import ConnectorError, RetryLaterError
from connectors.models import Check, Connection, Cursor, ReceivedFile

logger = logging.getLogger(__name__)

BATCH = 500  # cursors queued by one beat
# Seconds; far within the broker's visibility timeout, or Redis hands out a second copy.
LONGEST_COUNTDOWN = 240.0


@shared_task
def check_connection(check_id: int) -> None:
    """Test the lines of a check that were not tested yet. The first good one begins the first pull."""
    check = Check.objects.select_related("connection").filter(pk=check_id).first()
    if check is None:
        return
    checking.run(check)
    if checking.is_ok(check) and not _was_pulled(check.connection):
        pull_connection(str(check.connection_id))


@shared_task
def pull_connection(connection_id: str, failures: int = 0) -> None:
    """Pull everything of a connection now; what runs already goes on.

    A shop that cannot say just now what it has is asked again later.
    """
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return
    try:
        found = pulling.cursors(connection)
    except ConnectorError as error:
        logger.warning("connection %s cannot be pulled: %s", connection_id, error.code)
        connection.learn(error)
        if isinstance(error, RetryLaterError) and failures < settings.PULL_ATTEMPTS:
            wait = min(settings.PULL_RETRY_SECONDS * 2**failures, LONGEST_COUNTDOWN)
            again = partial(pull_connection.apply_async, (connection_id, failures + 1))
            transaction.on_commit(partial(again, countdown=wait))
        return
    Cursor.objects.filter(pk__in=[cursor.pk for cursor in found]).update(due_at=timezone.now())
    queue_next(connection)


@shared_task
def pull_resource(cursor_id: int) -> None:
    """One slice of one cursor, then whatever is next for that shop."""
    cursor = Cursor.objects.select_related("connection").filter(pk=cursor_id).first()
    if cursor is None:
        return
    is_mine = turns.due().filter(pk=cursor_id).exists() and not _is_busy(cursor.connection)
    if is_mine and pulling.run_slice(cursor) is not None:
        queue_next(cursor.connection)
    else:
        Cursor.objects.filter(pk=cursor_id).update(queued_at=None)


@shared_task
def prove_connection(connection_id: str) -> None:
    """Ask a shop for a sign of life."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        circuit.prove(connection)


@shared_task
def take_file(file_id: str) -> None:
    """Check a received file and store it; a slice of that, then the next one."""
    file = ReceivedFile.objects.select_related("connection").filter(pk=file_id).first()
    if file is not None and taking.take_slice(file, seconds=settings.PULL_SLICE_SECONDS):
        take_file.delay(file_id)


@shared_task
def forget_files() -> None:
    """Delete the content and the report of files that are over for long: they hold what we do not store."""
    filelife.forget_old()


@shared_task
def queue_due() -> None:
    """Queue what is due and waits in no queue: every shop's first cursor before any shop's second."""
    turn = Window(RowNumber(), partition_by=F("connection"), order_by=F("due_at").asc())
    waiting = _not_queued(turns.due()).annotate(turn=turn).filter(turn__lte=settings.PULL_READERS)
    for cursor_id in waiting.order_by("turn", "due_at").values_list("pk", flat=True)[:BATCH]:
        _queue(cursor_id)
    for check_id in _forgotten_checks()[:BATCH]:
        check_connection.delay(check_id)
    for connection in circuit.to_prove(BATCH):
        prove_connection.delay(str(connection.pk))
    for file in filelife.to_queue_again(BATCH):
        take_file.delay(str(file.pk))


def _was_pulled(connection: Connection) -> bool:
    """Whether a pull was ever asked for."""
    asked = Q(runs__isnull=False) | Q(due_at__isnull=False)
    return Cursor.objects.filter(asked, connection=connection).exists()


def _forgotten_checks() -> QuerySet[Check, int]:
    """Checks whose task was lost with the queue. Nothing is lost by testing one twice."""
    old = timezone.now() - timedelta(seconds=2 * settings.CHECK_SECONDS)
    unfinished = Check.objects.filter(finished_at=None, started_at__lt=old)
    return unfinished.order_by("pk").values_list("pk", flat=True)


def queue_file(file: ReceivedFile) -> None:
    """Have a file taken by a worker, once what we are in is committed. See answering.begin()."""
    transaction.on_commit(partial(take_file.delay, str(file.pk)))


def queue_next(connection: Connection) -> None:
    """Queue the connection's longest due cursors, as many as it has readers free."""
    mine = Cursor.objects.filter(connection=connection)
    queued = mine.filter(_is_queued(), leases.is_free(timezone.now())).count()
    free = max(connection.most_readers - leases.engaged(connection.pk) - queued, 0)
    waiting = _not_queued(turns.due()).filter(connection=connection).order_by("due_at", "pk")
    for cursor_id in waiting.values_list("pk", flat=True)[:free]:
        transaction.on_commit(partial(_queue, cursor_id))


def _is_busy(connection: Connection) -> bool:
    return leases.engaged(connection.pk) >= connection.most_readers


def _is_queued() -> Q:
    again = timedelta(seconds=settings.PULL_QUEUE_AGAIN_SECONDS)
    return Q(queued_at__gt=timezone.now() - again)


def _not_queued(cursors: QuerySet[Cursor]) -> QuerySet[Cursor]:
    return cursors.exclude(_is_queued())


def _queue(cursor_id: int) -> None:
    """Marked first: the worker that takes it up at once removes the mark."""
    now = timezone.now()
    if not _not_queued(Cursor.objects.filter(pk=cursor_id)).update(queued_at=now):
        return
    try:
        pull_resource.delay(cursor_id)
    except Exception:
        Cursor.objects.filter(pk=cursor_id, queued_at=now).update(queued_at=None)
        raise

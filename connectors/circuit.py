"""Leaves a shop alone that fails again and again, tells staff once, and goes on by itself when it is back.

Beside that, the daily proof of life of shops that nothing else was heard of. A refusal counts as broken only
after the third one, hours apart: shops are moved, restored and mended meanwhile.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connectors.circuit_state import Circuit
from connectors.connections import open_connector
from connectors.errors import ConnectorError, RateLimitedError, RetryLaterError
from connectors.models import Connection, Cursor

logger = logging.getLogger(__name__)

FAILURES = 3
SPREAD = timedelta(minutes=10)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=1)
REFUSALS = 3
BETWEEN_REFUSALS = timedelta(hours=6)
# A proof whose task was lost with its queue is asked for again.
LOST_AFTER = timedelta(minutes=10)


def failed(connection: Connection, error: RetryLaterError) -> None:
    """A slice ended without a page. Opens the circuit after FAILURES over SPREAD; says so once."""
    if isinstance(error, RateLimitedError):
        return  # it answers
    now = timezone.now()
    with transaction.atomic():
        circuit = _locked(connection)
        circuit.failures += 1
        circuit.failing_since = circuit.failing_since or now
        opens = circuit.failures >= FAILURES and now - circuit.failing_since >= SPREAD
        is_new = opens and circuit.opened_at is None
        if is_new:
            circuit.opened_at, circuit.try_at = now, now + FIRST_WAIT
        circuit.save()
    if is_new:
        logger.warning("connection %s is left alone: %s", connection.pk, error.code)


def worked(connection: Connection) -> None:
    """The shop answered. Closes the circuit; what waited for it is due at once."""
    now = timezone.now()
    changed = Circuit.objects.filter(connection=connection).exclude(failures=0, refusals=0)
    closed = {"failures": 0, "refusals": 0, "failing_since": None, "try_at": None}
    with transaction.atomic():
        was_open = changed.filter(opened_at__isnull=False).update(
            **closed, opened_at=None, recovered_at=now
        )
        changed.update(**closed)
        if was_open:
            Cursor.objects.filter(connection=connection, due_at__gt=now).filter(
                runs__state="running"
            ).update(due_at=now)
    if was_open:
        logger.info("connection %s has recovered", connection.pk)


def to_prove(limit: int) -> list[Connection]:
    """Shops to be asked for a sign of life, each marked as asked: open circuits, and the daily proof."""
    now = timezone.now()
    day_ago = now - timedelta(seconds=settings.PROOF_INTERVAL_SECONDS)
    silent = Q(proved_at__lte=day_ago) & (Q(circuit=None) | Q(circuit__try_at=None))
    wanted = Connection.objects.filter(paused_at=None).filter(silent | Q(circuit__try_at__lte=now))
    found = list(wanted.order_by("proved_at", "pk")[:limit])
    for connection in found:
        Circuit.objects.update_or_create(
            connection=connection, defaults={"try_at": now + LOST_AFTER}
        )
    return found


def prove(connection: Connection) -> None:
    """Ask for the cheapest sign of life, and note what came."""
    try:
        with open_connector(connection) as connector:
            connector.prove()
    except RetryLaterError as error:
        logger.info("connection %s gives no sign of life: %s", connection.pk, error.code)
        _wait_longer(connection)
    except ConnectorError as error:
        _refused(connection, error)
    else:
        if connection.health == Connection.Health.FAILING:
            logger.info("connection %s works again", connection.pk)
        connection.learn(None)
        worked(connection)
        Circuit.objects.filter(connection=connection).update(try_at=None)


def _wait_longer(connection: Connection) -> None:
    """Twice as long as it has failed already, within bounds."""
    now = timezone.now()
    with transaction.atomic():
        circuit = _locked(connection)
        since = circuit.opened_at or now
        circuit.try_at = now + _bounded(now - since)
        circuit.save(update_fields=["try_at"])


def _bounded(failing: timedelta) -> timedelta:
    return min(max(failing, FIRST_WAIT), LONGEST_WAIT)


def _refused(connection: Connection, error: ConnectorError) -> None:
    """The shop answers, and refuses us. Broken from the third time on; pulls then say why by themselves."""
    with transaction.atomic():
        circuit = _locked(connection)
        circuit.refusals += 1
        circuit.opened_at, circuit.failures, circuit.failing_since = None, 0, None
        circuit.try_at = timezone.now() + BETWEEN_REFUSALS
        is_broken = circuit.refusals == REFUSALS
        circuit.save()
        if is_broken:
            connection.learn(error)
    if is_broken:
        logger.warning("connection %s is broken: %s", connection.pk, error.code)


def _locked(connection: Connection) -> Circuit:
    Circuit.objects.get_or_create(connection=connection)
    return Circuit.objects.select_for_update().get(connection=connection)

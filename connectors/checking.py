"""Asks every resource of a shop whether we may read it: in parallel, each on its own line, whatever fails.

A line is saved as soon as it is answered, so that a page can show it.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError, as_completed
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors.base import Connector, Probe, Resource
from connectors.connections import open_connector
from connectors.errors import ConnectorError, ShopDownError
from connectors.models import Check, CheckLine, Connection, Cursor, PullRun

logger = logging.getLogger(__name__)

Status = CheckLine.Status
GOOD = (Status.READY, Status.EMPTY)

OnLine = Callable[[CheckLine], None]


class CheckTimeoutError(ShopDownError):
    code = "check_timeout"
    text = _("The shop did not answer within the time of the test. Test it again.")


def start(connection: Connection) -> Check:
    """A check with a line for every resource, none of them tested."""
    with transaction.atomic():
        check = Check.objects.create(connection=connection)
        CheckLine.objects.bulk_create(
            CheckLine(check_run=check, resource=resource.name)
            for resource in connection.connector_class.resources
        )
    return check


def start_again(connection: Connection, name: str) -> Check:
    """The latest check, with one resource to be tested again; the others keep what they said.

    Raises KeyError on an unknown resource.
    """
    connection.connector_class.resource(name)
    check = connection.checks.first()
    if check is None:
        return start(connection)
    with transaction.atomic():
        line, _made = CheckLine.objects.get_or_create(check_run=check, resource=name)
        _save(line, Probe(resource=name), status=Status.NOT_TESTED)
        Check.objects.filter(pk=check.pk).update(finished_at=None)
    check.refresh_from_db()
    return check


def run(check: Check, only: str | None = None, on_line: OnLine | None = None) -> Check:
    """Test the lines that were not tested yet, or the one named `only`. Takes CHECK_SECONDS at most."""
    chosen = check.lines.filter(resource=only) if only else _waiting(check)
    lines = {line.resource: line for line in chosen}
    learned: list[ConnectorError | None] = []
    for probe in _probes(check.connection, list(lines)):
        line = lines[probe.resource]
        _save(line, probe, status=_status(probe))
        learned.append(probe.error)
        if on_line:
            on_line(line)
    _conclude(check, learned)
    return check


def _waiting(check: Check) -> QuerySet[CheckLine]:
    """Lines to be tested; not those of a resource that the platform has no longer."""
    known = [resource.name for resource in check.connection.connector_class.resources]
    return check.lines.filter(status=Status.NOT_TESTED, resource__in=known)


def severity(resource: Resource) -> str:
    """What it means where this resource cannot be read."""
    return "blocks_go_live" if resource.required else "does_not_block"


def is_ok(check: Check) -> bool:
    """Whether nothing blocks: every required resource can be read. No rows yet is no obstacle."""
    required = {r.name for r in check.connection.connector_class.resources if r.required}
    return required <= {line.resource for line in check.lines.all() if line.status in GOOD}


def _probes(connection: Connection, names: list[str]) -> Iterator[Probe]:
    """An answer for each name, as they come."""
    try:
        connector = open_connector(connection)
    except ConnectorError as error:
        yield from (Probe(resource=name, error=error) for name in names)
        return
    with connector:
        yield from _at_once(connector, names)


def _at_once(connector: Connector, names: list[str]) -> Iterator[Probe]:
    """Threads only ask; whoever iterates writes. One that is still asking at the end is left behind."""
    pool = ThreadPoolExecutor(settings.CHECK_PROBES_AT_ONCE, thread_name_prefix="probe")
    asked: dict[Future[Probe], str] = {
        pool.submit(connector.probe, connector.resource(name)): name for name in names
    }
    waiting = set(names)
    try:
        for future in as_completed(asked, timeout=settings.CHECK_SECONDS):
            waiting.discard(asked[future])
            yield _answer(future, asked[future])
    except TimeoutError:
        yield from (Probe(resource=name, error=CheckTimeoutError()) for name in sorted(waiting))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _answer(future: "Future[Probe]", name: str) -> Probe:
    try:
        return future.result()
    except ConnectorError as error:
        return Probe(resource=name, error=error)
    except Exception as error:  # a bug in one probe must not hide the other lines
        logger.exception("the probe of %s failed", name)
        return Probe(resource=name, error=ConnectorError(detail=type(error).__name__))


def _status(probe: Probe) -> str:
    if probe.error is not None:
        return probe.error.check_status
    return Status.EMPTY if probe.count == 0 else Status.READY


def _save(line: CheckLine, probe: Probe, *, status: str) -> None:
    error = probe.error
    values: dict[str, Any] = {
        "status": status,
        "count": probe.count,
        "http_status": probe.http_status or (error.http_status if error else None),
        "error": error.code if error else "",
        "params": error.params if error else {},
        "detail": error.detail if error else "",
        "request_id": probe.request_id,
        "answered_at": None if status == Status.NOT_TESTED else timezone.now(),
    }
    for name, value in values.items():
        setattr(line, name, value)
    line.save(update_fields=list(values))


def _conclude(check: Check, learned: list[ConnectorError | None]) -> None:
    """The check ends with its last line."""
    check.connection.learn(*learned)
    if not _waiting(check).exists():
        check.finished_at = timezone.now()
        check.save(update_fields=["finished_at"])
        _retry_failed_pulls(check)


def _retry_failed_pulls(check: Check) -> None:
    """What failed and can be read now need not wait for its turn."""
    good = check.lines.filter(status__in=GOOD).values_list("resource", flat=True)
    failed = [
        cursor.pk
        for cursor in Cursor.objects.filter(connection=check.connection, resource__in=list(good))
        if (latest := cursor.runs.first()) and latest.state == PullRun.State.FAILED
    ]
    Cursor.objects.filter(pk__in=failed).update(due_at=timezone.now())

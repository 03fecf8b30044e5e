"""Pulls what changed in a shop: page by page, in bounded slices, resumable after a crash at any instant.

A slice claims the cursor, goes on with its unfinished run or begins one, and stops at its time limit or at
the end of the run. The next page is fetched while the current one is stored: see reading.py. Works through
the Connector contract alone.
"""

import logging
import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from connectors import choosing, circuit, leases, planning, reading, runs, steps, wholes
from connectors.base import Resource
from connectors.connections import open_connector
from connectors.errors import ConnectorError, MerchantError, RetryLaterError
from connectors.leases import Lease, LeaseLostError
from connectors.models import Connection, Cursor, PullRun
from connectors.runs import AlreadyRunningError
from connectors.turns import Turn
from connectors.wholes import HeldError, resource_of

__all__ = [
    "AlreadyRunningError",
    "cursor_of",
    "cursors",
    "pull",
    "pullable",
    "repull",
    "reset",
    "run_slice",
]

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 60.0  # how long pull() waits for a shop that asked us to come back later

Progress = Callable[[PullRun], None]


def pullable(connection: Connection) -> list[Resource]:
    """The resources whose records are stored, in the platform's order."""
    return [r for r in connection.connector_class.resources if r.dataset is not None]


def cursors(connection: Connection, names: list[str] | None = None) -> list[Cursor]:
    """One cursor per resource and store view, made where missing; of `names`, or all that are wanted.

    Raises KeyError on an unknown name or one that is not pulled, ConnectorError where the connection
    cannot be opened.
    """
    resources = {resource.name: resource for resource in pullable(connection)}
    with open_connector(connection) as connector:
        if names:
            chosen = [resources[name] for name in names]
        else:
            chosen = choosing.wanted(connection, connector)
            choosing.settle(connection, chosen)
            choosing.settle_views(connection, connector)
        pairs = [(r.name, scope) for r in chosen for scope in connector.scopes(r)]
    return [cursor_of(connection, name, scope) for name, scope in pairs]


def cursor_of(connection: Connection, resource_name: str, scope: str = "") -> Cursor:
    """Raises KeyError where that resource is unknown or not pulled."""
    if connection.connector_class.resource(resource_name).dataset is None:
        raise KeyError(resource_name)
    cursor, _made = Cursor.objects.get_or_create(
        connection=connection, resource=resource_name, scope=scope
    )
    return cursor


def reset(cursor: Cursor) -> None:
    """Forget where the cursor stands; whoever pulls it at the moment can store nothing more."""
    with transaction.atomic():
        Cursor.objects.filter(pk=cursor.pk).update(
            position_at=None, position_id=0, lease_token=None, lease_until=None
        )
        runs.stop(cursor)
        wholes.forget(PullRun.objects.filter(cursor=cursor))


def repull(
    connection: Connection, resource_name: str, start: datetime, end: datetime, *, scope: str = ""
) -> PullRun:
    """Have a range of dates read again, from the next slice on; the cursor stays where it is.

    Raises KeyError, ValueError as planning.ranged(), and AlreadyRunningError while a run is under way.
    """
    cursor = cursor_of(connection, resource_name, scope)
    try:
        with transaction.atomic():
            run = planning.ranged(cursor, start, end)
            Cursor.objects.filter(pk=cursor.pk).update(due_at=timezone.now())
    except IntegrityError:
        raise AlreadyRunningError from None
    return run


def pull(
    connection: Connection,
    resource_name: str,
    scope: str = "",
    *,
    since: datetime | None = None,
    full: bool = False,
    progress: Progress | None = None,
) -> PullRun:
    """A whole run, here and now: the unfinished one, or a new one.

    `since`: read again from there on; `full`: read everything again. Where the shop asks to come back much
    later, the run comes back RUNNING with an error, and the schedule goes on with it. Raises KeyError and
    AlreadyRunningError.
    """
    cursor = cursor_of(connection, resource_name, scope)
    run = _slice_in_turn(cursor, since=since, full=full, progress=progress)
    while run.state == PullRun.State.RUNNING and _is_worth_waiting(run.cursor):
        _sleep_until(run.cursor.due_at)
        run = _slice_in_turn(cursor, since=None, full=False, progress=progress)
    return run


def _slice_in_turn(
    cursor: Cursor, *, since: datetime | None, full: bool, progress: Progress | None
) -> PullRun:
    """A slice without time limit. Waits as long as the lease of a worker that died may hold it."""
    patience, said = settings.PULL_LEASE_SECONDS + 10, False
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        run = run_slice(cursor, since=since, full=full, seconds=math.inf, progress=progress)
        if run is not None:
            return run
        if not said:  # a silent command of two minutes looks dead itself
            logger.info("%s is held by another worker: waiting, %s s at most", cursor, patience)
            said = True
        time.sleep(POLL_SECONDS)
    raise AlreadyRunningError


def _is_worth_waiting(cursor: Cursor) -> bool:
    limit = timezone.now() + timedelta(seconds=PATIENCE_SECONDS)
    return cursor.due_at is not None and cursor.due_at <= limit


def _sleep_until(moment: datetime | None) -> None:
    if moment is not None:
        time.sleep(max((moment - timezone.now()).total_seconds(), 0))


def run_slice(
    cursor: Cursor,
    *,
    since: datetime | None = None,
    full: bool = False,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> PullRun | None:
    """Work on a cursor for `seconds` (None: as turns.py says), at least one page. None: somebody else has it.

    The run that comes back is RUNNING where there is more to do; its cursor's due_at says when. Failures of
    the shop end in the run. OperationalError leaves: the run then goes on as after a crash.
    """
    lease = leases.claim(cursor.pk)
    if lease is None:
        return None
    try:
        run = runs.begin(lease, since=since, full=full)
        _work(lease, run, Turn(run.cursor.connection, seconds), progress=progress)
    except LeaseLostError as lost:
        logger.warning("lease lost: %s", lost)
        return None
    finally:
        _release(lease)
    return run


def _release(lease: Lease) -> None:
    try:
        leases.release(lease)
    except DatabaseError:  # it expires by itself
        logger.warning("the lease of cursor %s stays until it expires", lease.cursor_id)


def _work(lease: Lease, run: PullRun, turn: Turn, *, progress: Progress | None) -> None:
    """Raises LeaseLostError, OperationalError, InterfaceError."""
    connection = run.cursor.connection
    try:
        if run.attempts > settings.PULL_ATTEMPTS:
            raise ConnectorError(detail=f"{run.attempts - 1} attempts ended without a word")
        is_complete = _store_pages(lease, run, turn, progress=progress)
    except (LeaseLostError, OperationalError, InterfaceError):
        raise
    except HeldError as error:
        runs.hold(lease, run, error)
        logger.warning("run %s is held: %s", run.pk, error.detail)
    except RetryLaterError as error:
        if run.attempts:  # not a page since it began
            circuit.failed(connection, error)
        runs.postpone(lease, run, error)
        logger.info("run %s waits: %s", run.pk, error.code)
    except ConnectorError as error:
        _fail(lease, run, error)
    except Exception as error:  # our own bug: it must end the run, and be seen
        logger.exception("run %s failed", run.pk)
        runs.fail(lease, run, ConnectorError(detail=type(error).__name__))
    else:
        connection.learn(None)
        circuit.worked(connection)
        runs.finish(lease, run) if is_complete else runs.pause(lease, run)


def _fail(lease: Lease, run: PullRun, error: ConnectorError) -> None:
    """Staff look at the level: what a merchant must mend is no error of ours."""
    level = logging.INFO if isinstance(error, MerchantError) else logging.ERROR
    logger.log(level, "run %s failed: %s %s", run.pk, error.code, error.detail)
    run.cursor.connection.learn(error)
    runs.fail(lease, run, error)


def _store_pages(lease: Lease, run: PullRun, turn: Turn, *, progress: Progress | None) -> bool:
    """Whether the run came to its end in this turn. Raises ConnectorError and what storing raises,
    LeaseLostError where it reads a store view that is not configured any more."""
    with open_connector(run.cursor.connection) as connector:
        if run.cursor.scope not in connector.scopes(resource_of(run.cursor)):
            choosing.settle_views(run.cursor.connection, connector)
            raise LeaseLostError(f"{run.cursor} is not configured any more")
        began = time.monotonic()
        for together in reading.steps(connector, lease, run, turn):
            if together is None:
                return False
            now = time.monotonic()
            steps.store(lease, run, together, seconds=now - began)
            del together  # or its rows would be held until others come
            began = now
            if progress:
                progress(run)
    wholes.doubt_rows(run)
    return True

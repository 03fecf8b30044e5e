"""The life of a pull: begun, farther by a page, postponed, done or failed. Each step is one transaction.

Every step renews the lease first, so that only its holder can take it.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connectors import leases, storing, windows
from connectors.base import Page, Position, Resource
from connectors.errors import ConnectorError, UnexpectedAnswerError
from connectors.leases import Lease
from connectors.models import Cursor, PullRun

RUNNING = PullRun.State.RUNNING


def begin(lease: Lease, *, since: datetime | None = None, full: bool = False) -> PullRun:
    """The cursor's unfinished run, or a new one. `since` and `full` ask for a new one in any case.

    Raises LeaseLostError.
    """
    with transaction.atomic():
        leases.renew(lease)
        cursor = Cursor.objects.select_related("connection").get(pk=lease.cursor_id)
        if since or full:
            stop(cursor)
        run = cursor.runs.filter(state=RUNNING).first() or _new(cursor, since=since, full=full)
        run.cursor = cursor
        _change(run, attempts=run.attempts + 1)
    return run


def stop(cursor: Cursor) -> None:
    """End the unfinished run of a cursor where it stands."""
    cursor.runs.filter(state=RUNNING).update(
        state=PullRun.State.STOPPED, finished_at=timezone.now()
    )


def _new(cursor: Cursor, *, since: datetime | None, full: bool) -> PullRun:
    is_whole = resource_of(cursor).cursor_field is None
    overlap = timedelta(seconds=settings.PULL_OVERLAP_SECONDS)
    return PullRun.objects.create(
        cursor=cursor,
        since=windows.start(cursor.position, overlap, since=since, full=full or is_whole),
        until=windows.end(timezone.now(), timedelta(seconds=settings.PULL_MARGIN_SECONDS)),
    )


def resource_of(cursor: Cursor) -> Resource:
    return cursor.connection.connector_class.resource(cursor.resource)


def store(lease: Lease, run: PullRun, page: Page, *, seconds: float) -> None:
    """One page: its rows, the positions and the counters, all or nothing.

    `seconds`: working time since the page before. Raises LeaseLostError, UnexpectedAnswerError.
    """
    resource, cursor = resource_of(run.cursor), run.cursor
    assert resource.dataset is not None  # noqa: S101  # pulling.pullable() leaves the others out
    _refuse_steps_back(run, page)
    position = windows.farther(cursor.position, page.position) if resource.cursor_field else None
    with transaction.atomic():
        leases.renew(lease, **(_at(position) if position else {}))
        scope = cursor.scope if resource.dataset.scoped else ""
        counts = storing.store(cursor.connection, resource.dataset, page.rows, scope=scope)
        changes = _counted(run, page, counts)
        _update(run, seconds=run.seconds + seconds, **changes, **_no_error())
    # Only now: a transaction that was rolled back must leave no trace in memory either.
    _apply(run, seconds=run.seconds + seconds, **changes, **_no_error())
    if position:
        _apply(cursor, **_at(position))


def _counted(run: PullRun, page: Page, counts: storing.Counts) -> dict[str, Any]:
    advanced = run.position is None or page.position > run.position
    expected = run.expected if page.remaining is None else run.fetched + page.remaining
    return {
        **_at(page.position),
        "attempts": 0 if advanced else run.attempts,
        "expected": expected,
        "fetched": run.fetched + page.fetched,
        "created": run.created + counts.created,
        "updated": run.updated + counts.updated,
        "unchanged": run.unchanged + counts.unchanged,
        "pages": run.pages + 1,
    }


def _refuse_steps_back(run: PullRun, page: Page) -> None:
    """A position that goes back would be read for ever; one after `until` would hide what is before it."""
    if page.position.at > run.until:
        raise UnexpectedAnswerError(detail=f"a page up to {page.position.at}, after {run.until}")
    if run.position and page.position < run.position:
        raise UnexpectedAnswerError(detail=f"a page back at {page.position}, after {run.position}")


def finish(lease: Lease, run: PullRun) -> None:
    """Everything up to `until` is stored. Raises LeaseLostError."""
    position = windows.farther(run.cursor.position, Position(run.until))
    assert position is not None  # noqa: S101  # `until` is one
    interval = (
        settings.PULL_INTERVAL_SECONDS
        if resource_of(run.cursor).cursor_field
        else settings.PULL_WHOLE_INTERVAL_SECONDS
    )
    with transaction.atomic():
        leases.renew(lease, due_at=_later(interval), **_at(position))
        _change(run, state=PullRun.State.DONE, finished_at=timezone.now(), **_no_error())
    run.cursor.refresh_from_db()


def fail(lease: Lease, run: PullRun, error: ConnectorError) -> None:
    """It cannot go on. What is stored stays; the schedule begins anew much later. Raises LeaseLostError."""
    with transaction.atomic():
        leases.renew(lease, due_at=_later(settings.PULL_FAILED_INTERVAL_SECONDS))
        _change(run, state=PullRun.State.FAILED, finished_at=timezone.now(), **_said(error))
    run.cursor.refresh_from_db()


def postpone(lease: Lease, run: PullRun, error: ConnectorError) -> None:
    """The shop cannot answer now: the same run goes on later, or fails after too many attempts."""
    if run.attempts >= settings.PULL_ATTEMPTS:
        fail(lease, run, error)
        return
    with transaction.atomic():
        leases.renew(lease, due_at=_later(_patience(run.attempts, error.retry_after or 0)))
        _change(run, **_said(error))
    run.cursor.refresh_from_db()


def pause(lease: Lease, run: PullRun) -> None:
    """The slice is over and the run is not: it is due at once."""
    leases.renew(lease, due_at=timezone.now())
    run.cursor.refresh_from_db()


def _patience(attempts: int, asked: float) -> float:
    """Seconds until the next attempt: twice as long each time, and not less than the shop asked for."""
    doubled: float = settings.PULL_RETRY_SECONDS * 2 ** max(attempts - 1, 0)
    longest: float = settings.PULL_FAILED_INTERVAL_SECONDS
    usual: float = min(doubled, settings.PULL_RETRY_MAX_SECONDS)
    return max(usual, min(asked, longest))


def _later(seconds: float) -> datetime:
    """With jitter, so that shops that began together do not stay together."""
    return timezone.now() + timedelta(seconds=seconds * random.uniform(1.0, 1.1))  # noqa: S311


def _at(position: Position) -> dict[str, Any]:
    return {"position_at": position.at, "position_id": position.id}


def _said(error: ConnectorError) -> dict[str, Any]:
    return {"error": error.code, "params": error.params, "detail": error.detail}


def _no_error() -> dict[str, Any]:
    return {"error": "", "params": {}, "detail": ""}


def _change(run: PullRun, **changes: Any) -> None:
    _update(run, **changes)
    _apply(run, **changes)


def _update(run: PullRun, **changes: Any) -> None:
    """Raises LeaseLostError where somebody stopped the run."""
    if not PullRun.objects.filter(pk=run.pk, state=RUNNING).update(**changes):
        raise leases.LeaseLostError(f"run {run.pk} is over")


def _apply(row: PullRun | Cursor, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(row, name, value)

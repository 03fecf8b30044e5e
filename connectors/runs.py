"""The life of a pull: begun, postponed, done or failed. Each step is one transaction; pages: see steps.py.

Every step renews the lease first, so that only its holder can take it.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors import leases, planning, wholes, windows
from connectors.base import Position
from connectors.errors import ConnectorError, RetryLaterError
from connectors.leases import Lease
from connectors.models import Cursor, PullRun, PullSpan
from connectors.wholes import HeldError, resource_of

RUNNING = PullRun.State.RUNNING


class AlreadyRunningError(RetryLaterError):
    code = "already_running"
    text = _("This is being fetched at the moment. Try again when that is done.")


def begin(lease: Lease, *, since: datetime | None = None, full: bool = False) -> PullRun:
    """The cursor's unfinished run, or a new one. `since` and `full` ask for a new one in any case.

    Raises LeaseLostError.
    """
    with transaction.atomic():
        leases.renew(lease)
        cursor = Cursor.objects.select_related("connection").get(pk=lease.cursor_id)
        if since or full:
            stop(cursor)
        run = cursor.runs.filter(state=RUNNING).first()
        run = run or planning.new(cursor, since=since, full=full)
        run.cursor = cursor
        _change(run, attempts=run.attempts + 1)
    return run


def stop(cursor: Cursor) -> None:
    """End the unfinished run of a cursor where it stands."""
    unfinished = cursor.runs.filter(state=RUNNING)
    wholes.forget(unfinished)
    unfinished.update(state=PullRun.State.STOPPED, finished_at=timezone.now())


def expect(run: PullRun, total: int) -> None:
    """So many records are announced. Raises LeaseLostError where somebody stopped the run."""
    _change(run, expected=total)


def finish(lease: Lease, run: PullRun) -> None:
    """Everything up to `until` is stored. Raises LeaseLostError."""
    until = PullRun.objects.values_list("until", flat=True).get(pk=run.pk)
    position = windows.farther(run.cursor.position, Position(min(until, planning.latest_end())))
    assert position is not None  # noqa: S101  # `until` is one
    usual = planning.later(planning.interval(resource_of(run.cursor)))
    is_extra = run.kind == PullRun.Kind.RANGE  # and the usual pull comes after it
    with transaction.atomic():
        leases.renew(
            lease,
            **({"due_at": timezone.now()} if is_extra else {"due_at": usual, **at(position)}),
        )
        done = {"state": PullRun.State.DONE, "finished_at": timezone.now()}
        _change(run, **done, deleted=run.deleted + wholes.mark(run), **no_error())
        _conclude(run)
    run.cursor.refresh_from_db()


def hold(lease: Lease, run: PullRun, error: HeldError) -> None:
    """Too little came: nothing is marked as deleted until a person releases it. Raises LeaseLostError."""
    with transaction.atomic():
        leases.renew(lease, due_at=planning.later(planning.interval(resource_of(run.cursor))))
        _change(run, state=PullRun.State.HELD, finished_at=timezone.now(), **_said(error))
        _supersede_held(run)
    run.cursor.refresh_from_db()


def release(run: PullRun, *, by: str) -> bool:
    """A person says that what came is right: the run goes on to its end. False where it is not held any more.

    Raises AlreadyRunningError where another run of that cursor is under way.
    """
    changes = {"released_by": by[:254] or "-", "finished_at": None, "attempts": 0, **no_error()}
    try:
        with transaction.atomic():
            held = PullRun.objects.filter(pk=run.pk, state=PullRun.State.HELD)
            if not held.update(state=RUNNING, **changes):
                return False
            Cursor.objects.filter(pk=run.cursor_id).update(due_at=timezone.now())
    except IntegrityError:
        raise AlreadyRunningError from None
    return True


def _conclude(run: PullRun) -> None:
    if run.kind == PullRun.Kind.WHOLE:
        wholes.forget(PullRun.objects.filter(pk=run.pk))
        _supersede_held(run)


def _supersede_held(run: PullRun) -> None:
    """What was held before is older than what came now."""
    held = PullRun.objects.filter(cursor=run.cursor, state=PullRun.State.HELD).exclude(pk=run.pk)
    wholes.forget(held)
    held.update(state=PullRun.State.STOPPED)


def fail(lease: Lease, run: PullRun, error: ConnectorError) -> None:
    """It cannot go on. What is stored stays; the schedule begins anew much later. Raises LeaseLostError."""
    with transaction.atomic():
        leases.renew(lease, due_at=planning.later(settings.PULL_FAILED_INTERVAL_SECONDS))
        _change(run, state=PullRun.State.FAILED, finished_at=timezone.now(), **_said(error))
    run.cursor.refresh_from_db()


def postpone(lease: Lease, run: PullRun, error: ConnectorError) -> None:
    """The shop cannot answer now: the same run goes on later, or fails after too many attempts."""
    if run.attempts >= settings.PULL_ATTEMPTS:
        fail(lease, run, error)
        return
    with transaction.atomic():
        leases.renew(
            lease, due_at=planning.later(planning.patience(run.attempts, error.retry_after or 0))
        )
        _change(run, **_said(error))
    run.cursor.refresh_from_db()


def pause(lease: Lease, run: PullRun) -> None:
    """The slice is over and the run is not: it is due at once."""
    leases.renew(lease, due_at=timezone.now())
    run.cursor.refresh_from_db()


def at(position: Position) -> dict[str, Any]:
    """The columns of a run or a cursor that stands there."""
    return {"position_at": position.at, "position_id": position.id}


def _said(error: ConnectorError) -> dict[str, Any]:
    return {"error": error.code, "params": error.params, "detail": error.detail}


def no_error() -> dict[str, Any]:
    """The columns of a run that goes well."""
    return {"error": "", "params": {}, "detail": ""}


def _change(run: PullRun, **changes: Any) -> None:
    update(run, **changes)
    apply(run, **changes)


def update(run: PullRun, **changes: Any) -> None:
    """In the database. Raises LeaseLostError where somebody stopped the run.

    Where our clock was ahead when it began, its end is a time to come, and what changes by then is not read:
    it ends, at the latest, where the clock is seen to be right again.
    """
    latest = planning.latest_end()
    if run.until > latest:
        changes["until"] = Least(F("until"), latest)
    if not PullRun.objects.filter(pk=run.pk, state=RUNNING).update(**changes):
        raise leases.LeaseLostError(f"run {run.pk} is over")


def apply(row: PullRun | PullSpan | Cursor, **changes: Any) -> None:
    """To what is in memory of a row, what was changed of it in the database."""
    for name, value in changes.items():
        setattr(row, name, value)

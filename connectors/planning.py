"""What a new run reads: changes since the cursor, everything, or a range; and when the next one begins."""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from connectors import schedule, wholes, windows
from connectors.base import Resource
from connectors.models import Cursor, PullRun
from connectors.wholes import resource_of

Kind = PullRun.Kind


def new(cursor: Cursor, *, since: datetime | None, full: bool) -> PullRun:
    """A run that begins now. In a transaction that holds the cursor."""
    resource, now = resource_of(cursor), timezone.now()
    begins = windows.start(
        cursor.position,
        timedelta(seconds=settings.PULL_OVERLAP_SECONDS),
        since=since,
        full=full or resource.cursor_field is None,
    )
    until = latest_end()
    is_night_work = since is None and resource.reconciled and _reconcile_is_due(cursor, now)
    if resource.cursor_field is None or (resource.by_id and (begins is None or is_night_work)):
        return _whole(cursor, until, anew=full)
    return PullRun.objects.create(cursor=cursor, since=begins, until=until)


def ranged(cursor: Cursor, start: datetime, end: datetime) -> PullRun:
    """A run that reads a range of dates again and leaves the cursor where it is.

    Raises ValueError where that resource has no dates or the range is empty.
    """
    until = min(windows.end(end, timedelta()), latest_end())
    if resource_of(cursor).cursor_field is None or start >= until:
        raise ValueError(f"nothing of {cursor} between {start} and {until}")
    return PullRun.objects.create(cursor=cursor, kind=Kind.RANGE, since=start, until=until)


def latest_end() -> datetime:
    """`until` of a run that begins now."""
    return windows.end(timezone.now(), timedelta(seconds=settings.PULL_MARGIN_SECONDS))


def patience(attempts: int, asked: float) -> float:
    """Seconds until the next attempt: twice as long each time, and not less than the shop asked for."""
    doubled: float = settings.PULL_RETRY_SECONDS * 2 ** max(attempts - 1, 0)
    longest: float = settings.PULL_FAILED_INTERVAL_SECONDS
    usual: float = min(doubled, settings.PULL_RETRY_MAX_SECONDS)
    return max(usual, min(asked, longest))


def later(seconds: float) -> datetime:
    """With jitter, so that shops that began together do not stay together."""
    return timezone.now() + timedelta(seconds=seconds * random.uniform(1.0, 1.1))  # noqa: S311  # no secret


def interval(resource: Resource) -> float:
    """Seconds from the end of a run to the next one."""
    usual: float = (
        settings.PULL_INTERVAL_SECONDS
        if resource.cursor_field
        else settings.PULL_WHOLE_INTERVAL_SECONDS
    )
    return usual if resource.every is None else resource.every


def _whole(cursor: Cursor, until: datetime, *, anew: bool) -> PullRun:
    """Reads everything; goes on where the last one failed, with that one's `until`: what changed since then
    is read by the next run."""
    run = PullRun(cursor=cursor, kind=Kind.WHOLE, until=until, marks=wholes.live(cursor).exists())
    latest = cursor.runs.first()
    is_resumed = latest is not None and not anew and latest.state == PullRun.State.FAILED
    if latest is not None and is_resumed and latest.spans.exists():
        run.until, run.expected, run.marks = latest.until, latest.expected, latest.marks
        run.save()
        wholes.take_over(run, latest)
    else:
        wholes.forget(cursor.runs.filter(state=PullRun.State.FAILED))
        run.save()
    return run


def _reconcile_is_due(cursor: Cursor, now: datetime) -> bool:
    """Whether the last reading of everything began long enough ago."""
    whole = cursor.runs.filter(kind=Kind.WHOLE).exclude(state=PullRun.State.STOPPED)
    last = whole.values_list("started_at", flat=True).first()
    apart = timedelta(seconds=settings.PULL_RECONCILE_SECONDS)
    zone = cursor.connection.time_zone
    return schedule.is_night_work_due(last, now, zone=zone, apart=apart)

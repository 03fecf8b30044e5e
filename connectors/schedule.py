"""When a shop is read: pure rules of its quiet hours and its nights, in its own time, and its pauses."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from connectors.models import Connection

NIGHT_BEGINS, NIGHT_ENDS = time(1), time(6)
# A shop that was not reached in two nights is read whole by day.
OVERDUE = timedelta(hours=44)


def is_within(begins: time, ends: time, at: time) -> bool:
    """Whether `at` lies between the two, over midnight where it ends before it begins."""
    if begins <= ends:
        return begins <= at < ends
    return at >= begins or at < ends


def local(moment: datetime, zone: str) -> time:
    """The time of day in that zone; UTC where it is blank."""
    return moment.astimezone(ZoneInfo(zone or "UTC")).time()


def is_night_work_due(last: datetime | None, now: datetime, *, zone: str, apart: timedelta) -> bool:
    """Whether what is read whole once a night is to be read now, `last` being when that began before."""
    if last is None:
        return True
    is_night = is_within(NIGHT_BEGINS, NIGHT_ENDS, local(now, zone))
    return now - last >= (apart if is_night else OVERDUE)


def are_quiet(now: datetime) -> Q:
    """Connections whose quiet hours these are."""
    hours = (
        Connection.objects.exclude(quiet_from=None)
        .exclude(quiet_to=None)
        .values_list("quiet_from", "quiet_to", "time_zone")
    )
    quiet = Q(pk__in=())
    for begins, ends, zone in hours.distinct():
        if begins and ends and is_within(begins, ends, local(now, zone)):
            quiet |= Q(quiet_from=begins, quiet_to=ends, time_zone=zone)
    return quiet


def set_quiet_hours(
    connection: Connection, begins: time | None, ends: time | None, *, zone: str
) -> None:
    """No pull begins or goes on between the two, in that time zone; None lifts them.

    Raises ValueError on one without the other, ZoneInfoNotFoundError on an unknown zone.
    """
    ZoneInfo(zone or "UTC")
    if (begins is None) != (ends is None):
        raise ValueError("quiet hours need a beginning and an end")
    Connection.objects.filter(pk=connection.pk).update(
        quiet_from=begins, quiet_to=ends, time_zone=zone
    )


def pause(connection: Connection) -> None:
    """No further slice begins; what is under way ends its slice."""
    Connection.objects.filter(pk=connection.pk, paused_at=None).update(paused_at=timezone.now())


def resume(connection: Connection) -> None:
    """What became due meanwhile is due at once, and goes on where it stopped."""
    Connection.objects.filter(pk=connection.pk).update(paused_at=None)

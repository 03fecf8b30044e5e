"""When a message may arrive: digests and quiet hours, in the time zone of whoever wants them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.schedule import is_within
from onboarding.models.notifications import Timing

DIGEST_AT = time(8)


def earliest(timing: Timing, *, since: datetime, now: datetime, may_gather: bool) -> datetime:
    """The first moment, from now on, for a message that is there since then.

    `may_gather`: it is not under way yet, so that it waits for its digest.
    """
    moment = max(now, _digest(timing, since)) if may_gather else now
    return _after_quiet_hours(timing, moment)


def gathers(timing: Timing) -> bool:
    """Whether what is due is sent together."""
    return timing.pace != Timing.Pace.NOW


def _digest(timing: Timing, since: datetime) -> datetime:
    match timing.pace:
        case Timing.Pace.HOURLY:
            return since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        case Timing.Pace.DAILY:
            return _next(DIGEST_AT, since, timing.time_zone)
    return since


def _after_quiet_hours(timing: Timing, moment: datetime) -> datetime:
    begins, ends = timing.quiet_from, timing.quiet_to
    if begins is None or ends is None:
        return moment
    here = moment.astimezone(ZoneInfo(timing.time_zone))
    return _next(ends, moment, timing.time_zone) if is_within(begins, ends, here.time()) else moment


def _next(at: time, moment: datetime, zone: str) -> datetime:
    """When it is that time of day there the next time."""
    here = moment.astimezone(ZoneInfo(zone))
    day = here.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return (day if day > here else day + timedelta(days=1)).astimezone(UTC)

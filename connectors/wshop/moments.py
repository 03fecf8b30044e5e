"""Dates as WSHOP writes them, and back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.wshop.dialect import Dates


def parse(value: object, dates: Dates) -> datetime | None:
    """Aware UTC; None for blank and for the zero date of MySQL. Raises ValueError, without the value."""
    if value is None or value == "" or str(value).startswith("0000-00-00"):
        return None
    try:
        moment = _parse(value, dates)
    except (ValueError, TypeError, OverflowError, OSError):
        raise ValueError(f"not a date of the format {dates.format}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(dates.zone))
    return moment.astimezone(UTC)


def _parse(value: object, dates: Dates) -> datetime:
    match dates.format:
        case "unix":
            return datetime.fromtimestamp(float(str(value)), UTC)
        case "unix_ms":
            return datetime.fromtimestamp(float(str(value)) / 1000, UTC)
        case "iso":
            return datetime.fromisoformat(str(value))
        case _:
            return datetime.strptime(str(value), dates.format)  # noqa: DTZ007  # zone follows in parse


def write(moment: datetime, dates: Dates) -> str | int:
    """The moment as a parameter, cut to the format's resolution."""
    match dates.format:
        case "unix":
            return int(moment.timestamp())
        case "unix_ms":
            return int(moment.timestamp() * 1000)
        case "iso":
            return moment.astimezone(ZoneInfo(dates.zone)).isoformat(timespec="seconds")
        case _:
            return moment.astimezone(ZoneInfo(dates.zone)).strftime(dates.format)


def tick(dates: Dates) -> timedelta:
    """The smallest step that a parameter of this format can express, one second at the least."""
    if dates.format in ("iso", "unix", "unix_ms"):
        return timedelta(seconds=1)
    if any(code in dates.format for code in ("%S", "%T", "%X", "%c", "%s")):
        return timedelta(seconds=1)
    return timedelta(minutes=1) if "%M" in dates.format else timedelta(days=1)


def safe_start(moment: datetime, dates: Dates) -> datetime:
    """The moment, or one before the hour that happens twice where clocks are turned back.

    A date without zone does not tell which of the two hours it means: what was stored as the first
    may have been the second.
    """
    if dates.format in ("unix", "unix_ms"):
        return moment
    local = moment.astimezone(ZoneInfo(dates.zone))
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if first is None or second is None or first == second:
        return moment
    return moment - 2 * abs(first - second)

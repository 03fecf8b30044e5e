"""Dates as shops and spreadsheets write them, made one: UTC, as the databases read it.

What has no zone is UTC, as the field guide says. Whether 03/04/2026 is a day of March or of April is never
guessed: see AmbiguousError.
"""

import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone

DMY, MDY = "dmy", "mdy"
FIRST = datetime(1990, 1, 1)  # noqa: DTZ001  # compared with moments that were brought to UTC
LATEST = timedelta(days=400)  # after today
OLD = timedelta(days=3 * 365)  # serial numbers older than this look like those of 1904
ORIGINS = {"1900": datetime(1899, 12, 30), "1904": datetime(1904, 1, 1)}  # noqa: DTZ001  # as above

ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(.*)")
YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(.*)")
NAMED = re.compile(
    r"(?:[^\W\d]{2,9}\.?,? )?(\d{1,2})(?:st|nd|rd|th|er)?[ -]([^\W\d]{3,9})\.?,?[ -](\d{4})(.*)"
)
NAMED_FIRST = re.compile(r"([^\W\d]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(.*)")
SERIAL = re.compile(r"(\d{5})(?:[.,](\d{1,12}))?")
EPOCH = re.compile(r"(\d{10})(\d{3})?")
TIME = re.compile(
    r"[ T]+(?:à |at )?(\d{1,2})[:h](\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?(?: ?([AaPp])\.?[Mm]\.?)?"
    r"(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?"
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier",
            "feb february fev fév fevr févr fevrier février",
            "mar march mars",
            "apr april avr avril",
            "may mai",
            "jun june juin",
            "jul july juil juillet",
            "aug august aou aoû aout août",
            "sep sept september septembre",
            "oct october octobre",
            "nov november novembre",
            "dec december déc decembre décembre",
        ),
        1,
    )
    for name in names.split()
}


class AmbiguousError(ValueError):
    """Day and month could be either way round."""


class Dates:
    """Reads the dates of one file. What it met says what must be asked."""

    def __init__(self, *, order: str = "", system: str = "") -> None:
        self.order = order
        self.system = system
        self.ambiguous: list[str] = []  # a few of them
        self.seen: set[str] = set()  # DMY, MDY: dates that can be read in one way only
        self.newest_serial = 0.0
        self.serials: list[str] = []
        self._now = timezone.now().replace(tzinfo=None)

    def convert(self, text: str) -> str:
        """2026-06-01 08:15:00, UTC. Raises ValueError with the code of the problem."""
        try:
            moment = self._read(text)
        except OverflowError:
            raise ValueError("date_out_of_range") from None
        if not FIRST <= moment <= self._now + LATEST:
            raise ValueError("date_out_of_range")
        return moment.isoformat(" ")

    @property
    def looks_like_1904(self) -> bool:
        """Serial numbers that are old news, and new where a Mac counted them."""
        if not self.serials or self.system:
            return False
        usual = ORIGINS["1900"] + timedelta(days=self.newest_serial)
        other = ORIGINS["1904"] + timedelta(days=self.newest_serial)
        return usual < self._now - OLD and other <= self._now + timedelta(days=2)

    def _read(self, text: str) -> datetime:
        if ISO.fullmatch(text):
            return _iso(text)
        if found := YEAR_LAST.fullmatch(text):
            return self._year_last(text, found)
        if found := YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text):
            year, month, day, *rest = found.groups()
            return _moment(int(year), int(month), int(day), "".join(rest))
        if found := SERIAL.fullmatch(text):
            return self._serial(text, found)
        if found := EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(found[1]), tz=UTC).replace(tzinfo=None)
        return _named(text)

    def _year_last(self, text: str, found: "re.Match[str]") -> datetime:
        first, sign, second, year, rest = found.groups()
        a, b = int(first), int(second)
        whole = int(year) + (0 if len(year) == 4 else 2000)
        if sign == "." or (a > 12 and b <= 12):
            order = DMY
            self.seen.add(DMY)
        elif b > 12 and a <= 12:
            order = MDY
            self.seen.add(MDY)
        elif a == b or self.order:
            order = self.order or DMY
        else:
            if len(self.ambiguous) < 5:
                self.ambiguous.append(text)
            raise AmbiguousError
        if self.order and order != self.order and sign != ".":
            raise ValueError("no_such_day")
        day, month = (a, b) if order == DMY else (b, a)
        return _moment(whole, month, day, rest)

    def _serial(self, text: str, found: "re.Match[str]") -> datetime:
        number = float(f"{found[1]}.{found[2] or 0}")
        self.newest_serial = max(self.newest_serial, number)
        if len(self.serials) < 5:
            self.serials.append(text)
        days = ORIGINS[self.system or "1900"] + timedelta(days=number)
        return (days + timedelta(milliseconds=500)).replace(microsecond=0)


def _iso(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _moment(int(text[:4]), int(text[5:7]), int(text[8:10]), text[10:])
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _named(text: str) -> datetime:
    if found := NAMED.fullmatch(text):
        day, month, year, rest = found.groups()
    elif found := NAMED_FIRST.fullmatch(text):
        month, day, year, rest = found.groups()
    else:
        raise ValueError("not_a_date")
    number = MONTHS.get(month.casefold())
    if number is None:
        raise ValueError("not_a_date")
    return _moment(int(year), number, int(day), rest)


def _moment(year: int, month: int, day: int, rest: str) -> datetime:
    found = TIME.fullmatch(rest.rstrip())
    if rest.strip() and not found:
        raise ValueError("not_a_date")
    try:
        moment = datetime(year, month, day)  # noqa: DTZ001  # its zone is taken off below
    except ValueError:
        raise ValueError("no_such_day") from None
    return _with_time(moment, found) if found else moment


def _with_time(moment: datetime, found: "re.Match[str]") -> datetime:
    hour, minute, second, fraction, half, zone = found.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("not_a_date")
        hours = hours % 12 + (12 if half in "Pp" else 0)
    try:
        exact = moment.replace(
            hour=hours,
            minute=int(minute),
            second=int(second or 0),
            microsecond=int((fraction or "0").ljust(6, "0")),
        )
    except ValueError:
        raise ValueError("not_a_date") from None
    if zone and zone[0] in "+-":
        away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        return exact - away if zone[0] == "+" else exact + away
    return exact

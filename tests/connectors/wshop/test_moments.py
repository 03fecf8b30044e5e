"""Dates in the formats that a shop may write, and the hour that happens twice."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.wshop.dialect import Dates
from connectors.wshop.moments import parse, safe_start, tick, write

MOMENT = datetime(2026, 7, 3, 8, 15, 30, tzinfo=UTC)
PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("dates", "written"),
    [
        (Dates(), "2026-07-03 08:15:30"),
        (Dates(zone=PARIS), "2026-07-03 10:15:30"),
        (Dates(format="%d/%m/%Y %H:%M:%S", zone=PARIS), "03/07/2026 10:15:30"),
        (Dates(format="iso"), "2026-07-03T08:15:30+00:00"),
        (Dates(format="iso", zone=PARIS), "2026-07-03T10:15:30+02:00"),
        (Dates(format="unix"), 1783066530),
        (Dates(format="unix_ms"), 1783066530000),
    ],
)
def test_what_is_written_is_read_back(dates: Dates, written: str | int) -> None:
    assert write(MOMENT, dates) == written
    assert parse(written, dates) == MOMENT


def test_an_iso_date_may_have_a_z_fractions_or_no_zone() -> None:
    dates = Dates(format="iso", zone=PARIS)
    assert parse("2026-07-03T08:15:30Z", dates) == MOMENT
    assert parse("2026-07-03T08:15:30.250000+00:00", dates) == MOMENT + timedelta(milliseconds=250)
    assert parse("2026-07-03T10:15:30", dates) == MOMENT


@pytest.mark.parametrize("blank", [None, "", "0000-00-00 00:00:00", "0000-00-00"])
def test_no_date_is_none(blank: object) -> None:
    assert parse(blank, Dates()) is None


@pytest.mark.parametrize("format", ["%Y-%m-%d %H:%M:%S", "iso", "unix", "unix_ms"])
@pytest.mark.parametrize("value", ["yesterday", "2026-13-40 00:00:00", True, 10**40, ["2026"]])
def test_what_is_no_date_is_refused_without_showing_it(format: str, value: object) -> None:
    if value is True and format.startswith("unix"):
        value = "true"
    with pytest.raises(ValueError, match="not a date of the format") as refused:
        parse(value, Dates(format=format))
    assert str(value) not in str(refused.value)


def test_the_step_of_a_format() -> None:
    steps = {
        "%Y-%m-%d %H:%M:%S": timedelta(seconds=1),
        "%Y-%m-%d %H:%M": timedelta(minutes=1),
        "%d.%m.%Y": timedelta(days=1),
        "iso": timedelta(seconds=1),
        "unix": timedelta(seconds=1),
    }
    assert {format: tick(Dates(format=format)) for format in steps} == steps


def test_a_start_within_the_hour_that_happens_twice_is_set_before_it() -> None:
    dates = Dates(zone=PARIS)
    clocks_turn = datetime(2026, 10, 25, 1, tzinfo=UTC)  # 03:00 becomes 02:00
    for minutes in (-59, -1, 0, 1, 59):
        start = safe_start(clocks_turn + timedelta(minutes=minutes), dates)
        assert start.astimezone(UTC) < clocks_turn - timedelta(hours=1)
    for minutes in (-61, 61):
        at = clocks_turn + timedelta(minutes=minutes)
        assert safe_start(at, dates) == at
    assert safe_start(clocks_turn, Dates(format="unix", zone=PARIS)) == clocks_turn
    assert safe_start(clocks_turn, Dates()) == clocks_turn

"""Filters as MySQL compares: by the column's type, without minding case or accents."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from connectors.sandbox.magento.criteria import Filter
from connectors.sandbox.magento.replies import internal_error

Test = Callable[[Any], bool]

DATE_COLUMN = re.compile(r".*(_at|_dob|_date|date_requested)|dob")
DATE = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?)?"
)
LEADING_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def test_of(one: Filter) -> Test:
    """Whether a column's value meets a filter. A condition that Magento does not know means `eq`."""
    if one.condition == "null":
        return lambda value: value is None
    if one.condition == "notnull":
        return lambda value: value is not None
    if one.value is None:
        return lambda _value: False
    compare = _COMPARISONS.get(one.condition, _eq)
    return _without_null(compare(one.value, _kind(one.field)))


def _without_null(test: Test) -> Test:
    """NULL meets no comparison, not even `neq`. Of a list, any member may meet it."""

    def meets(value: Any) -> bool:
        if isinstance(value, list):
            return any(test(member) for member in value)
        return value is not None and test(value)

    return meets


def _kind(field: str) -> str:
    return "date" if DATE_COLUMN.fullmatch(field) else ""


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """As the collation compares: `É` is `e`, and blanks at the end do not count."""
    plain = unicodedata.normalize("NFD", text.rstrip(" "))
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def date(text: str) -> str:
    """A moment that compares as text. Zones are not read; what is no date is the zero date."""
    match = DATE.match(text)
    if not match:
        return "0000-00-00 00:00:00"
    year, month, day, hour, minute, second, fraction = match.groups()
    moment = f"{year}-{month:0>2}-{day:0>2} {hour or 0:0>2}:{minute or 0:0>2}:{second or 0:0>2}"
    return f"{moment}.{fraction}" if (fraction or "").strip("0") else moment


def number(text: str) -> float:
    """MySQL reads the number a text begins with, else 0."""
    match = LEADING_NUMBER.match(text)
    return float(match[0]) if match else 0.0


def _ordered(met: Callable[[Any, Any], bool]) -> Callable[[str, str], Test]:
    def comparison(wanted: str, kind: str) -> Test:
        # Read once, not for each of twenty thousand rows.
        as_date, as_number, as_text = date(wanted), number(wanted), folded(wanted)

        def test(value: Any) -> bool:
            if kind == "date":
                return met(value, as_date)
            if isinstance(value, (int, float)):
                return met(value, as_number)
            return met(folded(str(value)), as_text)

        return test

    return comparison


_eq = _ordered(lambda value, wanted: bool(value == wanted))


def _in(wanted: str, kind: str) -> Test:
    parts = wanted.split(",")
    tests = [_eq(part, kind) for part in parts]
    texts, numbers = {folded(part) for part in parts}, {number(part) for part in parts}

    def test(value: Any) -> bool:
        if kind == "date":
            return any(one(value) for one in tests)
        if isinstance(value, (int, float)):
            return value in numbers
        return folded(str(value)) in texts

    return test


def _like(wanted: str, _kind: str) -> Test:
    translated = {"%": ".*", "_": "."}
    pattern = "".join(translated.get(char, re.escape(char)) for char in folded(wanted))
    matcher = re.compile(pattern, re.DOTALL)
    return lambda value: matcher.fullmatch(folded(str(value))) is not None


def _finset(wanted: str, _kind: str) -> Test:
    return lambda value: folded(wanted) in [folded(part) for part in str(value).split(",")]


def _regexp(wanted: str, _kind: str) -> Test:
    try:
        matcher = re.compile(wanted, re.IGNORECASE)
    except re.error:
        raise internal_error() from None
    return lambda value: matcher.search(str(value)) is not None


def _negated(comparison: Callable[[str, str], Test]) -> Callable[[str, str], Test]:
    def negated(wanted: str, kind: str) -> Test:
        test = comparison(wanted, kind)
        return lambda value: not test(value)

    return negated


_gteq = _ordered(lambda value, wanted: bool(value >= wanted))
_lteq = _ordered(lambda value, wanted: bool(value <= wanted))
_COMPARISONS: dict[str, Callable[[str, str], Test]] = {
    "eq": _eq,
    "neq": _negated(_eq),
    "gt": _ordered(lambda value, wanted: bool(value > wanted)),
    "lt": _ordered(lambda value, wanted: bool(value < wanted)),
    "gteq": _gteq,
    "lteq": _lteq,
    "from": _gteq,
    "to": _lteq,
    "in": _in,
    "nin": _negated(_in),
    "like": _like,
    "nlike": _negated(_like),
    "finset": _finset,
    "nfinset": _negated(_finset),
    "regexp": _regexp,
}

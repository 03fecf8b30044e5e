"""What can be wrong with a cell or a row, in the merchant's language; and the same, counted together."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

LONGEST_VALUE = 100  # characters of a cell that are shown
MOST_GROUPS = 500  # different ones that are told apart
FIRST = 200  # problems that are kept one by one

# By code. These keep a row from being taken.
ERRORS: dict[str, Promise] = {
    "required": _("%(column)s is empty"),
    "not_an_integer": _("%(column)s: “%(value)s” is not a whole number"),
    "not_a_number": _("%(column)s: “%(value)s” is not a number"),
    "number_too_large": _("%(column)s: “%(value)s” is too large"),
    "out_of_range": _("%(column)s: “%(value)s” is out of any sensible range"),
    "negative": _("%(column)s: “%(value)s” is less than zero"),
    "not_a_boolean": _("%(column)s: “%(value)s” is neither true nor false"),
    "not_a_date": _("%(column)s: “%(value)s” is not a date"),
    "no_such_day": _("%(column)s: “%(value)s” is a day that does not exist"),
    "date_out_of_range": _("%(column)s: “%(value)s” is before 1990 or far in the future"),
    "not_a_list": _("%(column)s: “%(value)s” is not a list"),
    "not_an_object": _("%(column)s: “%(value)s” is not a JSON object of names and values"),
    "not_a_choice": _("%(column)s: “%(value)s” is not one of %(detail)s"),
    "not_like": _("%(column)s: “%(value)s” is not written like %(detail)s"),
    "digits_lost": _(
        "%(column)s: a spreadsheet turned a long number into “%(value)s”, its digits are lost:"
        " format the column as text"
    ),
    "too_long": _("%(column)s: longer than %(detail)s characters"),
    "control_character": _("%(column)s holds a character that is not text"),
    "not_decodable": _("%(column)s: a letter is damaged, the row mixes two encodings"),
    "formula": _("%(column)s: “%(value)s” is a spreadsheet's formula, or its error, and no value"),
    "too_few_cells": _("The row has fewer cells than the header: %(detail)s"),
    "too_many_cells": _("The row has more cells than the header: %(detail)s"),
    "header_again": _("The header stands here once more"),
}
# These are said, and the row is taken all the same.
WARNINGS: dict[str, Promise] = {
    "repeated": _("The same record stands in the file several times: the newest version counts"),
    "only_variant": _("The only size of its product in this file: Kleep would switch itself off"),
    "unknown_order": _("Unknown order “%(value)s”: no order with this id was received"),
    "unknown_order_line": _(
        "Unknown order line “%(value)s”: no order line with this id was received"
    ),
    "unknown_variant": _("Unknown variant “%(value)s”: no product with this id was received"),
    "unknown_size": _("Unknown size label “%(value)s”: no received product has it"),
}
TEXTS = {**ERRORS, **WARNINGS}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """`row`: as a spreadsheet numbers it, the header is 1. `column`: as the file heads it."""

    row: int
    column: str = ""
    value: str = ""
    code: str
    detail: str = ""

    @property
    def is_error(self) -> bool:
        return self.code in ERRORS

    @property
    def message(self) -> str:
        return _text(self)


@dataclass(kw_only=True)
class Group:
    """The same problem in many rows."""

    code: str
    column: str = ""
    value: str = ""
    detail: str = ""
    rows: int = 0
    first_row: int = 0

    @property
    def is_error(self) -> bool:
        return self.code in ERRORS

    @property
    def message(self) -> str:
        """2,113 rows: unknown size label “XXS/34”"""
        words = {"rows": number_format(self.rows, use_l10n=True, force_grouping=True)}
        words["what"] = _text(self)
        return ngettext("%(rows)s row: %(what)s", "%(rows)s rows: %(what)s", self.rows) % words


class Grouped:
    """Counts problems as they come, in bounded memory."""

    def __init__(self) -> None:
        self.groups: dict[tuple[str, str, str], Group] = {}
        self.first: list[Problem] = []

    def add(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self._count(problem)
            if len(self.first) < FIRST:
                self.first.append(problem)

    def _count(self, problem: Problem) -> None:
        key = (problem.code, problem.column, problem.value)
        if key not in self.groups and len(self.groups) >= MOST_GROUPS:
            key = (problem.code, problem.column, "")
        group = self.groups.get(key)
        if group is None:
            code, column, value = key
            group = self.groups[key] = Group(
                code=code,
                column=column,
                value=value,
                detail=problem.detail,
                first_row=problem.row,
            )
        group.rows += 1
        group.first_row = min(group.first_row, problem.row)

    def largest(self) -> list[dict[str, Any]]:
        """As they are stored: errors before warnings, the largest first."""
        ordered = sorted(
            self.groups.values(), key=lambda group: (not group.is_error, -group.rows, group.code)
        )
        return [asdict(group) for group in ordered]

    def firsts(self) -> list[dict[str, Any]]:
        return [asdict(problem) for problem in sorted(self.first, key=lambda found: found.row)]


def shown(value: str) -> str:
    """A cell as it may stand in a sentence: without its end and without what is no text."""
    cut = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
    return "".join(letter if letter.isprintable() else "�" for letter in cut)


def _text(found: Problem | Group) -> str:
    words = {"column": found.column, "value": found.value, "detail": found.detail}
    return str(TEXTS[found.code]) % words

"""Judges one column of a file, a batch at a time; a value that comes often is judged once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connectors.datasets import Column, Type
from connectors.files.dates import AmbiguousError, Dates
from connectors.files.problems import Problem, shown
from connectors.files.texts import NULL, Texts, bare, copied
from connectors.files.values import LARGEST_KEY, Convert, converter

REMEMBERED = 50_000  # values of a column
Pseudonym = Callable[[str], str]
PERSON = "customer_ref"


@dataclass(kw_only=True)
class Judge:
    """`at`: where in a row the column stands. `convert`: None for texts of any form."""

    column: Column
    heading: str
    at: int
    texts: Texts
    convert: Convert | None
    is_key: bool
    is_id: bool
    _known: dict[str, str] = field(default_factory=dict)
    _bad: dict[str, str] = field(default_factory=dict)  # {cell: code}

    def judge(self, cells: Sequence[str], *, is_even: bool) -> tuple[Sequence[str], dict[int, str]]:
        """The values as COPY reads them, and by place the code of what is wrong."""
        if self.convert is None:
            return self._free(cells, is_even=is_even)
        known = self._known
        if len(known) > REMEMBERED:
            known.clear()
            self._bad.clear()
        for cell in set(cells).difference(known):
            known[cell] = self._value(cell, self.convert)
        wrong = {}
        if self._bad and not self._bad.keys().isdisjoint(cells):
            wrong = {at: self._bad[cell] for at, cell in enumerate(cells) if cell in self._bad}
        return list(map(known.__getitem__, cells)), wrong

    def problem(self, row: int, cell: str, code: str) -> Problem:
        is_shown = code != "required"
        return Problem(
            row=row,
            column=self.heading,
            value=shown(cell) if is_shown else "",
            code=code,
            detail=self._detail(code),
        )

    def _value(self, cell: str, convert: Convert) -> str:
        try:
            text = bare(cell)
            if text:
                return copied(convert(text))
            if not self.column.required:
                return NULL
            code = "required"
        except AmbiguousError:  # asked at the end, or known by then: see Dates
            return NULL
        except ValueError as error:
            code = str(error)
        self._bad[cell] = code
        return NULL

    def _free(self, cells: Sequence[str], *, is_even: bool) -> tuple[Sequence[str], dict[int, str]]:
        values, wrong = self.texts.mend(cells, is_even=is_even, is_id=self.is_id)
        if "" in values:
            if self.column.required:
                wrong.update((at, "required") for at, text in enumerate(values) if not text)
            else:
                values = [text or NULL for text in values]
        if self.is_key and max(map(len, values)) > LARGEST_KEY:
            wrong.update(
                (at, "too_long") for at, text in enumerate(values) if len(text) > LARGEST_KEY
            )
        return values, wrong

    def _detail(self, code: str) -> str:
        match code:
            case "not_a_choice":
                return ", ".join(self.column.choices)
            case "not_like":
                return self.column.example
            case "too_long":
                return str(LARGEST_KEY)
            case _:
                return ""


def judge_of(
    column: Column,
    at: int,
    *,
    heading: str,
    texts: Texts,
    decimal: str,
    dates: Dates,
    pseudonym: Pseudonym,
    is_key: bool,
) -> Judge:
    """`is_key`: one of the columns that tell its records apart."""
    convert: Convert | None = None
    if column.name == PERSON:
        # As a shop's API gives it: an address in any case is the same person.
        convert = _of_person(pseudonym)
    elif column.type is not Type.TEXT or column.choices or column.like:
        convert = converter(column, decimal=decimal, dates=dates)
    return Judge(
        column=column,
        heading=heading,
        at=at,
        texts=texts,
        convert=convert,
        is_key=is_key,
        is_id=is_key or column.name.endswith(("_id", "sku", "ean")),
    )


def _of_person(pseudonym: Pseudonym) -> Convert:
    return lambda text: pseudonym(text.lower() if "@" in text else text)

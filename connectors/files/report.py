"""The report: the original rows, in front of each what is wrong with it; ready to be mended and sent again.

The columns stand in front, where a row with too many or too few cells does not move them. Whoever opens the
report does so in a spreadsheet, which would run a cell that begins with = + - @: such cells get an
apostrophe, and lose it when the report comes back.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import BinaryIO

from connectors.files.problems import Problem

HEADINGS = ("error_row", "error_column", "error_value", "error_code", "error_message")
BLANK = [""] * len(HEADINGS)
BETWEEN = " | "  # several problems of one row
RUNS = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: str) -> str:
    """Nothing that a spreadsheet would run."""
    if cell.startswith(RUNS) or (cell.startswith("'") and cell[1:].startswith((*RUNS, "'"))):
        return f"'{cell}"
    return cell


def natural(cell: str) -> str:
    """The other way round."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*RUNS, "'")) else cell


class Report:
    """Written as the rows come by. UTF-8 with a mark, without which Excel takes it for another encoding."""

    def __init__(self, stream: BinaryIO, *, delimiter: str, header: Sequence[str]) -> None:
        self._stream = stream
        self._delimiter = delimiter
        stream.write(codecs.BOM_UTF8)
        self._write([[*HEADINGS, *map(neutral, header)]])

    def add(self, rows: Sequence[list[str]], first: int, problems: Iterable[Problem]) -> None:
        """Some rows, the first of which has this number, and what is wrong with them, in their order."""
        lines = list(map(BLANK.__add__, _neutral(rows)))
        wrong: dict[int, list[Problem]] = {}
        for problem in problems:
            wrong.setdefault(problem.row, []).append(problem)
        for number, mine in wrong.items():
            lines[number - first][: len(BLANK)] = _cells(mine)
        self._write(lines)

    def _write(self, lines: list[list[str]]) -> None:
        """Encoded at once: a text stream would do so for every row."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._delimiter, lineterminator="\r\n").writerows(lines)
        self._stream.write(text.getvalue().encode(errors="replace"))


_LEADS = frozenset({*RUNS, "'"})
_first = itemgetter(slice(0, 1))


def _neutral(rows: Sequence[list[str]]) -> Sequence[list[str]]:
    """Most batches have no such cell: one look at the first letters of all is cheaper than one at each."""
    if _LEADS.isdisjoint(set(map(_first, chain.from_iterable(rows)))):
        return rows
    return [list(map(neutral, row)) for row in rows]


def _cells(problems: list[Problem]) -> list[str]:
    several = {
        "error_column": (found.column for found in problems),
        "error_value": (found.value for found in problems),
        "error_code": (found.code for found in problems),
        "error_message": (found.message for found in problems),
    }
    joined = [BETWEEN.join(values) for values in several.values()]
    return [str(problems[0].row), *map(neutral, joined)]

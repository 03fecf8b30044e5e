"""The report: the original rows, in front of each what is wrong with it; ready to be mended and sent again.

The columns stand in front, where a row with too many or too few cells does not move them. Whoever opens the
report does so in a spreadsheet, which would run a cell that begins with = + - @: such cells get an
apostrophe, and lose it when the report comes back.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
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
        self._text = io.TextIOWrapper(
            stream, encoding="utf-8-sig", errors="replace", newline="", write_through=True
        )
        self._writer = csv.writer(self._text, delimiter=delimiter, lineterminator="\r\n")
        self._writer.writerow([*HEADINGS, *map(neutral, header)])

    def add(self, rows: Sequence[list[str]], first: int, problems: Iterable[Problem]) -> None:
        """Some rows, the first of which has this number, and what is wrong with them, in their order."""
        wrong: dict[int, list[Problem]] = {}
        for problem in problems:
            wrong.setdefault(problem.row, []).append(problem)
        self._writer.writerows(
            [*(_cells(wrong[number]) if number in wrong else BLANK), *row]
            for number, row in enumerate(_neutral(rows), first)
        )

    def close(self) -> None:
        """The stream stays open: it is the caller's."""
        self._text.flush()
        self._text.detach()


def _neutral(rows: Sequence[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        # Most rows have no such cell: one look at all of them is cheaper than one at each.
        yield list(map(neutral, row)) if any(cell[:1] in _LEADS for cell in row) else row


_LEADS = frozenset({*RUNS, "'"})


def _cells(problems: list[Problem]) -> list[str]:
    several = {
        "error_column": (found.column for found in problems),
        "error_value": (found.value for found in problems),
        "error_code": (found.code for found in problems),
        "error_message": (found.message for found in problems),
    }
    joined = [BETWEEN.join(values) for values in several.values()]
    return [str(problems[0].row), *map(neutral, joined)]

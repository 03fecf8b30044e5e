"""Checks batches of rows against a dataset and makes of the good ones what the database reads.

A checker is made once per file. It works column by column: what no cell of the file can hold (see Traits)
is looked for in none, and a value that comes often is judged once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import compress

from connectors.datasets import Dataset
from connectors.files.dates import Dates
from connectors.files.detect import Traits
from connectors.files.judging import Judge, judge_of
from connectors.files.problems import Problem
from connectors.files.reading import Batch
from connectors.files.texts import Texts

BLANK = "blank"
Values = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """`block`: the good rows, one line each as COPY reads them: the row's number, then Checker.columns.

    `numbers` and `values` (by column, as stored) are of the good rows alone.
    """

    rows: int = 0
    block: str = ""
    problems: list[Problem] = field(default_factory=list)
    numbers: Sequence[int] = ()
    values: dict[str, Values] = field(default_factory=dict)


class Checker:
    """Of one file. `positions`: where our columns stand in a row. `undated`: when a row is from that does
    not say it; blank for nothing."""

    def __init__(
        self,
        dataset: Dataset,
        *,
        header: Sequence[str],
        positions: dict[str, int],
        traits: Traits,
        decimal: str,
        dates: Dates,
        pseudonym: Callable[[str], str],
        undated: str = "",
    ) -> None:
        # Where files were joined, the header comes again, and in front of it the second file's mark.
        self._headers = [list(header), [f"\ufeff{header[0]}", *header[1:]]]
        self._width = len(header)
        self._nothing = [""] * len(header)
        texts = Texts(traits)
        self._judges: list[Judge] = []
        assumed: dict[str, str] = {}
        for column in dataset.columns:
            if column.name in positions:
                at = positions[column.name]
                judge = judge_of(
                    column,
                    at,
                    heading=header[at],
                    texts=texts,
                    decimal=decimal,
                    dates=dates,
                    pseudonym=pseudonym,
                    is_key=column.name in dataset.key,
                )
                self._judges.append(judge)
            elif column.assumed or (column.name == "updated_at" and undated):
                assumed[column.name] = column.assumed or undated
        self.columns = (*(judge.column.name for judge in self._judges), *assumed)
        self._end = "".join(f"\t{value}" for value in assumed.values()) + "\n"

    def heading(self, column: str) -> str:
        """What the file calls one of our columns; our own name where it has none."""
        return next((one.heading for one in self._judges if one.column.name == column), column)

    def check(self, batch: Batch) -> Checked:
        problems: list[Problem] = []
        rows, numbers = self._shaped(batch, problems)
        count = len(rows) + len(problems)
        if not rows:
            return Checked(rows=count, problems=problems)
        across = list(zip(*rows, strict=True))
        values: dict[str, Values] = {}
        bad: set[int] = set()
        for judge in self._judges:
            cells = across[judge.at]
            values[judge.column.name], wrong = judge.judge(cells, is_even=batch.is_even)
            problems += [judge.problem(numbers[at], cells[at], wrong[at]) for at in wrong]
            bad.update(wrong)
        if bad:
            keep = [at not in bad for at in range(len(rows))]
            values = {name: list(compress(column, keep)) for name, column in values.items()}
            numbers = list(compress(numbers, keep))
        return Checked(
            rows=count,
            block=self._block(numbers, values),
            problems=sorted(problems, key=lambda problem: problem.row),
            numbers=numbers,
            values=values,
        )

    def _block(self, numbers: Sequence[int], values: dict[str, Values]) -> str:
        if not numbers:
            return ""
        lines = map("\t".join, zip(map(str, numbers), *values.values(), strict=True))
        return self._end.join(lines) + self._end

    def _shaped(
        self, batch: Batch, problems: list[Problem]
    ) -> tuple[list[list[str]], Sequence[int]]:
        """The rows that have the cells of the header, and their numbers; blank ones are left out."""
        rows = batch.rows
        is_usual = set(map(len, rows)) == {self._width}
        if is_usual and not any(one in rows for one in (*self._headers, self._nothing)):
            return rows, range(batch.first, batch.first + len(rows))
        good: list[list[str]] = []
        numbers: list[int] = []
        for number, row in enumerate(rows, batch.first):
            code = self._shape(row)
            if code == "":
                good.append(row[: self._width])
                numbers.append(number)
            elif code != BLANK:
                detail = f"{len(row)} / {self._width}" if code != "header_again" else ""
                problems.append(Problem(row=number, code=code, detail=detail))
        return good, numbers

    def _shape(self, row: list[str]) -> str:
        """The code of what is wrong with the shape of a row; blank for nothing."""
        if not any(cell.strip() for cell in row):
            return BLANK
        if row in self._headers:
            return "header_again"
        if len(row) < self._width:
            return "too_few_cells"
        return "too_many_cells" if any(cell.strip() for cell in row[self._width :]) else ""

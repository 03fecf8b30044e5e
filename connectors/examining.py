"""One reading of a whole file: every row checked, the good ones put aside, what is wrong written down.

Nothing is stored here. Where the file turns out to need an answer, or to have been read with the wrong order
of day and month, the reading was in vain: it costs little.
"""

import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import IO, BinaryIO

from django.conf import settings

from connectors import catalogue
from connectors.crossing import Crossing
from connectors.datasets import DATASETS, ORDERS, PRODUCTS
from connectors.erasing import pseudonym_of
from connectors.files import containers
from connectors.files.checks import Checked, Checker
from connectors.files.dates import Dates
from connectors.files.layout import Question
from connectors.files.preparing import Prepared, prepare
from connectors.files.problems import Grouped, Problem
from connectors.files.reading import batches
from connectors.files.refusals import RefusedError
from connectors.files.repeats import Repeats
from connectors.files.spools import ProblemSpool
from connectors.models import ReceivedFile

Tick = Callable[[], None]  # called now and then; may raise what ends the reading
TOLD_AT_ONCE = 50_000


@dataclass(kw_only=True)
class Examined:
    """What one reading found. `lines`: the good rows, as storing_files.store_lines reads them."""

    prepared: Prepared
    lines: IO[bytes]
    spool: ProblemSpool
    questions: list[Question] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    rows: int = 0
    good: int = 0
    has_repeats: bool = False
    grouped: Grouped = field(default_factory=Grouped)

    def note(self, problems: list[Problem], *, since: int) -> None:
        """Some problems; where one is of a row before `since`, they come late."""
        if not problems:
            return
        self.grouped.add(problems)
        is_late = min(problem.row for problem in problems) < since
        (self.spool.add_late if is_late else self.spool.add)(problems)


@contextmanager
def opened(file: ReceivedFile) -> Iterator[tuple[BinaryIO, str]]:
    """The bytes of the table in a received file, and what it came in. Raises RefusedError."""
    try:
        stream = file.content.open("rb")
    except (OSError, ValueError):
        raise RefusedError("lost") from None
    with stream:
        limit = settings.FILE_MAX_UNPACKED_BYTES
        with containers.unpacked(stream, size=file.size, limit=limit) as found:  # type: ignore[arg-type]  # a File reads as a BinaryIO does
            yield found


@contextmanager
def examined(file: ReceivedFile, *, tick: Tick) -> Iterator[Examined]:
    """Raises RefusedError, and what `tick` raises. What was put aside is gone afterwards."""
    answers = file.answers
    dataset = DATASETS.get(file.dataset)
    prepared = prepare(partial(opened, file), dataset, answers.get("mapping") or {})
    with ExitStack() as stack:
        if prepared.questions:
            yield _empty(prepared, stack)
            return
        order, system = answers.get("date_order") or "", answers.get("date_system") or ""
        dates = Dates(order=order, system=system)
        found = _read(file, prepared, dates, stack, tick)
        if dates.ambiguous and len(dates.seen) == 1:
            # Other dates of the file can be read in one way only, and so are these.
            dates = Dates(order=dates.seen.pop(), system=system)
            found = _read(file, prepared, dates, stack, tick)
        if not found.rows:
            raise RefusedError("header_only")
        found.questions = list(_about(dates))
        yield found


def _empty(prepared: Prepared, stack: ExitStack) -> Examined:
    spool = ProblemSpool()
    stack.callback(spool.close)
    lines = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # the stack closes it
    questions = list(prepared.questions)
    return Examined(prepared=prepared, lines=lines, spool=spool, questions=questions)


def _read(
    file: ReceivedFile, prepared: Prepared, dates: Dates, stack: ExitStack, tick: Tick
) -> Examined:
    """Every row once."""
    found, dataset = _empty(prepared, stack), DATASETS[file.dataset]
    checker = _checker(file, prepared, dates)
    positions = prepared.matched.positions
    headings = {name: prepared.header[at] for name, at in positions.items()}
    scope = catalogue.stored_scope(file.connection, file.scope)
    crossing = Crossing(file.connection, dataset, scope, headings)
    keys, products, lines = Repeats(tick), Repeats(tick), Repeats(tick)
    for repeats in (keys, products, lines):
        stack.callback(repeats.close)
    found.columns = checker.columns
    key = [name for name in dataset.key if name in positions]
    with opened(file) as (stream, _container):
        for batch in batches(stream, prepared.layout):
            checked = checker.check(batch)
            found.lines.write(checked.block.encode())
            found.rows += checked.rows
            if found.rows > settings.FILE_MAX_ROWS:
                raise RefusedError("too_many_rows", limit=settings.FILE_MAX_ROWS)
            found.good += len(checked.numbers)
            found.note(checked.problems, since=batch.first)
            found.note(_crossed(crossing, checked), since=batch.first)
            if checked.numbers:
                keys.add(_keys(checked, key), checked.numbers)
            if dataset is PRODUCTS and checked.numbers:
                products.add(checked.values["product_id"], checked.numbers)
            if dataset is ORDERS and checked.numbers:
                lines.add(_keys(checked, ["order_id", "line_id"]), checked.numbers)
            tick()
    found.note(crossing.rest(), since=found.rows + 2)
    found.has_repeats = keys.has_repeated
    if dataset is ORDERS and found.has_repeats and lines.different > keys.different:
        raise RefusedError("not_unique", column=headings["line_id"])
    _note_rows(found, keys.repeated() if found.has_repeats else (), "repeated")
    _note_rows(found, products.single() if dataset is PRODUCTS else (), "only_variant")
    return found


def _crossed(crossing: Crossing, checked: Checked) -> list[Problem]:
    return crossing.look(checked) if checked.numbers else []


def _keys(checked: Checked, names: list[str]) -> Iterable[Hashable]:
    columns = [checked.values[name] for name in names]
    return columns[0] if len(columns) == 1 else zip(*columns, strict=True)


def _note_rows(found: Examined, rows: Iterable[int], code: str) -> None:
    """A part for each so many of them: a file may hold any number."""
    numbers = iter(rows)
    while part := [Problem(row=row, code=code) for row in islice(numbers, TOLD_AT_ONCE)]:
        found.grouped.add(part)
        found.spool.add_late(part)


def _checker(file: ReceivedFile, prepared: Prepared, dates: Dates) -> Checker:
    return Checker(
        DATASETS[file.dataset],
        header=prepared.header,
        positions=prepared.matched.positions,
        traits=prepared.traits,
        decimal=prepared.layout.decimal,
        dates=dates,
        pseudonym=pseudonym_of(file.connection.tenant),
        # A version without a date would replace newer ones: the file's own stands in for it.
        undated=file.said_at.replace(tzinfo=None).isoformat(" "),
    )


def _about(dates: Dates) -> Iterator[Question]:
    if dates.ambiguous:
        yield Question(
            kind="date_order", choices=["dmy", "mdy"], examples=list(dict.fromkeys(dates.ambiguous))
        )
    elif dates.looks_like_1904:
        yield Question(kind="date_system", choices=["1900", "1904"], examples=dates.serials)

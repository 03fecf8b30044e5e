"""Writes the report of a received file, beside the storing of its rows, which waits for the database."""

import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, BinaryIO

from django.core.files.storage import default_storage
from django.utils import translation

from connectors.examining import Examined, Tick, opened
from connectors.filelife import Renewing
from connectors.files.layout import Layout
from connectors.files.problems import Problem
from connectors.files.reading import batches
from connectors.files.report import HEADINGS, Report
from connectors.files.spools import read_problems
from connectors.models import ReceivedFile
from connectors.received_files import problems_aside


def write(
    file: ReceivedFile,
    layout: Layout,
    problems: Iterable[Problem],
    tick: Tick = lambda: None,
) -> str:
    """The file once more, with its problems in front of the rows; its path in the storage."""
    default_storage.delete(
        f"reports/{file.connection_id}/{file.pk}.csv"
    )  # an attempt before left it
    with tempfile.TemporaryFile() as stream, translation.override(file.language):
        _write(file, layout, iter(problems), stream, tick)
        stream.seek(0)
        file.report.save("report", Renewing(stream, tick), save=False)
    return str(file.report.name)


def keep_problems(file: ReceivedFile, found: Examined, tick: Tick) -> None:
    """For beside(), also where that begins anew after a crash."""
    default_storage.delete(problems_aside(file))
    if found.spool.count:
        with tempfile.TemporaryFile() as stream:
            found.spool.write_to(stream)
            stream.seek(0)
            default_storage.save(problems_aside(file), Renewing(stream, tick))


@contextmanager
def beside(file: ReceivedFile) -> Iterator["Future[str]"]:
    """The report is written while this is open; the result is its path, blank where nothing is wrong."""
    with ThreadPoolExecutor(1, thread_name_prefix="report") as pool:
        yield pool.submit(_write_kept, file)


def forget(file: ReceivedFile) -> None:
    default_storage.delete(problems_aside(file))


def _write_kept(file: ReceivedFile) -> str:
    if file.report or not default_storage.exists(problems_aside(file)):
        return file.report.name or ""
    with default_storage.open(problems_aside(file), "rb") as problems:
        return write(file, Layout.from_json(file.layout), read_problems(problems))


def _write(
    file: ReceivedFile, layout: Layout, problems: Iterator[Problem], stream: IO[bytes], tick: Tick
) -> None:
    header = layout.header[len(HEADINGS) :] if layout.is_report else layout.header
    report = Report(_binary(stream), delimiter=layout.delimiter, header=header)
    coming = next(problems, None)
    with opened(file) as (content, _container):
        for batch in batches(content, layout):
            end, mine = batch.first + len(batch.rows), []
            while coming is not None and coming.row < end:
                mine.append(coming)
                coming = next(problems, None)
            report.add(batch.rows, batch.first, mine)
            tick()


def _binary(stream: IO[bytes]) -> BinaryIO:
    return stream  # type: ignore[return-value]  # a temporary file reads and writes bytes

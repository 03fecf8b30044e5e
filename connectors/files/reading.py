"""The rows of a file, in batches, whatever its letters and its line ends, in bounded memory."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

from connectors.files.layout import Layout
from connectors.files.refusals import RefusedError
from connectors.files.report import HEADINGS, natural

BLOCK = 1 << 18
BATCH = 500  # rows: what the processor keeps near
LONGEST = 1_000_000  # characters of a cell, and of a line

csv.field_size_limit(LONGEST)  # of the whole process; nothing else here reads CSV


class Batch:
    """Some rows as they stand in the file. `first`: the number of the first, as a spreadsheet counts."""

    def __init__(self, rows: list[list[str]], first: int, *, is_even: bool) -> None:
        self.rows = rows
        self.first = first
        self.is_even = is_even  # no cell holds a line break


def batches(stream: BinaryIO, layout: Layout) -> Iterator[Batch]:
    """All rows after the header; blank lines are rows without cells. Raises RefusedError."""
    reader = csv.reader(
        islice(_lines(stream, layout.encoding), layout.skip, None),
        delimiter=layout.delimiter,
        quotechar=layout.quote,
        skipinitialspace=True,
    )
    number = layout.skip + 1
    _read(reader, 1, number)  # the header
    number += 1
    while True:
        before = reader.line_num
        rows = _read(reader, BATCH, number)
        if not rows:
            return
        is_even = reader.line_num - before == len(rows)
        if layout.is_report:
            rows = [list(map(natural, row[len(HEADINGS) :])) for row in rows]
        yield Batch(rows, number, is_even=is_even)
        number += len(rows)


def _read(reader: Iterator[list[str]], count: int, number: int) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        rows.extend(islice(reader, count))
    except csv.Error:
        raise RefusedError("endless_row", row=number + len(rows), limit=LONGEST) from None
    return rows


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Lines with their ends, made alike. Raises RefusedError where one does not end."""
    return chain.from_iterable(
        io.StringIO(block, newline="\n") for block in _blocks(stream, encoding)
    )


def _blocks(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Parts of the text that end where a line ends."""
    errors = "surrogateescape" if encoding in {"utf-8", "utf-8-sig", "cp1252"} else "strict"
    decode = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding)(errors), translate=True
    ).decode
    rest, lines, is_first = "", 1, True
    while True:
        chunk = stream.read(BLOCK)
        try:
            text = decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            raise RefusedError("encoding", encoding=encoding.upper()) from None
        if is_first:
            text, is_first = text.removeprefix("\ufeff"), False  # UTF-16 keeps its mark
        whole, end, begun = text.rpartition("\n")
        if end:
            yield f"{rest}{whole}\n"
            lines += 1 + whole.count("\n")
            rest = begun
        else:
            rest += text
        if len(rest) > LONGEST:
            raise RefusedError("endless_row", row=lines, limit=LONGEST)
        if not chunk:
            if rest:
                yield rest
            return

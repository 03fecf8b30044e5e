"""What a check writes to the disk while it runs: the problems, in the order of the rows."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import IO

import msgspec

from connectors.files.problems import Problem

READ = 1 << 16
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[int, str, str, str, str]).decode
_row = attrgetter("row")


class ProblemSpool:
    """Any number of problems: those of a batch come in order, what is found out later is a part."""

    def __init__(self) -> None:
        self._parts: list[IO[bytes]] = [tempfile.TemporaryFile()]  # noqa: SIM115  # see close()
        self.count = 0

    def add(self, problems: Iterable[Problem]) -> None:
        """In the order of the rows, none before those that were added."""
        self._write(self._parts[0], problems)

    def add_late(self, problems: Iterable[Problem]) -> None:
        part: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # see close()
        self._parts.append(part)
        self._write(part, sorted(problems, key=_row))

    def _write(self, part: IO[bytes], problems: Iterable[Problem]) -> None:
        for one in problems:
            part.write(_line(one))
            self.count += 1

    def __iter__(self) -> Iterator[Problem]:
        """All of them in the order of the rows."""
        return heapq.merge(*map(read_problems, self._parts), key=_row)

    def write_to(self, target: IO[bytes]) -> None:
        """All of them in the order of the rows; read_problems() reads them again."""
        for one in self:
            target.write(_line(one))

    def close(self) -> None:
        for part in self._parts:
            part.close()


def _line(one: Problem) -> bytes:
    return _encode((one.row, one.column, one.value, one.code, one.detail)) + b"\n"


def read_problems(part: IO[bytes]) -> Iterator[Problem]:
    part.seek(0)
    for line in part:
        row, column, value, code, detail = _decode(line)
        yield Problem(row=row, column=column, value=value, code=code, detail=detail)

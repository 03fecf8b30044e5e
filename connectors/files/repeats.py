"""Finds what comes several times, or once only, in a column of any length, in bounded memory.

Only a hash of each value is kept, on the disk, and read in parts. 64 bits: of a million values, two that
differ share one with a chance of one in forty million.
"""

import tempfile
from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import IO

PART = 150_000  # hashes that are compared at once
READ = 1 << 16
MOST = 100_000  # different ones that are told


class Repeats:
    """Hashes of values in the order of the file, with the numbers of their rows."""

    def __init__(self, tick: Callable[[], None] = lambda: None) -> None:
        """`tick` is called now and then while the hashes are read."""
        self._tick = tick
        self._hashes: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._numbers: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._count = 0

    def add(self, values: Iterable[Hashable], numbers: Iterable[int]) -> None:
        hashes = array("q", map(hash, values))
        self._hashes.write(hashes)
        self._numbers.write(array("q", numbers))
        self._count += len(hashes)

    def close(self) -> None:
        self._hashes.close()
        self._numbers.close()

    def repeated(self) -> Iterator[int]:
        """The rows whose value came before, in order."""
        several = self._several()
        if not several:
            return
        seen: set[int] = set()
        for one, number in self._pairs():
            if one in several:
                if one in seen:
                    yield number
                seen.add(one)

    def single(self) -> Iterator[int]:
        """The rows whose value comes once only, in order."""
        several = self._several(most=self._count)
        for one, number in self._pairs():
            if one not in several:
                yield number

    @property
    def has_repeated(self) -> bool:
        return bool(self._several(most=1))

    @property
    def different(self) -> int:
        """How many different values there are."""
        parts = self._count // PART + 1
        found = 0
        for part in range(parts):
            seen: set[int] = set()
            for chunk in self._read(self._hashes):
                seen.update(one for one in chunk if one % parts == part)
            found += len(seen)
        return found

    def _several(self, most: int = MOST) -> set[int]:
        """Hashes that come more than once."""
        several: set[int] = set()
        parts = self._count // PART + 1
        for part in range(parts):
            seen: set[int] = set()
            for chunk in self._read(self._hashes):
                mine = [one for one in chunk if one % parts == part] if parts > 1 else list(chunk)
                new = set(mine)
                several |= seen & new
                if len(new) < len(mine):
                    several |= _twice(mine)
                seen |= new
            if len(several) >= most:
                break
        return several

    def _pairs(self) -> Iterator[tuple[int, int]]:
        for hashes, numbers in zip(
            self._read(self._hashes), self._read(self._numbers), strict=True
        ):
            yield from zip(hashes, numbers, strict=True)

    def _read(self, file: IO[bytes]) -> Iterator["array[int]"]:
        """From the beginning, in chunks."""
        at = 0
        while True:
            file.seek(at)
            part = file.read(READ * 8)
            if not part:
                file.seek(0, 2)
                return
            at += len(part)
            self._tick()
            yield array("q", part)


def _twice(values: list[int]) -> set[int]:
    seen: set[int] = set()
    found: set[int] = set()
    for one in values:
        (found if one in seen else seen).add(one)
    return found

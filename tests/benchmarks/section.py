"""What a part of docs/benchmarks.md is: it measures on the stage, then writes what came of it.

A part of one's own: a module in sections/ that ends with SECTION, and its entry in sections/__init__.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.benchmarks.stage import Stage
from tests.parts import Part

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A plot among the lines of a page: one line per name, points of (orders, value)."""

    file: str
    title: str
    unit: str
    lines: dict[str, list[tuple[float, float]]]
    limit: float | None = None


Written = Iterator[str | Plot]


@dataclass(frozen=True, kw_only=True)
class Section(Generic[R]):
    """`parts`: programs that it needs beside PostgreSQL; `environments`: see environments.py.

    `run` raises FailedError, and AssertionError where what it measures is not what it should be. Where
    `stage.quick` is set it measures little: only to show that it works.
    """

    title: str
    run: Callable[[Stage], R]
    write: Callable[[R], Written]
    parts: tuple[Part, ...] = ()
    environments: tuple[str, ...] = ()


def verdict(reached: bool) -> str:
    return "reached" if reached else "**not reached**"

"""Writes docs/benchmarks.md and its plots: the machine, then what each section has to say."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

import psutil

from tests import parts
from tests.benchmarks.environments import python_of
from tests.benchmarks.section import Plot, Section
from tests.processes import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
FAULTS = ROOT / "docs" / "faults.md"  # written by `make chaos`
REFERENCES = ("dlt", "pymagento", "requests-o")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`load`: the average number of processes that wanted a core before; `failed`: titles of sections."""

    results: list[tuple[Section[Any], Any]]
    failed: list[str]
    load: float
    seconds: float


def write(measured: Measured, *, to: Path = PAGE) -> None:
    images = to.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    lines = [*_head(measured), *_sections(measured, images), *_faults()]
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(measured: Measured) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield (
        "Written by `make bench`. Absolute figures are of one machine at one hour; the ratios are what"
        " counts. Whatever is compared ran in turns with the other."
    )
    yield ""
    yield _machine(measured)
    if measured.load > (os.cpu_count() or 1) * 1.5:
        yield ""
        yield "**The machine was busy with other work: repeat these figures on a quiet one.**"
    if measured.failed:
        yield ""
        yield f"**Not measured, because it failed: {', '.join(measured.failed)}.**"


def _sections(measured: Measured, images: Path) -> Iterator[str]:
    for section, result in measured.results:
        yield from ("", f"## {section.title}", "")
        for line in section.write(result):
            if isinstance(line, Plot):
                _draw(line, images / line.file)
                yield f"![{line.title}](images/{line.file})"
            else:
                yield line


def _faults() -> Iterator[str]:
    """The table of the last fault runs."""
    lines = FAULTS.read_text(encoding="utf-8").splitlines()
    yield from ("", "## Fault runs", "")
    yield from takewhile(bool, dropwhile(lambda line: not line.startswith("|"), lines))
    yield from ("", "Of the last `make chaos RUNS=...`: [faults.md](faults.md) says what was done.")


def _machine(measured: Measured) -> str:
    server = subprocess.run(
        [str(parts.find("postgres")), "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[2]
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB,"
        f" {platform.system()} {platform.release()}; Python {platform.python_version()},"
        f" Django {version('django')}, psycopg {version('psycopg')}, msgspec {version('msgspec')},"
        f" PostgreSQL {server} (throw-away cluster, fsync off, for everybody alike). References:"
        f" {', '.join(sorted(_pinned()))}. The simulated shop is pinned to the last core; the"
        f" others may use any, that one too. Load average before {measured.load:.1f};"
        f" {measured.seconds / 60:.0f} minutes in all."
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(found, platform.machine())


def _pinned() -> set[str]:
    texts = (
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("requirements-*")
    )
    return {line for text in texts for line in text.splitlines() if line.startswith(REFERENCES)}


def _draw(plot: Plot, to: Path) -> None:
    given = {"title": plot.title, "unit": plot.unit, "limit": plot.limit, "lines": plot.lines}
    subprocess.run(
        [python_of("plots"), Path(__file__).with_name("plots.py"), to],
        input=json.dumps(given), text=True, check=True,
    )  # fmt: skip

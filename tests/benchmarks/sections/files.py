"""A million returns in a file: checked, reported and stored, beside a bare COPY and upsert of them."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg

from tests.benchmarks import measuring
from tests.benchmarks.section import Section, Written, verdict
from tests.benchmarks.stage import Database, Stage

ROWS, SIZES, REPETITIONS = 1_000_000, (10_000, 100_000, 1_000_000), 3
ROWS_QUICK, SIZES_QUICK = 20_000, (1_000, 20_000)
WRONG_EVERY = 1_000  # rows
LIMIT_MB, RATIO = 150, 0.6
HEADER = (
    "return_id,line_id,return_date,order_id,order_line_id,variant_id,sku,size_label,quantity,status,"
    "reason_code,reason_label,comment,updated_at"
)
COMMENTS = ("trop petit à la taille", "", "parfait", '"a bit long, otherwise fine"', "")
BARE = Path(__file__).parent.parent / "references" / "copying.py"
LANDED = (
    "SELECT count(*), sum(quantity), count(DISTINCT variant_id), count(comment) FROM data_returns"
)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """`seconds`: without the start of the process, which a file of one row measures."""

    name: str
    rows: int
    seconds: float
    cpu: float
    peak_mb: float

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


@dataclass(frozen=True, kw_only=True)
class Found:
    megabytes: float
    rounds: list[tuple[Taken, Taken]]  # the portal, the bare one beside it
    sized: list[Taken]

    @property
    def ratios(self) -> list[float]:
        return [portal.rate / bare.rate for portal, bare in self.rounds]


def run(stage: Stage) -> Found:
    rows = ROWS_QUICK if stage.quick else ROWS
    with tempfile.TemporaryDirectory(prefix="kleep-bench-") as made:
        folder = Path(made)
        sized = [_portal(stage, folder, size) for size in (SIZES_QUICK if stage.quick else SIZES)]
        rounds = [
            (_portal(stage, folder, rows), _bare(stage, folder, rows))
            for _ in range(1 if stage.quick else REPETITIONS)
        ]
        megabytes = _file(folder, rows, wrong=True).stat().st_size / 1e6
    return Found(megabytes=megabytes, rounds=rounds, sized=sized)


def _lines(rows: int, *, wrong: bool) -> Iterator[str]:
    for i in range(rows):
        is_wrong = wrong and i % WRONG_EVERY == WRONG_EVERY - 1
        if not wrong and i % WRONG_EVERY == WRONG_EVERY - 1:
            continue  # the bare one is given what the portal takes
        day, time = i % 28 + 1, f"{i % 24:02d}:{i % 60:02d}:{i * 7 % 60:02d}Z"
        yield (
            f"R{i // 2},{i % 2 + 1},2026-05-{day:02d}T{time},{100_000 + i // 2},{i * 3},V{i % 77_777},"
            f"SKU-{i % 77_777}-M,{(36, 38, 40, 'M')[i % 4]},{'x' if is_wrong else 1},closed,{i % 30},"
            f"Too small,{COMMENTS[i % 5]},2026-06-{day:02d}T{time}\r\n"
        )


def _file(folder: Path, rows: int, *, wrong: bool) -> Path:
    path = folder / f"{rows}{'-wrong' if wrong else ''}" / "returns.csv"
    if not path.exists():
        path.parent.mkdir()
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.write(f"{HEADER}\r\n")
            stream.writelines(_lines(rows, wrong=wrong))
    return path


def _portal(stage: Stage, folder: Path, rows: int) -> Taken:
    file = _file(folder, rows, wrong=True)

    def taken(path: Path, database: Database) -> measuring.Usage:
        command = stage.manage(database, "ingest", stage.slug, "--path", str(path), "--json")
        output = folder / "output"
        usage = measuring.run(command, env=stage.portal(database), output=output, seconds=900)
        (one,) = json.loads(output.read_text(encoding="utf-8"))["files"]
        wrong = rows // WRONG_EVERY if path == file else 0
        assert (one["status"], one["rejected"]) == ("taken", wrong), one
        assert wrong == 0 or Path(one["report"]).stat().st_size > file.stat().st_size
        return usage

    return _measured(stage, "portal", folder, file, taken, rows)


def _bare(stage: Stage, folder: Path, rows: int) -> Taken:
    def taken(path: Path, database: Database) -> measuring.Usage:
        command: Sequence[str | Path] = [sys.executable, BARE, database.conninfo, path]
        env = stage.portal(database)
        return measuring.run(command, env=env, output=folder / "output", seconds=900)

    return _measured(stage, "bare", folder, _file(folder, rows, wrong=False), taken, rows)


def _measured(
    stage: Stage,
    name: str,
    folder: Path,
    file: Path,
    taken: Callable[[Path, Database], measuring.Usage],
    rows: int,
) -> Taken:
    """Each on a fresh copy of the portal's database, and what is in it afterwards counted."""
    with stage.portal_database() as database:
        start = taken(_file(folder, 1, wrong=False), database)
    with stage.portal_database() as database:
        usage = taken(file, database)
        with psycopg.connect(database.conninfo) as connection:
            landed = connection.execute(LANDED).fetchone()
    good = rows - rows // WRONG_EVERY
    assert landed is not None and (landed[0], landed[1]) == (good, good), landed  # noqa: PT018
    found = Taken(
        name=name,
        rows=rows,
        # Of a small file, as --quick takes it, little more than noise is left.
        seconds=max(usage.whole - start.whole, 0.01),
        cpu=usage.cpu - start.cpu,
        peak_mb=usage.peak_mb,
    )
    print(f"{name:18} {rows:9} rows {found.rate:8.0f}/s {found.peak_mb:5.0f} MB", flush=True)
    return found


def write(found: Found) -> Written:
    rows = found.rounds[0][0].rows
    yield (
        f"A CSV of {rows:,} returns, {len(HEADER.split(','))} columns, {found.megabytes:.0f} MB, of which"
        f" every {WRONG_EVERY:,}th row is wrong: every cell checked, the report written, the good rows"
        " stored. Beside it a bare COPY and upsert of the same good rows into the same table. Both without"
        " the start of their process."
    )
    yield ""
    yield "| | rows/s | client CPU s | peak MB |"
    yield "|---|--:|--:|--:|"
    for title, runs in zip(
        ("portal", "bare COPY and upsert"), zip(*found.rounds, strict=True), strict=True
    ):
        rate, cpu = median(one.rate for one in runs), median(one.cpu for one in runs)
        yield f"| {title} | {rate:,.0f} | {cpu:.1f} | {max(one.peak_mb for one in runs):.0f} |"
    yield ""
    ratios = ", ".join(f"{ratio:.0%}" for ratio in found.ratios)
    yield (
        f"Of the bare rate: {ratios}. At least {RATIO:.0%}: {verdict(median(found.ratios) >= RATIO)}."
    )
    yield ""
    peaks = ", ".join(f"{one.rows:,} rows {one.peak_mb:.0f} MB" for one in found.sized)
    highest = max(one.peak_mb for one in found.sized)
    yield (
        f"Peak memory: {peaks}. Under {LIMIT_MB} MB: {verdict(highest < LIMIT_MB)}. Between the smallest and"
        f" the largest file it grows by {highest - found.sized[0].peak_mb:.0f} MB."
    )


SECTION = Section(title="A million returns in a file", run=run, write=write)

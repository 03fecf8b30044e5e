"""Writes docs/benchmarks.md and its two plots from the results."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil

from tests import parts
from tests.benchmarks import scale
from tests.benchmarks.environments import python_of
from tests.benchmarks.plan import Results
from tests.benchmarks.rates import Run
from tests.processes import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
RATE, MEMORY = "benchmarks-rate.svg", "benchmarks-memory.svg"
NAMES = {
    "portal": "**the portal's `pull`**",
    "bare": "bare pipeline",
    "oauthlib": "requests_oauthlib loop, `bulk_create(update_conflicts)`",
    "pymagento": "PyMagento, `bulk_create(update_conflicts)`",
    "dlt": "dlt's REST source, a function of ours making the lines",
    "dlt nested": "dlt's REST source, nested one deep",
    "portal, SQLite": "**the portal's `pull`**, SQLite",
    "oauthlib, SQLite": "requests_oauthlib loop, SQLite",
}
# (what, of, other, at least)
TARGETS = (
    ("dlt nested", "portal", 9.0),
    ("dlt", "portal", 9.0),
    ("oauthlib", "portal", 3.0),
    ("pymagento", "portal", 3.0),
    ("bare", "portal", 0.5),
    ("oauthlib, SQLite", "portal, SQLite", 3.0),
)
MEMORY_LIMIT_MB = 120


def write(results: Results, *, to: Path = PAGE) -> None:
    images = to.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    rate, memory = _lines(results.sized, "rate"), _lines(results.sized, "peak_mb")
    _draw("Orders per second, by the size of the shop", "orders/s", rate, images / RATE)
    _draw(
        "Peak memory of the pulling process", "MB", memory, images / MEMORY, limit=MEMORY_LIMIT_MB
    )
    to.write_text("\n".join(_page(results)) + "\n", encoding="utf-8")


def _page(results: Results) -> Iterator[str]:
    plan = results.plan
    sent = next(iter(results.rounds))["portal"]
    yield "# Benchmarks"
    yield ""
    yield (
        "Written by `make bench`. Absolute figures are of one machine at one hour; the ratios are what"
        " counts. Whatever is compared ran in turns with the other."
    )
    yield ""
    yield from _machine(results)
    yield ""
    yield f"## {plan.orders:,} orders, pages of 300, no latency"
    yield ""
    yield (
        f"Every order is sent whole, {sent.bytes / plan.orders / 1000:.1f} kB on average (the shop"
        " leaves `fields` unheeded, so that everybody reads the same bytes; the portal does ask for"
        f" less), and lands as one row per line that a shopper would count: {sent.landed[0]:,} rows,"
        " the same for everybody but for dlt nested, which stores each of Magento's items as it came."
        " Seconds run from the first request to the end of the process; with start-up says what the"
        " interpreter and its imports add. CPU counts a process's children, peak memory does not (dlt's"
        " two workers come on top)."
    )
    yield ""
    yield from _rates(results)
    yield ""
    yield from _targets(results)
    yield ""
    yield f"![rate against size](images/{RATE})"
    yield ""
    yield from _memory(results)
    yield ""
    yield f"![memory against size](images/{MEMORY})"
    yield ""
    yield from _requests(results)
    yield ""
    yield from _overheads(results)
    yield ""
    yield from scale.page(results)


def _machine(results: Results) -> Iterator[str]:
    server = subprocess.run(
        [str(parts.find("postgres")), "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[2]
    memory = psutil.virtual_memory().total / 1e9
    yield (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB,"
        f" {platform.system()} {platform.release()}; Python {platform.python_version()},"
        f" Django {version('django')}, psycopg {version('psycopg')}, msgspec {version('msgspec')},"
        f" PostgreSQL {server} (throw-away cluster, fsync off, for everybody alike). References:"
        f" {', '.join(sorted(_pinned()))}. The simulated shop is pinned to the last core; the"
        f" others may use any, that one too. {len(results.rounds)} repetitions, medians;"
        f" load average up to"
        f" {results.load:.1f}; {results.seconds / 60:.0f} minutes in all."
    )
    if results.load > (os.cpu_count() or 1) * 1.5:
        yield ""
        yield "**The machine was busy with other work: repeat these figures on a quiet one.**"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(found, platform.machine())


def _pinned() -> Iterator[str]:
    for path in Path(__file__).parent.glob("requirements-*.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        yield from (line for line in lines if line.startswith(("dlt", "pymagento", "requests-o")))


def _rates(results: Results) -> Iterator[str]:
    yield "| | orders/s | seconds | with start-up | CPU s | peak MB | requests |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name, shown in NAMES.items():
        runs = results.runs(name) or [results.single[name]]
        cells = [
            f"{median(run.rate for run in runs):,.0f}",
            f"{median(run.seconds for run in runs):.2f}",
            f"{median(run.whole for run in runs):.2f}",
            f"{median(run.cpu for run in runs):.2f}",
            f"{median(run.peak_mb for run in runs):.0f}",
            f"{runs[0].requests}",
        ]
        yield f"| {shown} | {' | '.join(cells)} |"


def _targets(results: Results) -> Iterator[str]:
    yield "| the portal against | ratio of rates | lowest to highest | wanted | |"
    yield "|---|--:|--:|--:|---|"
    for other, of, wanted in TARGETS:
        ratios = results.ratios(other, of=of)
        ratio, spread = median(ratios), f"{min(ratios):.2f} to {max(ratios):.2f}"
        yield f"| {NAMES[other]} | {ratio:.2f} | {spread} | {wanted:g} | {_verdict(ratio >= wanted)} |"
    yield ""
    yield (
        "dlt is shown twice. Nested is the source as it is declared, without code of one's own; with a"
        " function that makes our lines while extracting it has far less to normalise. dlt nested ran once."
    )


def _verdict(reached: bool) -> str:
    return "reached" if reached else "**not reached**"


def _lines(runs: list[Run], value: str) -> dict[str, list[list[float]]]:
    found: dict[str, list[list[float]]] = {}
    for run in runs:
        found.setdefault(run.name, []).append([run.orders, round(getattr(run, value), 1)])
    return found


def _memory(results: Results) -> Iterator[str]:
    peaks = [(run.orders, run.peak_mb) for run in results.sized if run.name == "portal"]
    lowest, highest = min(mb for _, mb in peaks), max(mb for _, mb in peaks)
    yield "## Memory of the pulling process"
    yield ""
    shown = ", ".join(f"{orders:,} orders {mb:.0f} MB" for orders, mb in peaks)
    yield (
        f"{shown}. Under {MEMORY_LIMIT_MB} MB: {_verdict(highest < MEMORY_LIMIT_MB)}."
        f" Between the smallest and the largest shop it grows by {highest - lowest:.0f} MB."
    )


def _requests(results: Results) -> Iterator[str]:
    slow, whole = results.slow, results.whole
    assert slow is not None
    assert whole is not None
    yield "## Requests"
    yield ""
    yield (
        f"At 50 ms per request: {slow.orders:,} orders took {slow.requests} requests and"
        f" {slow.seconds:.2f} s, {slow.seconds / slow.ideal:.2f} times requests x latency with one reader"
        f" ({_verdict(slow.seconds <= 1.25 * slow.ideal)}: 1.25), and"
        f" {slow.seconds / slow.ideal * 2:.2f} times the same with two"
        f" ({_verdict(slow.seconds <= 1.25 * slow.ideal / 2)})."
    )
    yield ""
    yield "| route | requests of a first pull | of the next, nothing new |"
    yield "|---|--:|--:|"
    for route in sorted({*whole.first, *whole.again}):
        yield f"| {route} | {whole.first.get(route, 0)} | {whole.again.get(route, 0)} |"
    yield ""
    fetched = ", ".join(f"{count:,} {name}" for name, count in whole.fetched.items())
    yield (
        f"Everything of a shop was pulled: {fetched}. What has no time of change (stock) is read whole"
        " every time; for the others one request says that nothing is new."
    )


def _overheads(results: Results) -> Iterator[str]:
    pages = results.plan.orders / 300
    page = median(run.seconds for run in results.runs("portal")) / pages * 1000
    signing, bookkeeping = results.overheads["signing"], results.overheads["bookkeeping"]
    share = (signing + bookkeeping) / page
    yield "## Signing and bookkeeping"
    yield ""
    yield (
        f"Signing a request takes {signing:.2f} ms, the bookkeeping of a page (lease, position, counters,"
        f" commit) {bookkeeping:.2f} ms: {share:.0%} of the {page:.0f} ms of a page of 300 orders without"
        f" latency (10 %: {_verdict(share < 0.1)})."
    )


def _draw(
    title: str,
    unit: str,
    lines: dict[str, list[list[float]]],
    to: Path,
    *,
    limit: float | None = None,
) -> None:
    given = {"title": title, "unit": unit, "limit": limit, "lines": lines}
    subprocess.run(
        [python_of("plots"), Path(__file__).with_name("plots.py"), to],
        input=json.dumps(given), text=True, check=True,
    )  # fmt: skip

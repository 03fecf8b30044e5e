"""How rate and memory behave as a shop grows."""

from collections.abc import Iterator
from typing import cast

from tests.benchmarks import rates
from tests.benchmarks.rates import Run
from tests.benchmarks.section import Plot, Section, Written, verdict
from tests.benchmarks.stage import Stage

SIZES, SIZES_QUICK = (1_000, 5_000, 20_000, 100_000), (1_000, 2_000)
CONTESTANTS = ("portal", "bare", "oauthlib", "dlt")
LARGEST_OF_OTHERS = 20_000
MEMORY_LIMIT_MB = 120


def run(stage: Stage) -> list[Run]:
    return stage.once(measure)


def measure(stage: Stage) -> list[Run]:
    return [
        rates.measure(stage, name, size)
        for size in (SIZES_QUICK if stage.quick else SIZES)
        for name in CONTESTANTS
        if size <= LARGEST_OF_OTHERS or name in ("portal", "bare")
    ]


def write(runs: list[Run]) -> Written:
    yield Plot(
        file="benchmarks-rate.svg",
        title="Orders per second, by the size of the shop",
        unit="orders/s",
        lines=_lines(runs, "rate"),
    )
    yield ""
    yield from _memory(runs)
    yield ""
    yield Plot(
        file="benchmarks-memory.svg",
        title="Peak memory of the pulling process",
        unit="MB",
        lines=_lines(runs, "peak_mb"),
        limit=MEMORY_LIMIT_MB,
    )


def _memory(runs: list[Run]) -> Iterator[str]:
    peaks = [(one.orders, one.peak_mb) for one in runs if one.name == "portal"]
    lowest, highest = min(mb for _, mb in peaks), max(mb for _, mb in peaks)
    shown = ", ".join(f"{orders:,} orders {mb:.0f} MB" for orders, mb in peaks)
    yield (
        f"Peak memory of the pulling process: {shown}. Under {MEMORY_LIMIT_MB} MB:"
        f" {verdict(highest < MEMORY_LIMIT_MB)}. Between the smallest and the largest shop it grows by"
        f" {highest - lowest:.0f} MB."
    )


def _lines(runs: list[Run], value: str) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for one in runs:
        measured = cast("float", getattr(one, value))
        found.setdefault(one.name, []).append((one.orders, round(measured, 1)))
    return found


SECTION = Section(
    title="Small shops and large ones", run=run, write=write, environments=("loops", "dlt")
)

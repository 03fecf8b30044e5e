"""What is measured, in which order, how often: everything that is compared is run in turns."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import rates, requesting, workers
from tests.benchmarks.measuring import FailedError
from tests.benchmarks.rates import Run
from tests.benchmarks.requesting import Slow, Whole
from tests.benchmarks.stage import Stage, stage
from tests.benchmarks.workers import Fair, Grown
from tests.processes import ROOT

PAIRED = ("portal", "bare", "oauthlib", "pymagento", "dlt", "portal, SQLite", "oauthlib, SQLite")
ONCE = ("dlt nested",)  # it takes longer than all the others together
SIZED = ("portal", "bare", "oauthlib", "dlt")
LARGEST_OF_OTHERS = 20_000
SLOW_SHOP = 0.2  # seconds per request


@dataclass(frozen=True, kw_only=True)
class Plan:
    orders: int
    repetitions: int
    sizes: tuple[int, ...]
    workers: tuple[int, ...]  # none: neither workers nor fairness
    seconds: float  # after which no further repetition is begun


FULL = Plan(
    orders=20_000,
    repetitions=5,
    sizes=(1_000, 5_000, 20_000, 100_000),
    workers=(1, 2, 4),
    seconds=600,
)
QUICK = Plan(orders=2_000, repetitions=1, sizes=(1_000, 2_000), workers=(), seconds=240)


@dataclass
class Results:
    """`rounds`: what ran in turns, one entry for each repetition, by name."""

    plan: Plan
    rounds: list[dict[str, Run]] = field(default_factory=list)
    single: dict[str, Run] = field(default_factory=dict)
    beside: dict[str, Run] = field(default_factory=dict)  # the portal, just before the single one
    sized: list[Run] = field(default_factory=list)
    overheads: dict[str, float] = field(default_factory=dict)
    slow: Slow | None = None
    whole: Whole | None = None
    grown: list[Grown] = field(default_factory=list)
    fair: Fair | None = None
    seconds: float = 0.0
    load: float = 0.0  # average number of processes that wanted a core

    def runs(self, name: str) -> list[Run]:
        return [one[name] for one in self.rounds if name in one]

    def ratios(self, other: str, *, of: str = "portal") -> list[float]:
        """For each repetition the rate of `of`, in rates of `other` beside it."""
        if other in self.single:
            return [self.beside[other].rate / self.single[other].rate]
        return [one[of].rate / one[other].rate for one in self.rounds]


def carry_out(plan: Plan) -> Results:
    """Raises FailedError, and AssertionError where two contestants landed different rows."""
    began = time.monotonic()
    results = Results(plan, load=os.getloadavg()[0])
    with tempfile.TemporaryDirectory(prefix="kleep-bench-") as folder, stage(Path(folder)) as ready:
        for name in ONCE:
            results.beside[name] = _run(ready, "portal", plan.orders)
            results.single[name] = _run(ready, name, plan.orders)
        results.sized = list(_sized(ready, plan))
        results.overheads = _overheads(ready)
        results.slow = requesting.slow(ready, 6_000)
        results.whole = requesting.whole(ready, 6_000)
        if plan.workers:
            results.grown = [
                workers.grown(ready, count, shops=8, orders=2_000, latency=latency)
                for latency in (0.0, SLOW_SHOP)
                for count in plan.workers
            ]
            results.fair = workers.fair(ready, small=50, small_orders=300, huge_orders=200_000)
        # Last, so that the time that is left says how often.
        for _ in range(plan.repetitions):
            if results.rounds and time.monotonic() - began > plan.seconds:
                break
            results.rounds.append(_round(ready, plan.orders))
    _assert_nothing_missing(results)
    results.load = max(results.load, os.getloadavg()[0])
    results.seconds = time.monotonic() - began
    return results


def _round(ready: Stage, orders: int) -> dict[str, Run]:
    found = {name: _run(ready, name, orders) for name in PAIRED}
    assert_equal(list(found.values()))
    return found


def _assert_nothing_missing(results: Results) -> None:
    """Who stores each item as it came stores more rows than there are lines, never fewer."""
    lines = results.runs("portal")[0].landed[0]
    for run in results.single.values():
        assert run.landed[0] > lines, f"{run.name} landed {run.landed[0]} rows of {lines}"


def assert_equal(runs: Sequence[Run]) -> None:
    """The comparison is of equal work, or it is none."""
    landed = {run.name: run.landed for run in runs}
    assert len(set(landed.values())) == 1, f"different rows landed: {landed}"


def _sized(ready: Stage, plan: Plan) -> list[Run]:
    return [
        _run(ready, name, size)
        for size in plan.sizes
        for name in SIZED
        if size <= LARGEST_OF_OTHERS or name in ("portal", "bare")
    ]


def _run(ready: Stage, name: str, orders: int) -> Run:
    run = rates.measure(ready, name, orders)
    print(f"{name:18} {orders:7} orders {run.rate:8.0f}/s {run.peak_mb:5.0f} MB", flush=True)
    return run


def _overheads(ready: Stage) -> dict[str, float]:
    with ready.portal_database() as database:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.overheads"],
            cwd=ROOT,
            env=ready.portal(database) | {"DJANGO_SETTINGS_MODULE": "kleep_portal.settings"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise FailedError(done.stderr[-3_000:])
    found: dict[str, float] = json.loads(done.stdout)
    return found

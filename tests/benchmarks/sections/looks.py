"""Looks at product pages: whether twenty of them finish on this machine, and whether pulls feel them."""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from tests.benchmarks.fleet import CELERY, READY, fleet_of
from tests.benchmarks.section import Section, verdict
from tests.benchmarks.stage import Stage
from tests.parts import CHROMIUM, REDIS
from tests.processes import running

LOOKS, LOOKS_QUICK = 20, 2
SMALL, SMALL_QUICK, SMALL_ORDERS, WORKERS = 20, 4, 300, 2
LIMIT = 2.0
STOREFRONT = [sys.executable, "-m", "tests.benchmarks.storefront"]
BROWSER = [*CELERY, "--queues", "browser", "--concurrency", "1", "--hostname", "browser@localhost"]


@dataclass
class Watched:
    """The most memory of a process and all below it, shared pages counted once."""

    peak_mb: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def watch(self, pid: int) -> None:
        while not self._over.wait(0.5):
            total = 0
            try:
                family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for one in family:
                try:
                    total += one.memory_full_info().pss
                except psutil.Error:
                    continue
            self.peak_mb = max(self.peak_mb, total / 1e6)

    def stop(self) -> None:
        self._over.set()


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Seconds; `alone` and `beside`: until half of the small shops are pulled."""

    looks: int
    states: dict[str, int]
    whole: float
    one: float
    peak_mb: float
    small: int
    alone: float
    beside: float

    @property
    def ratio(self) -> float:
        return self.beside / self.alone


def run(stage: Stage) -> Looked:
    looks, small = (LOOKS_QUICK, SMALL_QUICK) if stage.quick else (LOOKS, SMALL)
    alone = _pulled(stage, small, looks=0)[0]
    beside, seen, watched = _pulled(stage, small, looks=looks)
    return Looked(
        looks=looks,
        states=seen["states"],
        whole=seen["whole"],
        one=seen["one"],
        peak_mb=watched.peak_mb,
        small=small,
        alone=alone,
        beside=beside,
    )


def _pulled(stage: Stage, small: int, *, looks: int) -> tuple[float, dict[str, Any], Watched]:
    """Small shops are queued while the looks are under way; then the looks are waited for."""
    stage.shop.set(orders=SMALL_ORDERS, latency=0.0)
    names = [f"Small {number}" for number in range(small)]
    with _storefront(stage) as site, fleet_of(stage, WORKERS, site["env"]) as (ask, env):
        ids = ask("connect", stage.shop.documents(names))
        with _browser(env) as watched:
            if looks:
                ask("look", [{"url": site["page"], "looks": looks}])
                time.sleep(3)  # the first one is under way
            began: float = ask("queue", ids)
            done: dict[str, float] = ask("wait", ids)
            seen = ask("wait_looks", []) if looks else {}
    return median(at - began for at in done.values()), seen, watched


@contextmanager
def _storefront(stage: Stage) -> Iterator[dict[str, Any]]:
    """Its `page`, and the `env` that names its stand-in of Kleep."""
    env = {**stage.env, "DJANGO_SETTINGS_MODULE": "kleep_portal.settings"}
    with tempfile.TemporaryDirectory(prefix="kleep-bench-") as made:
        output = Path(made, "storefront")
        with running(STOREFRONT, output=output, env=env) as process:
            process.wait_for("}\n", seconds=READY)
            yield json.loads(process.said().splitlines()[-1])


@contextmanager
def _browser(env: dict[str, str]) -> Iterator[Watched]:
    """The worker for product pages, watched."""
    watched = Watched()
    with (
        tempfile.TemporaryDirectory(prefix="kleep-bench-") as made,
        running(BROWSER, output=Path(made, "browser"), env=env) as worker,
    ):
        worker.wait_for("ready.", seconds=READY)
        thread = threading.Thread(target=watched.watch, args=(worker.pid,), daemon=True)
        thread.start()
        yield watched
        watched.stop()
        thread.join()


def write(looked: Looked) -> Iterator[str]:
    finished = looked.states.get("finished", 0)
    all_there = finished == looked.looks == sum(looked.states.values())
    yield (
        f"{looked.looks} looks at a product page, each on two screens with two loads more for the timing,"
        f" queued at once for one worker of the queue “browser”: {finished} finished ({verdict(all_there)})"
        f" in {looked.whole:.0f} s; one takes {looked.one:.1f} s (median). The worker with Chromium and all"
        f" below it held {looked.peak_mb:,.0f} MB at most, shared pages counted once."
    )
    yield (
        f"Meanwhile {looked.small} shops of {SMALL_ORDERS} orders were pulled by {WORKERS} other workers:"
        f" half of them are done after {looked.beside:.1f} s, {looked.alone:.1f} s without the looks:"
        f" {looked.ratio:.2f} times ({LIMIT:g}: {verdict(looked.ratio <= LIMIT)}). They share the processor"
        " and no queue. Measured once."
    )


SECTION = Section(
    title="Looks at product pages beside pulls", run=run, write=write, parts=(REDIS, CHROMIUM)
)

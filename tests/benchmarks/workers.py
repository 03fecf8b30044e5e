"""How pulls grow with workers, and whether fifty small shops feel a huge one beside them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import stage as stages
from tests.benchmarks.measuring import FailedError
from tests.benchmarks.stage import Stage
from tests.processes import ROOT, running
from tests.servers import redis

QUEUEING = [sys.executable, "-m", "tests.benchmarks.queueing"]
CELERY = [sys.executable, "-m", "celery", "-A", "kleep_portal", "worker", "--without-gossip",
          "--without-mingle", "--loglevel", "INFO"]  # fmt: skip
READY = 60.0


@dataclass(frozen=True, kw_only=True)
class Grown:
    """`shops` of `orders` each, pulled by so many worker processes."""

    workers: int
    shops: int
    orders: int
    latency: float  # seconds per request
    seconds: float

    @property
    def rate(self) -> float:
        return self.shops * self.orders / self.seconds


@dataclass(frozen=True, kw_only=True)
class Fair:
    """Median seconds until a small shop is done, without and with the huge one; two workers."""

    small: int
    small_orders: int
    huge_orders: int
    alone: float
    beside: float

    @property
    def ratio(self) -> float:
        return self.beside / self.alone


def grown(stage: Stage, workers: int, *, shops: int, orders: int, latency: float) -> Grown:
    stage.shop.set(orders=orders, latency=latency)
    names = [f"Shop {number}" for number in range(shops)]
    with _portal(stage, workers) as ask:
        ids = ask("connect", stage.shop.documents(names))
        began = ask("queue", ids)
        done: Mapping[str, float] = ask("wait", ids)
    seconds = max(done.values()) - began
    return Grown(workers=workers, shops=shops, orders=orders, latency=latency, seconds=seconds)


def fair(stage: Stage, *, small: int, small_orders: int, huge_orders: int) -> Fair:
    """The huge shop is a process of its own, on the same core as the small ones' shop."""
    taken = []
    with stages.shop() as huge:
        huge.set(orders=huge_orders)
        for beside in ([], huge.documents(["Huge"])):
            stage.shop.set(orders=small_orders, latency=0.0)
            names = [f"Small {number}" for number in range(small)]
            with _portal(stage, 2) as ask:
                giant = ask("connect", beside)
                ids = ask("connect", stage.shop.documents(names))
                began = ask("queue", [*giant, *ids])
                done: Mapping[str, float] = ask("wait", ids)
            taken.append(median(at - began for at in done.values()))
    alone, with_huge = taken
    return Fair(
        small=small,
        small_orders=small_orders,
        huge_orders=huge_orders,
        alone=alone,
        beside=with_huge,
    )


@contextmanager
def _portal(stage: Stage, workers: int) -> Iterator[Any]:
    """A portal with that many worker processes; gives how to ask it something.

    DEBUG is on: workers refuse to start in production with loopback open.
    """
    with (
        tempfile.TemporaryDirectory(prefix="kleep-bench-") as made,
        stage.portal_database() as database,
        redis() as broker,
    ):
        env = stage.portal(database) | {
            "DEBUG": "true",
            "LOG_LEVEL": "INFO",  # in which the worker says that it is ready
            "CELERY_BROKER_URL": f"{broker}/0",
            "DJANGO_SETTINGS_MODULE": "kleep_portal.settings",
        }
        output = Path(made, "worker")
        with running([*CELERY, "--concurrency", str(workers)], output=output, env=env) as worker:
            worker.wait_for("ready.", seconds=READY)

            def ask(what: str, given: Sequence[Any]) -> Any:
                return _ask(what, given, env)

            yield ask


def _ask(what: str, given: Sequence[Any], env: Mapping[str, str]) -> Any:
    done = subprocess.run(
        [*QUEUEING, what], cwd=ROOT, env=dict(env), capture_output=True, text=True, check=False,
        input="\n".join(map(json.dumps, given)),
    )  # fmt: skip
    if done.returncode:
        raise FailedError(done.stderr[-3_000:])
    return json.loads(done.stdout.splitlines()[-1])

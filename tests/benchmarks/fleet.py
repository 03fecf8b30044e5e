"""A portal with worker processes that pull, as a production has it."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import FailedError
from tests.benchmarks.stage import Stage
from tests.processes import ROOT, running
from tests.servers import redis

QUEUEING = [sys.executable, "-m", "tests.benchmarks.queueing"]
CELERY = [sys.executable, "-m", "celery", "-A", "kleep_portal", "worker", "--without-gossip",
          "--without-mingle", "--loglevel", "INFO"]  # fmt: skip
READY = 60.0


@contextmanager
def fleet(stage: Stage, workers: int) -> Iterator[Any]:
    """A portal with that many worker processes; gives how to ask it something."""
    with fleet_of(stage, workers, {}) as (ask, _env):
        yield ask


@contextmanager
def fleet_of(
    stage: Stage, workers: int, more: Mapping[str, str]
) -> Iterator[tuple[Any, dict[str, str]]]:
    """The same with more in its environment, which it gives, too.

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
            "CACHE_URL": f"{broker}/1",  # the browser's worker leaves its sign of life there
            "DJANGO_SETTINGS_MODULE": "kleep_portal.settings",
            **more,
        }
        output = Path(made, "worker")
        with running([*CELERY, "--concurrency", str(workers)], output=output, env=env) as worker:
            worker.wait_for("ready.", seconds=READY)

            def ask(what: str, given: Sequence[Any]) -> Any:
                return _ask(what, given, env)

            yield ask, env


def _ask(what: str, given: Sequence[Any], env: Mapping[str, str]) -> Any:
    done = subprocess.run(
        [*QUEUEING, what], cwd=ROOT, env=dict(env), capture_output=True, text=True, check=False,
        input="\n".join(map(json.dumps, given)),
    )  # fmt: skip
    if done.returncode:
        raise FailedError(done.stderr[-3_000:])
    return json.loads(done.stdout.splitlines()[-1])

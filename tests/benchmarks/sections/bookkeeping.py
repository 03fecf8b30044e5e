"""What a page costs beside its rows: signing its request, and the bookkeeping of its transaction."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks import rates
from tests.benchmarks.measuring import FailedError
from tests.benchmarks.section import Section, verdict
from tests.benchmarks.stage import Stage
from tests.processes import ROOT

ORDERS, PAGE_SIZE = 6_000, 300


@dataclass(frozen=True, kw_only=True)
class Overheads:
    """Milliseconds. `page`: of a pull without latency."""

    signing: float
    bookkeeping: float
    page: float

    @property
    def share(self) -> float:
        return (self.signing + self.bookkeeping) / self.page


def run(stage: Stage) -> Overheads:
    page = rates.measure(stage, "portal", ORDERS).seconds * PAGE_SIZE / ORDERS * 1000
    with stage.portal_database() as database:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.overheads"],
            cwd=ROOT,
            env=stage.portal(database) | {"DJANGO_SETTINGS_MODULE": "kleep_portal.settings"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise FailedError(done.stderr[-3_000:])
    return Overheads(**json.loads(done.stdout), page=page)


def write(found: Overheads) -> Iterator[str]:
    yield (
        f"Signing a request takes {found.signing:.2f} ms, the bookkeeping of a page (lease, position,"
        f" counters, commit) {found.bookkeeping:.2f} ms: {found.share:.0%} of the {found.page:.0f} ms of a"
        f" page of {PAGE_SIZE} orders without latency (10 %: {verdict(found.share < 0.1)})."
    )


SECTION = Section(title="Signing and bookkeeping", run=run, write=write)

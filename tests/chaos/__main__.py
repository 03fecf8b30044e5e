"""`make chaos`: kills, and so many seeded fault runs, on PostgreSQL with Redis; writes docs/faults.md.

`--runs 0` leaves the page as it is: the kills, and as many fault runs as the suite has time for.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests import parts, servers
from tests.chaos.outcome import KEPT, Summary, read, summaries
from tests.parts import POSTGRES, REDIS
from tests.processes import ROOT

PAGE = ROOT / "docs" / "faults.md"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-m"]


HEAD = """# Fault runs

Written by `make chaos RUNS=...`. Each run is a simulated Magento at work: orders, products, customers and
stock change while it is read, and every third or fourth request meets a fault, until each kind was played.
Then the rows are compared, column by column, with those of a second connection that reads the same shop
undisturbed. Lost: a row that the shop has and we do not, or not as it is. Doubled: a row that the shop does
not have, or that was counted twice.

- **Shop and clocks**: in one process, with real sockets and PostgreSQL, on a clock that skips the waiting.
- **Shop, processes and servers**: the whole portal. A worker, a process of its pool, PostgreSQL (cut off as
  in a crash) and Redis (kill -9) are ended in mid-pull, in an order that follows from the seed.
"""
ASSUMED = """
What is assumed: no edit makes a record's own time of change older than it was, and a shop's clock lags by
less than two runs overlap (`PULL_OVERLAP_SECONDS`, 15 minutes; Magento refuses us from ten on)."""


def main() -> int:
    given = _arguments()
    parts.install([part for part in (POSTGRES, REDIS) if not part.program])
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kleep-chaos-")))
        outcomes = folder / "outcomes"
        env = {
            **os.environ,
            KEPT: str(outcomes),
            "DATABASE_URL": stack.enter_context(servers.postgres()),
            "TESTS_REDIS_URL": stack.enter_context(servers.redis()),
            **({"CHAOS_RUNS": str(given.runs)} if given.runs else {}),
            **({"CHAOS_SEED": str(given.seed)} if given.seed else {}),
        }
        codes = [
            subprocess.run([*PYTEST, "chaos and embedded"], cwd=ROOT, check=False).returncode,
            subprocess.run(
                [*PYTEST, "chaos and not embedded"], cwd=ROOT, env=env, check=False
            ).returncode,
        ]
        found = read(outcomes)
    for line in _table(summaries(found)):
        print(line)  # noqa: T201  # it speaks to the person at the terminal
    if given.runs and found:  # as they are, also where something was lost
        first = min(outcome.seed for outcome in found)
        PAGE.write_text("\n".join(_page(summaries(found), first)) + "\n", encoding="utf-8")
        print(f"Written: {PAGE}")  # noqa: T201
    return max(codes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=0, help="fault runs of the shop and the clocks")
    parser.add_argument("--seed", type=int, help="the first seed, to repeat what failed")
    return parser.parse_args()


def _page(found: list[Summary], first: int) -> Iterator[str]:
    seeds = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, PostgreSQL and Redis on loopback; seeds from"
        f" {first} on. `make chaos RUNS=... SEED=...` repeats them."
    )
    injected: Counter[str] = sum((one.injected for one in found), Counter())
    kills: Counter[str] = sum((one.kills for one in found), Counter())
    yield from (HEAD, seeds, "", *_table(found), "", "## Faults by kind", "")
    yield from ("| fault | times |", "|---|--:|")
    yield from (f"| {name} | {times:,} |" for name, times in injected.most_common())
    yield from (f"| {name} ended | {times:,} |" for name, times in kills.most_common())
    yield ASSUMED


def _table(found: list[Summary]) -> Iterator[str]:
    yield "| | runs | faults | kills, restarts | requests | rows compared | lost | doubled | seconds |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for one in found:
        yield (
            f"| {one.what} | {one.runs:,} | {one.injected.total():,} | {one.kills.total():,} |"
            f" {one.requests:,} | {one.rows:,} | {one.lost} | {one.doubled} | {one.seconds:,.0f} |"
        )


if __name__ == "__main__":
    sys.exit(main())

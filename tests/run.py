"""The whole suite on SQLite with the embedded broker, then on PostgreSQL with Redis what depends on them.

`make test` calls it. What the tests need and this machine lacks is installed where that is allowed.
A part that stays missing fails the run, unless the person left it out by its name; CI leaves nothing out.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests import failures, migrated, parts, servers
from tests.parts import PARTS, POSTGRES, REDIS, Part
from tests.processes import ROOT

PROCESSES = 4
# More processes than cores: tests of a portal or a browser wait half of their time. See scheduling.py.
PYTEST = [
    *(sys.executable, "-m", "pytest", "-q", "-p", failures.__name__, "-n", str(PROCESSES)),
    *("--dist", "loadfile", "--no-loadscope-reorder"),
]


class Round(NamedTuple):
    code: int  # pytest's own
    told: str


def main() -> int:
    # Hundreds of processes are started: what one has compiled, the next ones read.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    without = _arguments().without
    if without and os.environ.get("CI"):
        print("CI leaves nothing out: WITHOUT is refused")
        return 2
    # What is useful may be unknown to a system: apart, or nothing would be installed.
    for wanted in (PARTS, parts.USEFUL):
        parts.install([part for part in wanted if not part.program and part.name not in without])
    usable = [part for part in PARTS if part.program and part.name not in without]
    missing = [part for part in PARTS if not part.program and part.name not in without]
    rounds = [_on_sqlite(usable)]
    if POSTGRES in usable:
        rounds.append(_on_postgres(usable))
    _report(missing, without)
    print(*(each.told for each in rounds), sep="\n", flush=True)
    return 1 if missing or any(each.code for each in rounds) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [part.name for part in PARTS]
    parser.add_argument("--without", action="append", default=[], choices=names, metavar="PART")
    return parser.parse_args()


def _on_sqlite(usable: list[Part]) -> Round:
    with tempfile.TemporaryDirectory(prefix="kleep-migrated-") as folder:
        env = {"BROKER_SERVER": "packaged", **migrated.file(Path(folder))}
        return _pytest("SQLite and the embedded broker", usable, env=env)


def _on_postgres(usable: list[Part]) -> Round:
    with ExitStack() as stack:
        url = stack.enter_context(servers.postgres())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kleep-migrated-"))
        env = {"DATABASE_URL": url, **migrated.database(url, Path(folder))}
        if REDIS in usable:
            env["TESTS_REDIS_URL"] = stack.enter_context(servers.redis())
        title = "PostgreSQL and " + ("Redis" if REDIS in usable else "the embedded broker")
        return _pytest(title, usable, "--second-round", env=env, but=["embedded"])


def _pytest(
    title: str,
    usable: list[Part],
    *options: str,
    env: dict[str, str],
    but: Sequence[str] = (),
) -> Round:
    """One round; `but`: markers of the tests to leave out, beside those that lack their part."""
    lacking = [part.marker for part in PARTS if part.marker and part not in usable]
    selection = " and ".join(f"not {marker}" for marker in [*lacking, *but])
    print(f"\n=== {title} ===", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kleep-failures-") as folder:
        path = Path(folder) / "failures"
        code = subprocess.run(
            [*PYTEST, *options, "-m", selection],
            cwd=ROOT,
            env={**os.environ, **env, failures.FILE: str(path)},
            check=False,
        ).returncode
        failed = [failures.told(failure) for failure in failures.kept(path)]
    verdict = (
        f"=== {title}: {'failed' if code else 'passed'} in {time.monotonic() - began:.0f} s ==="
    )
    return Round(code, "\n".join([*failed, verdict]))


def _report(missing: list[Part], without: list[str]) -> None:
    for part in missing:
        print(
            f"MISSING: {part.name}, so its tests did not run. Install it (Debian: apt install"
            f" {part.package}), or leave it out by name: make test WITHOUT={part.name}"
        )
    if without:
        print(f"LEFT OUT as asked: {', '.join(without)}")


if __name__ == "__main__":
    sys.exit(main())

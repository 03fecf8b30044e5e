"""The whole suite: on SQLite with the embedded broker, then on PostgreSQL with a real Redis.

`make test` calls it. What the tests need and this machine lacks is installed where that is allowed.
A part that stays missing fails the run, unless the person left it out by its name; CI leaves nothing out.
"""

import argparse
import os
import subprocess
import sys
import time
from contextlib import ExitStack

from tests import parts, servers
from tests.parts import PARTS, POSTGRES, REDIS, Part
from tests.processes import ROOT

PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]


def main() -> int:
    without = _arguments().without
    if without and os.environ.get("CI"):
        print("CI leaves nothing out: WITHOUT is refused")
        return 2
    parts.install([part for part in PARTS if not part.program and part.name not in without])
    usable = [part for part in PARTS if part.program and part.name not in without]
    missing = [part for part in PARTS if not part.program and part.name not in without]
    results = [_on_sqlite(usable)]
    if POSTGRES in usable:
        results.append(_on_postgres(usable))
    _report(missing, without)
    return 1 if missing or any(results) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [part.name for part in PARTS]
    parser.add_argument("--without", action="append", default=[], choices=names, metavar="PART")
    return parser.parse_args()


def _on_sqlite(usable: list[Part]) -> int:
    return _pytest("SQLite and the embedded broker", {"BROKER_SERVER": "packaged"}, usable)


def _on_postgres(usable: list[Part]) -> int:
    with ExitStack() as stack:
        env = {"DATABASE_URL": stack.enter_context(servers.postgres())}
        if REDIS in usable:
            env["TESTS_REDIS_URL"] = stack.enter_context(servers.redis())
        return _pytest(
            "PostgreSQL and " + ("Redis" if REDIS in usable else "no Redis"), env, usable
        )


def _pytest(title: str, env: dict[str, str], usable: list[Part]) -> int:
    left_out = [f"not {part.marker}" for part in PARTS if part.marker and part not in usable]
    selection = ["-m", " and ".join(left_out)] if left_out else []
    print(f"\n=== {title} ===", flush=True)
    began = time.monotonic()
    code = subprocess.run(
        [*PYTEST, *selection], cwd=ROOT, env={**os.environ, **env}, check=False
    ).returncode
    print(f"=== {title}: {'failed' if code else 'passed'} in {time.monotonic() - began:.0f} s ===")
    return code


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

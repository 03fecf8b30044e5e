"""`make bench`: measures the portal against its references and writes docs/benchmarks.md.

`--quick` is for seeing that it works, `--only NAME` for a single section: their figures go to build/bench
and not into the docs.
"""

import argparse
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kleep_portal.settings")
django.setup()  # a section may use the portal's own code

from tests import parts  # noqa: E402
from tests.benchmarks import environments, report  # noqa: E402
from tests.benchmarks.section import Section  # noqa: E402
from tests.benchmarks.sections import SECTIONS  # noqa: E402
from tests.benchmarks.stage import stage  # noqa: E402
from tests.parts import POSTGRES  # noqa: E402

NAMES = {section.run.__module__.rpartition(".")[2]: section for section in SECTIONS}


def main() -> int:
    given = _arguments()
    chosen = [NAMES[name] for name in given.only or NAMES]
    missing = _install(chosen)
    if missing:
        print(*missing, sep="\n")
        return 1
    measured = _measure(chosen, quick=given.quick)
    in_docs = chosen == list(SECTIONS) and not given.quick
    page = report.PAGE if in_docs else environments.FOLDER / "benchmarks.md"
    report.write(measured, to=page)
    print(f"Written: {page}")
    return 1 if measured.failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=list(NAMES), metavar="NAME")
    return parser.parse_args()


def _install(chosen: list[Section[Any]]) -> list[str]:
    """Everything before anything is measured; says what is missing still."""
    wanted = {POSTGRES, *(part for section in chosen for part in section.parts)}
    parts.install([part for part in wanted if not part.program])
    for name in sorted({"plots", *(name for section in chosen for name in section.environments)}):
        environments.python_of(name)
    return [
        f"{part.name} is missing (Debian: apt install {part.package})."
        for part in wanted
        if not part.program
    ]


def _measure(chosen: list[Section[Any]], *, quick: bool) -> report.Measured:
    """What fails is said, and does not take the others' figures with it."""
    began, load = time.monotonic(), os.getloadavg()[0]
    results: list[tuple[Section[Any], Any]] = []
    failed: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="kleep-bench-") as folder,
        stage(Path(folder), quick=quick) as ready,
    ):
        for section in chosen:
            print(f"--- {section.title}", flush=True)
            try:
                results.append((section, section.run(ready)))
            except Exception as error:  # noqa: BLE001  # whatever it was, the others are measured
                traceback.print_exception(error)
                failed.append(section.title)
    return report.Measured(
        results=results, failed=failed, load=load, seconds=time.monotonic() - began
    )


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: measures the portal's pull against its references and writes docs/benchmarks.md.

`--quick` is for seeing that it works: its figures go to build/bench and not into the docs.
"""

import argparse
import sys

from tests.benchmarks import environments, plan, report
from tests.benchmarks.measuring import FailedError
from tests.parts import POSTGRES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    if POSTGRES.program is None:
        print(f"PostgreSQL is missing (Debian: apt install {POSTGRES.package}).")
        return 1
    for name in ("loops", "dlt", "plots"):
        environments.python_of(name)
    try:
        results = plan.carry_out(plan.QUICK if quick else plan.FULL)
    except FailedError as error:
        print(error)
        return 1
    page = environments.FOLDER / "benchmarks.md" if quick else report.PAGE
    report.write(results, to=page)
    print(f"Written: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

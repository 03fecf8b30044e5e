"""The parts of docs/benchmarks.md, in the order in which they are measured and written."""

from typing import Any

from tests.benchmarks.section import Section
from tests.benchmarks.sections import (
    bookkeeping,
    estimate,
    fairness,
    fetching,
    files,
    growth,
    load,
    looks,
    pulls,
    requesting,
    sizes,
)

SECTIONS: tuple[Section[Any], ...] = (
    pulls.SECTION,
    sizes.SECTION,
    requesting.SECTION,
    bookkeeping.SECTION,
    growth.SECTION,
    fairness.SECTION,
    fetching.SECTION,
    files.SECTION,
    looks.SECTION,
    load.SECTION,
    estimate.SECTION,
)

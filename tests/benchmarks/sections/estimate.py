"""What ten thousand shops would need: an estimate from what was measured and what is assumed here."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.section import Section
from tests.benchmarks.sections import requesting, sizes
from tests.benchmarks.stage import Stage

SHOPS, ORDERS = 10_000, 50_000_000
# Not measured here. What a warm Magento 2.4 on two cores takes for an order in a list, and for a question
# that finds nothing new; how many resources are asked for each hour; within how long a first pull of every
# shop is to be done; what a machine of the cloud has and costs.
SHOP_SECONDS_PER_ORDER, SHOP_SECONDS_PER_QUESTION, RESOURCES = 0.01, 0.3, 6
FIRST_PULL_HOURS = 24
CORES, GIGABYTES, EUROS_PER_MONTH = 4, 16, 120
EUROS_PER_GIGABYTE_MONTH = 0.12
SPARE = 2  # times what the arithmetic says


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`cpu`: seconds an order, without start-up."""

    cpu: float
    lines: float  # an order
    peak_mb: float
    bytes_per_line: float

    @property
    def gigabytes(self) -> float:
        return ORDERS * self.lines * self.bytes_per_line / 1e9

    @property
    def readers(self) -> int:
        """At once, for the first pull in time and for the questions of every hour, whichever is more."""
        first = ORDERS * SHOP_SECONDS_PER_ORDER / (FIRST_PULL_HOURS * 3600)
        hourly = SHOPS * RESOURCES * SHOP_SECONDS_PER_QUESTION / 3600
        return math.ceil(max(first, hourly) * SPARE)

    @property
    def machines(self) -> int:
        """Of workers: as many as the readers' memory asks for, or their CPU."""
        by_memory = self.readers * self.peak_mb / 1000 / GIGABYTES
        by_cpu = ORDERS * self.cpu / (FIRST_PULL_HOURS * 3600) / CORES
        return math.ceil(max(by_memory, by_cpu))


def run(stage: Stage) -> Measured:
    pulls = [one for one in stage.once(sizes.measure) if one.name == "portal"]
    small, large = pulls[0], pulls[-1]
    return Measured(
        cpu=(large.cpu - small.cpu) / (large.orders - small.orders),
        lines=large.landed[0] / large.orders,
        peak_mb=max(one.peak_mb for one in pulls),
        bytes_per_line=stage.once(requesting.whole).bytes_per_line,
    )


def write(found: Measured) -> Iterator[str]:
    waiting = ORDERS * SHOP_SECONDS_PER_ORDER / 3600
    yield (
        f"{SHOPS:,} shops, {ORDERS / 1e6:.0f} million orders. An estimate, not a measurement: the figures in"
        " *italics* are assumed."
    )
    yield ""
    yield (
        f"- Worker CPU: {found.cpu * 1e6:.0f} µs an order, {ORDERS * found.cpu / 3600:.1f} core-hours for the"
        " first pull of everything."
    )
    yield (
        f"- Waiting for shops, at *{SHOP_SECONDS_PER_ORDER * 1000:.0f} ms* that a Magento needs for an order:"
        f" {waiting:,.0f} hours of one reader. To be done within *{FIRST_PULL_HOURS} hours*, and to ask"
        f" {SHOPS * RESOURCES:,} questions of *{SHOP_SECONDS_PER_QUESTION} s* every hour afterwards, takes"
        f" {found.readers} readers at once, {SPARE} times what the arithmetic says."
    )
    yield (
        f"- A worker process of {found.peak_mb:.0f} MB has one pull at a time, with one reader or two:"
        f" counted as one, {found.readers * found.peak_mb / 1000:.1f} GB."
    )
    yield (
        f"- Disk: {found.lines:.2f} lines an order at {found.bytes_per_line:.0f} bytes with indexes,"
        f" {found.gigabytes:.0f} GB, and as much again for indexes being rebuilt, and the log."
    )
    yield from _money(found)
    yield (
        "- What breaks first: a reader that waits for a shop holds a whole process, so memory runs out long"
        " before cores do. Then `queue_due`, which looks at every cursor once a minute in one query and"
        " queues 500 at most (a shop's others follow its first). Neither was driven to its limit here."
    )


def _money(found: Measured) -> Iterator[str]:
    # One more of the workers for the web, one twice as large for the database.
    machines = found.machines + 1 + 2
    disk = found.gigabytes * 2 * EUROS_PER_GIGABYTE_MONTH
    money = machines * EUROS_PER_MONTH + disk
    yield (
        f"- Machines of *{CORES} cores and {GIGABYTES} GB at {EUROS_PER_MONTH} euros a month*:"
        f" {found.machines} for workers, one for the web, the size of two for the database; with the disk at"
        f" *{EUROS_PER_GIGABYTE_MONTH} euros per GB*: {money:,.0f} euros a month,"
        f" {money / SHOPS * 100:.1f} cents a shop."
    )


SECTION = Section(title="Ten thousand shops", run=run, write=write)

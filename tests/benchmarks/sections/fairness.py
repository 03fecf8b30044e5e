"""Whether fifty small shops feel a huge one beside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from tests.benchmarks import stage as stages
from tests.benchmarks.fleet import fleet
from tests.benchmarks.section import Section, verdict
from tests.benchmarks.stage import Stage
from tests.parts import REDIS

WORKERS = 2
SMALL_ORDERS = 300
SMALL, HUGE_ORDERS = 50, 200_000
SMALL_QUICK, HUGE_QUICK = 6, 10_000
LIMIT = 2.0


@dataclass(frozen=True, kw_only=True)
class Fair:
    """Median seconds until a small shop is done, without and with the huge one."""

    small: int
    huge_orders: int
    alone: float
    beside: float

    @property
    def ratio(self) -> float:
        return self.beside / self.alone


def run(stage: Stage) -> Fair:
    small, huge_orders = (SMALL_QUICK, HUGE_QUICK) if stage.quick else (SMALL, HUGE_ORDERS)
    # The huge shop is a process of its own, on the same core as the small ones' shop.
    with stages.shop() as huge:
        huge.set(orders=huge_orders)
        alone, beside = (_median(stage, small, giants) for giants in ([], huge.documents(["Huge"])))
    return Fair(small=small, huge_orders=huge_orders, alone=alone, beside=beside)


def _median(stage: Stage, small: int, giants: list[dict[str, object]]) -> float:
    """Seconds until half of the small ones are done; the giants became due before them."""
    stage.shop.set(orders=SMALL_ORDERS, latency=0.0)
    names = [f"Small {number}" for number in range(small)]
    with fleet(stage, WORKERS) as ask:
        giant = ask("connect", giants)
        ids = ask("connect", stage.shop.documents(names))
        began: float = ask("queue", [*giant, *ids])
        done: Mapping[str, float] = ask("wait", ids)
    return median(at - began for at in done.values())


def write(fair: Fair) -> Iterator[str]:
    yield (
        f"{fair.small} shops of {SMALL_ORDERS} orders beside one of {fair.huge_orders:,}, {WORKERS}"
        f" workers: half of the small ones are done after {fair.beside:.1f} s, {fair.alone:.1f} s without"
        f" the huge one: {fair.ratio:.2f} times ({LIMIT:g}: {verdict(fair.ratio <= LIMIT)}). Measured once."
    )


SECTION = Section(title="Small shops beside a huge one", run=run, write=write, parts=(REDIS,))

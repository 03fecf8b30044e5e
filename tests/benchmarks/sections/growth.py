"""How pulls grow with worker processes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.benchmarks.fleet import fleet
from tests.benchmarks.section import Section
from tests.benchmarks.stage import Stage
from tests.parts import REDIS

WORKERS, WORKERS_QUICK = (1, 2, 4), (2,)
SLOW_SHOP = 0.2  # seconds per request
SHOPS, ORDERS = 8, 2_000


@dataclass(frozen=True, kw_only=True)
class Grown:
    """SHOPS of ORDERS each, pulled by so many worker processes."""

    workers: int
    latency: float  # seconds per request
    seconds: float

    @property
    def rate(self) -> float:
        return SHOPS * ORDERS / self.seconds


def run(stage: Stage) -> list[Grown]:
    counts = WORKERS_QUICK if stage.quick else WORKERS
    return [_grown(stage, count, latency) for latency in (0.0, SLOW_SHOP) for count in counts]


def _grown(stage: Stage, workers: int, latency: float) -> Grown:
    stage.shop.set(orders=ORDERS, latency=latency)
    names = [f"Shop {number}" for number in range(SHOPS)]
    with fleet(stage, workers) as ask:
        ids = ask("connect", stage.shop.documents(names))
        began = ask("queue", ids)
        done: Mapping[str, float] = ask("wait", ids)
    return Grown(workers=workers, latency=latency, seconds=max(done.values()) - began)


def write(found: list[Grown]) -> Iterator[str]:
    yield "| workers | shop's latency | orders/s | against the fewest |"
    yield "|--:|--:|--:|--:|"
    for one in found:
        base = next(other for other in found if other.latency == one.latency)
        cells = (f"{one.latency * 1000:.0f} ms", f"{one.rate:,.0f}", f"{one.rate / base.rate:.2f}")
        yield f"| {one.workers} | {' | '.join(cells)} |"
    yield ""
    yield (
        f"{SHOPS} shops of {ORDERS:,} orders. Without latency one pull, PostgreSQL and the simulated shop"
        " share the machine's cores: there more workers can only show that nothing gets worse. With"
        " latency they show what they are for. Workers ran with DEBUG on, which costs them something."
    )


SECTION = Section(title="Many workers", run=run, write=write, parts=(REDIS,))

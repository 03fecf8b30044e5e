"""How many requests a pull makes, what it costs where each takes its time, and when nothing is new."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.benchmarks import measuring
from tests.benchmarks.section import Section, verdict
from tests.benchmarks.stage import Counted, Database, Stage

LATENCY = 0.05  # seconds per request
READERS = 2
LIMIT = 1.25
ORDERS, ORDERS_QUICK = (6_000, 30_000), (2_000,)
WHOLE_ORDERS = 6_000


@dataclass(frozen=True, kw_only=True)
class Slow:
    """Orders pulled with latency."""

    orders: int
    requests: int
    seconds: float

    @property
    def ratio(self) -> float:
        """To what its requests take by themselves, side by side."""
        return self.seconds / (self.requests * LATENCY / READERS)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A pull of everything, and the same again when nothing is new. By route: requests."""

    fetched: Mapping[str, int]  # records by resource
    first: Mapping[str, int]
    again: Mapping[str, int]
    bytes_per_line: float  # of the table of order lines with its indexes


@dataclass(frozen=True, kw_only=True)
class Requested:
    slow: list[Slow]
    whole: Whole


def run(stage: Stage) -> Requested:
    sizes = ORDERS_QUICK if stage.quick else ORDERS
    return Requested(slow=[slow(stage, orders) for orders in sizes], whole=stage.once(whole))


def slow(stage: Stage, orders: int) -> Slow:
    with tempfile.TemporaryDirectory(prefix="kleep-bench-") as made, stage.portal_database() as db:
        seconds, counted, _ = pull(stage, db, Path(made), "orders", orders=orders, latency=LATENCY)
    return Slow(orders=orders, requests=counted.requests, seconds=seconds)


def whole(stage: Stage) -> Whole:
    orders = WHOLE_ORDERS
    with tempfile.TemporaryDirectory(prefix="kleep-bench-") as made, stage.portal_database() as db:
        _, first, fetched = pull(stage, db, Path(made), orders=orders, latency=0.0)
        _, again, _ = pull(stage, db, Path(made), orders=orders, latency=0.0)
        with psycopg.connect(db.conninfo) as connection:
            (size,) = connection.execute(
                "SELECT pg_total_relation_size('data_orders')::float8 / count(*) FROM data_orders"
            ).fetchone()
    return Whole(fetched=fetched, first=first.routes, again=again.routes, bytes_per_line=size)


def pull(
    stage: Stage, database: Database, folder: Path, *resources: str, orders: int, latency: float
) -> tuple[float, Counted, dict[str, int]]:
    """Seconds from its first request to its end, what the shop saw, records by resource."""
    stage.shop.set(orders=orders, latency=latency)
    output = folder / "output"
    command = stage.manage(database, "pull", stage.slug, *resources, "--json")
    usage = measuring.run(command, env=stage.portal(database), output=output)
    counted = stage.shop.counted()
    document = json.loads(output.read_text(encoding="utf-8"))
    fetched = {line["resource"]: line["fetched"] for line in document["resources"]}
    return usage.ended - counted.first, counted, fetched


def write(found: Requested) -> Iterator[str]:
    yield (
        f"At {LATENCY * 1000:.0f} ms per request (an answer begins so long after its request came),"
        f" {READERS} readers:"
    )
    yield ""
    yield "| orders | requests | seconds | against requests x latency / readers | wanted | |"
    yield "|--:|--:|--:|--:|--:|---|"
    for one in found.slow:
        measured = f"{one.requests} | {one.seconds:.2f} | {one.ratio:.2f}"
        yield f"| {one.orders:,} | {measured} | {LIMIT} | {verdict(one.ratio <= LIMIT)} |"
    yield ""
    yield "| route | requests of a first pull | of the next, nothing new |"
    yield "|---|--:|--:|"
    whole = found.whole
    for route in sorted({*whole.first, *whole.again}):
        yield f"| {route} | {whole.first.get(route, 0)} | {whole.again.get(route, 0)} |"
    yield ""
    fetched = ", ".join(f"{count:,} {name}" for name, count in whole.fetched.items())
    yield (
        f"Everything of a shop was pulled: {fetched}. What has no time of change (stock) is read whole"
        " every time; for the others one request says that nothing is new."
    )


SECTION = Section(title="Requests", run=run, write=write)

"""How many requests a pull makes, what it costs where each takes its time, and when nothing is new."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.benchmarks import measuring
from tests.benchmarks.stage import Counted, Database, Stage

LATENCY = 0.05  # seconds per request
PAGE_SIZE = 300


@dataclass(frozen=True, kw_only=True)
class Slow:
    """Orders pulled with latency. `ideal`: requests x latency, with one reader; seconds."""

    orders: int
    requests: int
    seconds: float
    ideal: float


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A pull of everything, and the same again when nothing is new. By route: requests."""

    fetched: Mapping[str, int]  # records by resource
    first: Mapping[str, int]
    again: Mapping[str, int]
    bytes_per_line: float  # of the table of order lines with its indexes


def slow(stage: Stage, orders: int) -> Slow:
    with tempfile.TemporaryDirectory(prefix="kleep-bench-") as made, stage.portal_database() as db:
        seconds, counted, _ = pull(stage, db, Path(made), "orders", orders=orders, latency=LATENCY)
    return Slow(
        orders=orders,
        requests=counted.requests,
        seconds=seconds,
        ideal=counted.requests * LATENCY,
    )


def whole(stage: Stage, orders: int) -> Whole:
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

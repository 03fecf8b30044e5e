"""How many orders a second: the portal's pull, the references, and the same into SQLite."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from tests.benchmarks import measuring
from tests.benchmarks.environments import python_of
from tests.benchmarks.stage import LINES, ROWS, Database, Stage, connect
from tests.processes import ROOT

# What a contestant landed: rows, quantities, prices, variants, rows with a size.
Landed = tuple[int, Decimal, Decimal, int, int]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One contestant, once. `seconds`: from its first request to the end of its process."""

    name: str
    orders: int
    seconds: float
    whole: float  # with the start of its interpreter and its imports
    cpu: float
    peak_mb: float
    requests: int
    bytes: int
    landed: Landed

    @property
    def rate(self) -> float:
        return self.orders / self.seconds


def measure(stage: Stage, name: str, orders: int, *, latency: float = 0.0) -> Run:
    """Raises FailedError."""
    with (
        tempfile.TemporaryDirectory(prefix="kleep-bench-") as made,
        CONTESTANTS[name](stage, Path(made)) as (database, command, env, table),
    ):
        stage.shop.set(orders=orders, latency=latency)
        usage = measuring.run(command, env=env, output=Path(made, "output"))
        counted = stage.shop.counted()
        run = Run(
            name=name,
            orders=orders,
            seconds=usage.ended - counted.first,
            whole=usage.whole,
            cpu=usage.cpu,
            peak_mb=usage.peak_mb,
            requests=counted.requests,
            bytes=counted.bytes,
            landed=landed(database, table),
        )
    print(f"{name:18} {orders:7} orders {run.rate:8.0f}/s {run.peak_mb:5.0f} MB", flush=True)
    return run


def landed(database: Database, table: str) -> Landed:
    statement = ROWS.format(table=table)
    if database.host:
        with psycopg.connect(database.conninfo) as connection:
            row = connection.execute(statement).fetchone()
    else:
        with sqlite3.connect(database.name) as lite:
            row = lite.execute(statement).fetchone()
    assert row is not None
    rows, quantity, price, variants, sizes = row
    return rows, _rounded(quantity), _rounded(price), variants, sizes


def _rounded(value: Any) -> Decimal:
    return Decimal(str(value or 0)).quantize(Decimal("0.01"))


@contextmanager
def portal(stage: Stage, _folder: Path) -> Iterator[Any]:
    with stage.portal_database() as database:
        command = stage.manage(database, "pull", stage.slug, "orders", "--json")
        yield database, command, stage.portal(database), "data_orders"


@contextmanager
def portal_on_sqlite(stage: Stage, folder: Path) -> Iterator[Any]:
    database = Database("", str(folder / "portal.sqlite3"))
    slug = connect(stage.shop, stage.portal(database))
    command = stage.manage(database, "pull", slug, "orders", "--json")
    yield database, command, stage.portal(database), "data_orders"


def _reference(environment: str, module: str, table: str = "order_lines", *flags: str) -> Any:
    @contextmanager
    def contestant(stage: Stage, folder: Path) -> Iterator[Any]:
        with stage.lines_database() as database:
            command = _command(environment, module, stage.asked(database, folder), *flags)
            yield database, command, ENV, table

    return contestant


@contextmanager
def loop_on_sqlite(stage: Stage, folder: Path) -> Iterator[Any]:
    database = Database("", str(folder / "lines.sqlite3"))
    with sqlite3.connect(database.name) as lite:
        lite.execute(LINES.format(serial="integer PRIMARY KEY AUTOINCREMENT"))
    command = _command("loops", "oauthlib_loop", stage.asked(database, folder))
    yield database, command, ENV, "order_lines"


ENV = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}


# Magento's items as they came, parents and children: more rows than anybody else's.
NESTED = (
    "(SELECT qty_ordered AS quantity, price, product_id AS variant_id, NULL AS size_label"
    " FROM dlt.orders__items) AS items"
)


def _command(environment: str, module: str, asked: Path, *flags: str) -> list[str]:
    name = f"tests.benchmarks.references.{module}"
    return [str(python_of(environment)), "-m", name, str(asked), *flags]


CONTESTANTS: dict[str, Any] = {
    "portal": portal,
    "bare": _reference("loops", "bare"),
    "oauthlib": _reference("loops", "oauthlib_loop"),
    "pymagento": _reference("loops", "pymagento_loop"),
    "dlt": _reference("dlt", "dlt_source", "dlt.orders"),
    "dlt nested": _reference("dlt", "dlt_source", NESTED, "--nested"),
    "portal, SQLite": portal_on_sqlite,
    "oauthlib, SQLite": loop_on_sqlite,
}

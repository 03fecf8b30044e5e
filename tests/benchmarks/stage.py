"""What every measurement stands on: the simulated shop, a PostgreSQL, the portal connected."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from cryptography.fernet import Fernet

from tests.benchmarks.environments import FOLDER
from tests.benchmarks.references.asked import COLUMNS
from tests.processes import ROOT
from tests.servers import postgres

T = TypeVar("T")

KEY = "a key of the benchmark, as long as a key has to be"
MANAGE = [sys.executable, "manage.py"]
READY = "ready"  # the portal's database, connected and empty; every run gets a copy
KINDS = {"order_date": "timestamptz", "updated_at": "timestamptz"} | dict.fromkeys(
    ("quantity", "quantity_cancelled", "quantity_refunded", "price"), "numeric(18,4)"
)
LINES = (
    "CREATE TABLE order_lines (id {serial},"
    + ", ".join(f"{name} {KINDS.get(name, 'text')}" for name in COLUMNS)
    + ", UNIQUE (line_id))"
)
# Enough to see that two contestants landed the same.
ROWS = (
    "SELECT count(*), sum(quantity), sum(price), count(DISTINCT variant_id), count(size_label)"
    " FROM {table}"
)


@dataclass(frozen=True)
class Counted:
    """What the shop saw: see shop.py. `first` on the monotonic clock."""

    requests: int
    routes: Mapping[str, int]
    bytes: int
    first: float


class Shop:
    """The shop's process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.document: dict[str, Any] = json.loads(self._read())

    def documents(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """The same shop under several names, as many merchants would connect it."""
        return [{**self.document, "shop": name} for name in names]

    def set(self, **switches: float) -> None:
        """Set switches and begin a new count."""
        self._tell(switches)

    def counted(self) -> Counted:
        return Counted(**self._tell({}))

    def _tell(self, command: Mapping[str, float]) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answered: dict[str, Any] = json.loads(self._read())
        return answered

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


@contextmanager
def shop() -> Iterator[Shop]:
    """Pinned to the last core, where there is more than one."""
    cores = sorted(os.sched_getaffinity(0))
    pin = ["--core", str(cores[-1])] if len(cores) > 1 else []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.shop", *pin],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield Shop(process)
        finally:
            process.terminate()


@dataclass(frozen=True)
class Database:
    """One database that a run lands in. `name`: of PostgreSQL's, or the path of an SQLite file."""

    host: str
    name: str

    @property
    def url(self) -> str:
        return (
            f"postgres://portal@/{self.name}?host={self.host}"
            if self.host
            else f"sqlite:///{self.name}"
        )

    @property
    def conninfo(self) -> str:
        return f"host={self.host} user=portal dbname={self.name}" if self.host else self.name


@dataclass(frozen=True)
class Stage:
    """`slug`: of the portal's shop; `tenant`: what its pseudonyms are made for; `quick`: measure little."""

    shop: Shop
    host: str
    env: Mapping[str, str]
    slug: str
    tenant: str
    folder: Path
    quick: bool
    _known: dict[Any, Any] = field(default_factory=dict)

    def once(self, measure: "Callable[[Stage], T]") -> T:
        """What it measures: measured by the first section that asks, told to the others."""
        if measure not in self._known:
            self._known[measure] = measure(self)
        found: T = self._known[measure]
        return found

    @contextmanager
    def portal_database(self) -> Iterator[Database]:
        """A database of the portal in which the shop is connected and nothing was pulled."""
        with self.database(template=READY) as database:
            yield database

    @contextmanager
    def lines_database(self) -> Iterator[Database]:
        """A database with nothing but the table of the references."""
        with self.database() as database:
            with psycopg.connect(database.conninfo) as connection:
                connection.execute(LINES.format(serial="bigserial PRIMARY KEY"))
            yield database

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[Database]:
        name = f"run_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(Database(self.host, "postgres").conninfo, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            try:
                yield Database(self.host, name)
            finally:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def portal(self, database: Database) -> dict[str, str]:
        """The environment of a portal's process on that database."""
        return {**self.env, "DATABASE_URL": database.url}

    def manage(self, database: Database, *arguments: str) -> list[str]:
        """The system checks refuse plain http and loopback in production: they stay out."""
        return [*MANAGE, *arguments, "--skip-checks"]

    def asked(self, database: Database, folder: Path) -> Path:
        """The file that a reference is given."""
        config = self.shop.document["config"]
        path = folder / "asked.json"
        given = {
            "url": config["url"],
            "consumer_key": config["consumerKey"],
            "consumer_secret": config["consumerSecret"],
            "access_token": config["accessToken"],
            "access_token_secret": config["accessTokenSecret"],
            "database": database.conninfo,
            "pseudonym_key": KEY,
            "tenant": self.tenant,
            "folder": str(folder),
        }
        path.write_text(json.dumps(given), encoding="utf-8")
        return path


@contextmanager
def stage(folder: Path, *, quick: bool) -> Iterator[Stage]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with shop() as served, postgres() as url:
        host = url.partition("host=")[2]
        env = _environment(folder)
        database = Database(host, READY)
        with psycopg.connect(Database(host, "postgres").conninfo, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {READY}")
        slug = connect(served, {**env, "DATABASE_URL": database.url})
        with psycopg.connect(database.conninfo) as connection:
            (tenant,) = connection.execute("SELECT tenant FROM connectors_connection").fetchone()
        yield Stage(served, host, env, slug, str(tenant), folder, quick)


def _environment(folder: Path) -> dict[str, str]:
    """Production's settings, DEBUG off, but for the loopback that the simulated shop is on."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "PORTAL_ENV": os.devnull,
        "PORTAL_VAR": str(folder / "var"),
        "SECRET_KEY": f"{KEY} of Django",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "PSEUDONYM_KEY": KEY,
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "CACHE_URL": "locmemcache://",
        "LOG_LEVEL": "WARNING",
    }


def connect(served: Shop, env: Mapping[str, str]) -> str:
    """Migrate, and connect the shop as an operator would; its slug."""
    subprocess.run(
        [*MANAGE, "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=dict(env), check=True
    )
    connected = subprocess.run(
        [*MANAGE, "connect", "-", "--skip-checks"],
        cwd=ROOT, env=dict(env), check=True, text=True,
        input=json.dumps(served.document), stdout=subprocess.PIPE,
    )  # fmt: skip
    return connected.stdout.strip()

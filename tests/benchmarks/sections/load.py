"""The main pages with ten thousand shops: how long each takes, and how many of them a second."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.environments import HERE
from tests.benchmarks.measuring import FailedError
from tests.benchmarks.section import Section, verdict
from tests.benchmarks.stage import MANAGE, Stage
from tests.parts import REDIS, WRK
from tests.processes import ROOT, free_port, running
from tests.servers import redis

SHOPS, SHOPS_QUICK = 10_000, 300
DAYS, DAYS_QUICK = 400, 10  # of history of the shop that is looked at: as long as it is kept
LINES, LINES_QUICK = 20_000, 1_000  # of its orders
SINGLE, SINGLE_QUICK = 40, 5  # requests, one at a time
SECONDS, SECONDS_QUICK = 4, 2  # of many at once
ROUNDS, ROUNDS_QUICK = 2, 1
AT_ONCE, WORKERS = 8, 2
WARM = 8  # requests before: so many threads
FEW, LONGEST = 4, 20  # requests of each connection; seconds
LIMIT = 50.0  # milliseconds
STARTS_WITHIN = 60.0
CROWDED = [sys.executable, "-m", "tests.benchmarks.crowded"]
GUNICORN = [
    *(sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"),
    *("--max-requests", "0"),  # a worker that is replaced resets connections, which a proxy repeats
    "kleep_portal.wsgi",
]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Milliseconds; `alone`: one request at a time, `p50` and `p99`: AT_ONCE at a time."""

    name: str
    queries: int
    size: int  # bytes
    alone: float
    rate: float  # requests a second
    p50: float
    p99: float


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """`pages`: the empty view first."""

    shops: int
    days: int
    lines: int
    rows: Mapping[str, int]
    fill: float
    standing: float
    pages: list[Page]


def run(stage: Stage) -> Loaded:
    shops, days, lines = (
        (SHOPS_QUICK, DAYS_QUICK, LINES_QUICK) if stage.quick else (SHOPS, DAYS, LINES)
    )
    with (
        tempfile.TemporaryDirectory(prefix="kleep-bench-") as made,
        stage.portal_database() as database,
        redis() as cache,
    ):
        env = _environment(stage.portal(database), cache, Path(made))
        filled = _filled(env, {"shops": shops, "days": days, "lines": lines})
        with _server(env, Path(made, "gunicorn")) as port:
            pages = _measured(port, filled["pages"], quick=stage.quick)
    return Loaded(
        shops=shops,
        days=days,
        lines=lines,
        rows=filled["rows"],
        fill=filled["fill"],
        standing=filled["standing"],
        pages=pages,
    )


def _environment(portal: Mapping[str, str], cache: str, folder: Path) -> dict[str, str]:
    """Production's, behind a proxy; its connections stay open."""
    return {
        **portal,
        "DATABASE_URL": f"{portal['DATABASE_URL']}&conn_max_age=60",
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.load_settings",
        "PORTAL_VAR": str(folder / "var"),
        "ALLOW_PRIVATE_ADDRESSES": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PORTAL_URL": "https://portal.example",
        "BEHIND_PROXY": "true",
        "CELERY_BROKER_URL": f"{cache}/0",
        "CACHE_URL": f"{cache}/1",
        "API_RATE": "1000000/min",
        "LOG_LEVEL": "INFO",
        "WEB_WORKERS": str(WORKERS),
    }


def _filled(env: Mapping[str, str], given: Mapping[str, int]) -> dict[str, Any]:
    collect = [*MANAGE, "collectstatic", "--no-input", "-v0", "--skip-checks"]
    subprocess.run(collect, cwd=ROOT, env=dict(env), check=True)
    done = subprocess.run(
        CROWDED, cwd=ROOT, env=dict(env), input=json.dumps(given), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise FailedError(done.stderr[-3_000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _server(env: Mapping[str, str], output: Path) -> Iterator[int]:
    port = free_port()
    with running(GUNICORN, output=output, env={**env, "BIND": f"127.0.0.1:{port}"}) as process:
        end = time.monotonic() + STARTS_WITHIN
        while not _answers(port):
            if time.monotonic() > end or not process.alive:
                raise FailedError(process.said()[-3_000:])
            time.sleep(0.1)
        yield port


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _measured(port: int, asked: list[dict[str, Any]], *, quick: bool) -> list[Page]:
    """Every page in turn, and all of them again: what the machine does meanwhile meets them all."""
    rounds = ROUNDS_QUICK if quick else ROUNDS
    singles: dict[str, list[float]] = {one["name"]: [] for one in asked}
    sizes: dict[str, int] = {}
    many: dict[str, list[dict[str, float]]] = {one["name"]: [] for one in asked}
    for _ in range(rounds):
        for one in asked:
            taken, size = _alone(port, one, SINGLE_QUICK if quick else SINGLE)
            singles[one["name"]] += taken
            sizes[one["name"]] = size
            many[one["name"]].append(_at_once(port, one, SECONDS_QUICK if quick else SECONDS))
    return [
        Page(
            name=one["name"],
            queries=one["queries"],
            size=sizes[one["name"]],
            alone=median(singles[one["name"]]) * 1000,
            rate=median(found["requests"] / found["seconds"] for found in many[one["name"]]),
            p50=median(found["p50"] for found in many[one["name"]]),
            p99=median(found["p99"] for found in many[one["name"]]),
        )
        for one in asked
    ]


def _alone(port: int, page: Mapping[str, Any], times: int) -> tuple[list[float], int]:
    """Seconds of each request on one connection, after some that warm every thread up; its size."""
    taken, size = [], 0
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        for number in range(times + WARM):
            began = time.perf_counter()
            connection.request("GET", page["path"], headers=page["headers"])
            answer = connection.getresponse()
            size = len(answer.read())
            if answer.status != 200:
                raise FailedError(f"{page['path']}: {answer.status}")
            if number >= WARM:
                taken.append(time.perf_counter() - began)
    return taken, size


def _at_once(port: int, page: Mapping[str, Any], seconds: int) -> dict[str, float]:
    """For so long, or longer where that is too short for a few of each connection."""
    found = _wrk(port, page, seconds)
    while found["requests"] < FEW * AT_ONCE and seconds < LONGEST:
        seconds *= 3
        found = _wrk(port, page, seconds)
    if found["failed"] or not found["requests"]:
        raise FailedError(f"{page['path']}: {found}")
    print(f"{page['name']:40} {found['requests'] / found['seconds']:8.1f}/s", flush=True)
    return found


def _wrk(port: int, page: Mapping[str, Any], seconds: int) -> dict[str, float]:
    headers = [
        part for name, value in page["headers"].items() for part in ("-H", f"{name}: {value}")
    ]
    done = subprocess.run(
        [str(WRK.program), "-t1", f"-c{AT_ONCE}", f"-d{seconds}", "--timeout", "30",
         "-s", str(HERE / "load.lua"), *headers, f"http://127.0.0.1:{port}{page['path']}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def write(loaded: Loaded) -> Iterator[str]:
    empty = loaded.pages[0]
    yield (
        f"{loaded.shops:,} shops in PostgreSQL ({sum(loaded.rows.values()):,} rows: "
        + ", ".join(f"{count:,} {table}" for table, count in _largest(loaded.rows))
        + f"), the one that is looked at with {loaded.days} days of hourly runs and {loaded.lines:,} order"
        f" lines. Gunicorn with the settings of production, {WORKERS} workers of 4 threads. “Alone”: one"
        f" request at a time, until its last byte; the other columns with {AT_ONCE} at a time (wrk), and in"
        " brackets the ratio to the empty view, a URL of the benchmark's behind the same middleware. Plots"
        " and the readiness were looked at before: a plot costs 10 ms the first time."
    )
    yield ""
    yield (
        "| page | queries | kB | alone, p50 ms | under 50 ms | requests/s | p50, ms | p99, ms |"
        "\n|---|--:|--:|--:|---|--:|--:|--:|"
    )
    for page in loaded.pages:
        cells = (
            str(page.queries),
            f"{page.size / 1000:.1f}",
            f"{page.alone:.1f}",
            verdict(page.alone < LIMIT),
            f"{page.rate:,.0f} ({page.rate / empty.rate:.3f})",
            f"{page.p50:.1f} ({page.p50 / empty.p50:.1f})",
            f"{page.p99:.1f} ({page.p99 / empty.p99:.1f})",
        )
        yield f"| {page.name} | {' | '.join(cells)} |"
    yield ""
    hours = loaded.standing * loaded.shops / 3.6e6
    yield (
        f"Where a shop stands is computed in {loaded.standing:.0f} ms (median), of all of them in"
        f" {hours * 60:.0f} minutes of one worker: that is why the pipeline reads a table of it."
    )


def _largest(rows: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(rows.items(), key=lambda one: -one[1])[:6]


SECTION = Section(title="Pages with ten thousand shops", run=run, write=write, parts=(REDIS, WRK))

"""A database with every table and no rows: made once in a round of tests, copied by all that need one.

tests/run.py makes it and names it in the environment. Without one each database is migrated by itself, and
the launcher's tests begin from nothing in any case.
"""

import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg

from tests.processes import ROOT

SQLITE, POSTGRES = "TESTS_MIGRATED_FILE", "TESTS_MIGRATED_DATABASE"
NAME = "migrated"
MIGRATE = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]


def file(folder: Path) -> dict[str, str]:
    """What to add to the environment of a round on SQLite."""
    _migrate({"PORTAL_VAR": str(folder / "var")})
    return {SQLITE: str(folder / "var" / "portal.sqlite3")}


def database(url: str, folder: Path) -> dict[str, str]:
    """What to add to the environment of a round on that PostgreSQL."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {NAME}")
    _migrate({"PORTAL_VAR": str(folder / "var"), "DATABASE_URL": _named(url, NAME)})
    return {POSTGRES: NAME}


def copy(target: Path) -> None:
    """SQLite's file to that place, where there is none yet and the round has one."""
    ready = os.environ.get(SQLITE)
    if ready and not target.exists():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(ready, target)


def own_database() -> dict[str, str]:
    """A new database where the suite's own is named by URL: what names it."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return {}
    name = f"portal_{uuid.uuid4().hex[:12]}"
    ready = os.environ.get(POSTGRES, "template1")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{ready}"')
    return {"DATABASE_URL": _named(url, name)}


def _named(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")


def _migrate(env: dict[str, str]) -> None:
    usual = {name: os.environ[name] for name in os.environ if name != "DATABASE_URL"}
    subprocess.run(MIGRATE, cwd=ROOT, env={**usual, "PORTAL_ENV": os.devnull, **env}, check=True)

"""Dump, wipe, restore, go on pulling: what came before is there, what came since is read again."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests import parts, servers
from tests.processes import ROOT
from tests.test_returns_to_export import document

pytestmark = [pytest.mark.postgres, pytest.mark.once, pytest.mark.timeout(300)]

ORDERS = 120
COUNTS = "SELECT count(*), count(DISTINCT order_id), max(seen_at) FROM data_orders"


class Portal:
    """The portal's commands on a PostgreSQL database that may vanish."""

    def __init__(self, server: str, var: Path) -> None:
        self.server = server
        self.url = server.replace("/postgres?", "/backed_up?") + "&conn_max_age=60"
        programs = str(Path(parts.find("pg_dump") or "").parent)
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("CELERY")},
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "DATABASE_URL": self.url,
            "PORTAL_VAR": str(var),
            "DJANGO_SETTINGS_MODULE": "kleep_portal.settings",
            "PULL_MARGIN_SECONDS": "0",  # the edit is seen by the very next pull
        }

    def new_database(self) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS backed_up")
            connection.execute("CREATE DATABASE backed_up")

    def run(self, *words: str, stdin: str = "", code: int = 0) -> str:
        done = subprocess.run(
            words, cwd=ROOT, env=self.env, input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + (done.stderr if code else "")

    def manage(self, *words: str, stdin: str = "") -> str:
        return self.run(sys.executable, "manage.py", *words, stdin=stdin)

    def ask(self, query: str) -> Any:
        with psycopg.connect(self.url.partition("&")[0]) as connection:
            return connection.execute(query).fetchone()


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with servers.postgres() as server:
        portal = Portal(server, tmp_path / "var")
        portal.new_database()
        portal.manage("migrate", "--no-input", "--verbosity", "0")
        yield portal


def test_a_restored_portal_goes_on_where_the_backup_was(portal: Portal, tmp_path: Path) -> None:
    shop = SandboxShop(orders=ORDERS)
    with serve(shop) as address:
        slug = portal.manage("connect", "-", stdin=json.dumps(document(shop, address.url))).strip()
        portal.manage("pull", slug)
        (tmp_path / "var" / "files").mkdir(exist_ok=True)
        (tmp_path / "var" / "files" / "evidence.txt").write_text("kept")
        before = portal.ask(COUNTS)
        backup = portal.run("deploy/backup.sh", str(tmp_path / "backups")).strip()
        assert before[1] == ORDERS

        # After the backup: only the restored portal will see it.
        shop.tables["orders"].change(7, {"status": "edited", "updated_at": shop.moment()})
        portal.new_database()
        shutil.rmtree(tmp_path / "var" / "files")
        portal.run("deploy/restore.sh", backup)
        assert portal.ask(COUNTS) == before
        assert (tmp_path / "var" / "files" / "evidence.txt").read_text() == "kept"
        portal.manage("check_connection", slug)  # the credentials open: the keys are the same
        portal.manage("pull", slug, "orders")
    rows, orders, _seen = portal.ask(COUNTS)
    assert (rows, orders) == before[:2]
    edited = "SELECT DISTINCT status FROM data_orders WHERE order_id = '7'"
    assert portal.ask(edited) == ("edited",)


def test_nothing_is_restored_over_something_or_from_a_damaged_backup(
    portal: Portal, tmp_path: Path
) -> None:
    backup = Path(portal.run("deploy/backup.sh", str(tmp_path / "backups")).strip())
    assert "not empty" in portal.run("deploy/restore.sh", str(backup), code=1)
    portal.new_database()
    dump = backup / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-100])
    portal.run("deploy/restore.sh", str(backup), code=1)
    assert portal.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == (0,)

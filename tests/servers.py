"""Servers of a test run's own, on this machine, in a temporary folder that goes with them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import parts
from tests.processes import free_port, running, wait_until

# Durability is not what is tested here, and the cluster is thrown away.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
DATABASES = 256  # of the Redis: every process and every portal that is tested has its own


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster on a unix socket; its DATABASE_URL."""
    folder = Path(tempfile.mkdtemp(prefix="kleep-pg-"))
    user = _server_user()
    if user:
        shutil.chown(folder, user)
    setup = ["-D", f"{folder}/data", "-U", "portal", "--auth=trust", "-E", "UTF8", "--locale=C"]
    settings = [f"unix_socket_directories={folder}", "listen_addresses=", *FAST]
    options = [part for setting in settings for part in ("-c", setting)]
    try:
        subprocess.run(
            [_program("initdb"), *setup, "--no-sync"],
            user=user, cwd=folder, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        command = [_program("postgres"), "-D", f"{folder}/data", *options]
        with running(command, output=folder / "log", user=user):
            ready = [_program("pg_isready"), "-q", "-h", str(folder)]
            wait_until(
                lambda: subprocess.run(ready, check=False).returncode == 0,
                seconds=30,
                what="PostgreSQL",
            )
            yield f"postgres://portal@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """An installed Redis on a TCP port of loopback; its URL without a database number."""
    program = parts.REDIS.program
    assert program, "no redis-server: tests.run looks for it first"
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="kleep-redis-") as folder:
        place = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
        size = ["--databases", str(DATABASES), "--save", ""]
        with running([program, *place, *size], output=Path(folder, "log")) as process:
            process.wait_for("Ready to accept connections", seconds=20)
            yield f"redis://127.0.0.1:{port}"


def _program(name: str) -> str:
    path = parts.find(name)
    assert path, f"{name} is missing beside initdb"
    return path


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"

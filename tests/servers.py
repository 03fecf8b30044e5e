"""Servers of a test run's own, on this machine, in a temporary folder that goes with them."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import parts
from tests.processes import Running, free_port, wait_until

# Durability is not what is tested here, and the cluster is thrown away.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
DATABASES = 256  # of the Redis: every process and every portal that is tested has its own


class Restarting:
    """A server that can be ended at once and started again on the data that it left."""

    def __init__(self, url: str, start: Callable[[], Running], end: signal.Signals) -> None:
        self.url = url
        self._start, self._end = start, end
        self._process = start()

    def restart(self) -> None:
        os.kill(self._process.pid, self._end)
        self._process.process.wait(timeout=20)
        self._process = self._start()

    def stop(self) -> None:
        self._process.kill_group()


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster on a unix socket; its DATABASE_URL."""
    with restarting_postgres(*FAST) as server:
        yield server.url


@contextmanager
def restarting_postgres(*settings: str) -> Iterator[Restarting]:
    """It ends as in a crash: every session is cut off, and its log is read anew when it starts."""
    folder = Path(tempfile.mkdtemp(prefix="kleep-pg-"))
    user = _server_user()
    if user:
        shutil.chown(folder, user)
    setup = ["-D", f"{folder}/data", "-U", "portal", "--auth=trust", "-E", "UTF8", "--locale=C"]
    places = [f"unix_socket_directories={folder}", "listen_addresses="]
    options = [part for setting in (*places, *settings) for part in ("-c", setting)]
    command = [_program("postgres"), "-D", f"{folder}/data", *options]
    ready = [_program("pg_isready"), "-q", "-h", str(folder)]

    def start() -> Running:
        process = Running(command, output=folder / "log", user=user)
        wait_until(
            lambda: subprocess.run(ready, check=False).returncode == 0,
            seconds=60,
            what="PostgreSQL",
        )
        return process

    try:
        subprocess.run(
            [_program("initdb"), *setup, "--no-sync"],
            user=user, cwd=folder, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        server = Restarting(f"postgres://portal@/postgres?host={folder}", start, signal.SIGQUIT)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """An installed Redis on a TCP port of loopback; its URL without a database number."""
    with restarting_redis("--save", "") as server:
        yield server.url


@contextmanager
def restarting_redis(*options: str) -> Iterator[Restarting]:
    """It ends by kill -9."""
    program = parts.REDIS.program
    assert program, "no redis-server: tests.run looks for it first"
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="kleep-redis-") as folder:
        place = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
        command = [program, *place, "--databases", str(DATABASES), *options]

        def start() -> Running:
            process = Running(command, output=Path(folder, f"log-{time.time_ns()}"))
            process.wait_for("Ready to accept connections", seconds=60)
            return process

        server = Restarting(f"redis://127.0.0.1:{port}", start, signal.SIGKILL)
        try:
            yield server
        finally:
            server.stop()


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

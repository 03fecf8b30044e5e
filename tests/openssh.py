"""Debian's OpenSSH server on loopback, with the configuration that we ship and system users of its own."""

import fcntl
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection as database

from tests.parts import SSHD
from tests.processes import ROOT, free_port, running

DEPLOY = ROOT / "deploy" / "sftp"
BASE = ("kleep-pickup", "kleep-sftp")
LOCK = Path("/run/lock/kleep-sftp-tests")


@dataclass
class Result:
    code: int
    said: str


@dataclass
class Server:
    """`files`: where all merchants' folders lie. `host_key`: what it shows."""

    folder: Path
    port: int
    host_key: str
    users: list[str] = field(default_factory=list)

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def provision(self) -> None:
        """What the root's timer does: users and folders of all accounts in the database."""
        accounts = self.folder / "accounts"
        with accounts.open("w") as out:
            call_command("sftp_accounts", stdout=out)
        with accounts.open() as lines:
            command = [sys.executable, str(DEPLOY / "provision.py"), str(self.files)]
            subprocess.run(command, stdin=lines, check=True)
        self.users = sorted(path.name for path in self.files.iterdir())

    def key_file(self, private: str) -> Path:
        """A private key as a person keeps it: in a file that nobody else may read."""
        file = Path(tempfile.mkdtemp(dir=self.folder)) / "key"
        file.touch(mode=0o600)
        file.write_text(private)
        return file

    def sftp(
        self, user: str, key: Path | None, *commands: str, options: tuple[str, ...] = ()
    ) -> Result:
        """The `sftp` program, as a merchant's export uses it. Stops at the first command that fails."""
        batch = self.folder / "batch"
        batch.write_text("\n".join(commands) + "\n")
        known = self.folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{self.port} {self.host_key}\n")
        settings = [
            f"UserKnownHostsFile={known}",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "LogLevel=ERROR",
            *options,
        ]
        command = ["sftp", "-F", "none", "-b", str(batch), "-P", str(self.port)]
        command += [part for setting in settings for part in ("-o", setting)]
        command += ["-i", str(key)] if key else []
        done = subprocess.run(
            [*command, f"{user}@127.0.0.1"], capture_output=True, text=True, timeout=30, check=False
        )
        lines = [line for line in done.stdout.splitlines() if not line.startswith("sftp> ")]
        return Result(done.returncode, "\n".join(lines) + done.stderr)


@contextmanager
def openssh() -> Iterator[Server]:
    """The shipped configuration, with other paths and a port of its own."""
    if os.geteuid() != 0:
        pytest.fail("these tests make system users: run them as root")
    with ExitStack() as stack:
        stack.enter_context(_system_users())
        # Not below /tmp: sshd shuts people into folders only where nobody else may write above them.
        folder = Path(tempfile.mkdtemp(prefix="tests-of-kleep-", dir="/srv"))
        stack.callback(shutil.rmtree, folder)
        folder.chmod(0o755)
        etc = folder / "etc"
        etc.mkdir()
        for kind in ("ed25519", "rsa"):
            make = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", etc / f"ssh_host_{kind}_key"]
            subprocess.run(make, check=True)
        write_database_file(etc / "database")
        (etc / "pickup_keys").touch(mode=0o644)
        port = free_port()
        (etc / "sshd_config").write_text(_configuration(folder, port))
        host_key = " ".join((etc / "ssh_host_ed25519_key.pub").read_text().split()[:2])
        server = Server(folder, port, host_key)
        stack.callback(lambda: remove(server.users))
        command = [str(SSHD.program), "-D", "-e", "-f", str(etc / "sshd_config")]
        with running(command, output=folder / "log") as process:
            process.wait_for("Server listening", seconds=60)
            yield server


def write_database_file(file: Path) -> None:
    """Where authorized_keys.py finds the database of this test run."""
    settings = database.settings_dict
    if database.vendor == "sqlite":
        url = f"sqlite:///{settings['NAME']}"
    else:
        parts = {
            "host": settings["HOST"] or settings["OPTIONS"].get("host", ""),
            "port": settings["PORT"],
            "user": settings["USER"],
            "password": settings["PASSWORD"],
            "dbname": settings["NAME"],
        }
        url = " ".join(f"{name}='{value}'" for name, value in parts.items() if value)
    file.write_text(f"{url}\n")


def _configuration(folder: Path, port: int) -> str:
    text = (DEPLOY / "sshd_config").read_text()
    changes = {
        "Port 22\n": f"Port {port}\nListenAddress 127.0.0.1\n",
        "/etc/kleep-sftp": str(folder / "etc"),
        "/srv/kleep-sftp": str(folder / "files"),
        "/opt/kleep-portal/.venv/bin/python": sys.executable,
        "/opt/kleep-portal/deploy/sftp": str(DEPLOY),
        # Who may read the data folder of this test run.
        "AuthorizedKeysCommandUser kleep-keys": "AuthorizedKeysCommandUser root",
    }
    for shipped, here in changes.items():
        assert shipped in text
        text = text.replace(shipped, here)
    return text


@contextmanager
def _system_users() -> Iterator[None]:
    """The group and the reader, shared with tests that run beside these, gone with the last of them."""
    Path("/run/sshd").mkdir(exist_ok=True)  # where sshd locks up what it does before a log-in
    with LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove([BASE[0]])
            for group in BASE:
                subprocess.run(["groupdel", "-f", group], capture_output=True, check=False)


def remove(users: list[str]) -> None:
    for user in users:
        with suppress(KeyError):
            pwd.getpwnam(user)
            subprocess.run(["userdel", user], capture_output=True, check=True)

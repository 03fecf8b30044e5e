"""The portal as `make run` starts it, for the tests that look at the whole of it."""

import base64
import hmac
import itertools
import json
import os
import re
import secrets
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
from cryptography.fernet import Fernet
from environ import Env

from kleep_portal.launcher import DEMO_SERVERS
from tests import migrated
from tests.processes import ROOT, Running, free_port, free_ports, running, wait_until

LAUNCH = [sys.executable, "-m", "kleep_portal.launcher"]
MAILS = "mails"  # beside the data folder: what a worker sends, in files
UP = "The portal is up"
ADD_STAFF = """
import json, sys
from allauth.mfa.totp.internal.auth import TOTP
from onboarding.models import User
one = json.load(sys.stdin)
person = User.objects.create_user(
    one["email"], one["password"], name=one["role"].title(), is_staff=True, staff_role=one["role"]
)
TOTP.activate(person, one["totp"])
"""
ADD_MEMBER = """
import json, sys
from onboarding import services
from onboarding.models import Merchant, User
one = json.load(sys.stdin)
person = User.objects.create_user(one["email"], name=one["name"])
services.give_membership(Merchant.objects.get(pk=one["company"]), person, "developer", by=person)
"""
START_SECONDS = 180.0
PROMPTLY = 30_000  # milliseconds for what a page does at once where the machine has time for it
# Two databases of the suite's Redis for each portal, away from those of the other test processes.
FIRST_NUMBER = 50 + 50 * int("0" + os.environ.get("PYTEST_XDIST_WORKER", "").strip("gw"))
NUMBERS = itertools.count(FIRST_NUMBER, 2)


class Portal:
    """A running launcher with all its services on one data folder."""

    def __init__(
        self, process: Running, var: Path, port: int, env: Mapping[str, str] | None = None
    ) -> None:
        self.process, self.var, self.port = process, var, port
        self.env = dict(env or {})
        self.accounts: dict[str, dict[str, str]] = {}  # beside those of the demo
        self.url = f"http://127.0.0.1:{port}"
        self.cookies: dict[str, list[Any]] = {}  # of staff who logged in, for the next test

    def account(self, who: str) -> tuple[str, str]:
        """E-mail and password of the demo's `merchant` or `staff`, or of one of those that were added."""
        account = self._account(who)
        return account["email"], account["password"]

    def code(self, who: str = "staff") -> str:
        """What the authenticator app of that member of Kleep's staff shows."""
        return totp(self._account(who)["totp"])

    def _account(self, who: str) -> dict[str, str]:
        demo = json.loads((self.var / "demo.json").read_text())
        return dict({**demo, **self.accounts}[who])

    def add_staff(self, role: str) -> None:
        """Somebody of Kleep's staff in that role, with a second factor: account(role), code(role)."""
        if role in self.accounts:
            return
        account = {
            "email": f"{role}@kleep.example",
            "password": f"a pass phrase of the {role}",
            "totp": base64.b32encode(os.urandom(20)).decode(),
            "role": role,
        }
        self.manage("shell", "--no-imports", "-c", ADD_STAFF, given=json.dumps(account))
        self.accounts[role] = account

    def add_member(self, company: str, name: str) -> None:
        """Somebody who does the tasks of that company; they are looked at, and do not log in."""
        given = json.dumps({"company": company, "name": name, "email": "colleague@demo.example"})
        self.manage("shell", "--no-imports", "-c", ADD_MEMBER, given=given)

    def manage(self, *words: str, given: str = "") -> str:
        """What a command beside the portal says, `given` on its stdin. Raises CalledProcessError."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.env, input=given, capture_output=True, text=True, check=True
        )
        return done.stdout

    def mails(self) -> list[EmailMessage]:
        """What was sent so far, the newest last."""
        files = sorted((self.var / "mail").glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        parts = b"\n".join(file.read_bytes() for file in files).split(b"-" * 79)
        return [message_from_bytes(part.strip(), policy=default) for part in parts if part.strip()]

    def status(self, path: str) -> int:
        """The HTTP status of a page; 0 where nobody listens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionError:
            return 0
        finally:
            connection.close()

    def kill(self, service: str) -> int:
        """kill -9 for its process, once it is there: its children are left to themselves. Gives its id."""
        killed: list[int] = []

        def is_killed() -> bool:
            with suppress(LookupError, ProcessLookupError):
                pid = self.pid(service)
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            return bool(killed)

        wait_until(is_killed, seconds=60, what=service)
        return killed[0]

    def pid_or_none(self, service: str) -> int | None:
        try:
            return self.pid(service)
        except LookupError:
            return None

    def pid(self, service: str) -> int:
        """The process of a service, the parent where it has workers of its own. Raises LookupError."""
        known = {
            "broker": "broker.sock",
            "web": "gunicorn",
            "sandbox": " sandbox",
            "worker": " worker --hostname portal-",
            "browser": " worker --hostname browser-",
        }
        wanted = known.get(service, f" {service} ")
        for process in self.process.family()[1:]:
            with suppress(psutil.NoSuchProcess):  # it has just ended, or nobody has reaped it yet
                words = " ".join(process.cmdline()) + " "
                if process.ppid() == self.process.pid and wanted in words:
                    return process.pid
        raise LookupError(service)


def environment(
    var: Path,
    *,
    embedded: bool = False,
    from_nothing: bool = False,
    demo: bool = True,
    **more: str,
) -> dict[str, str]:
    """A whole environment for a portal on that data folder, on ports of its own.

    Its database and broker are new ones where the suite's own are named by URL; `embedded`: it has its own.
    Every table is there already where the round has them ready, unless it begins `from_nothing`. Without
    the `demo` it has keys of its own, and neither demo shops nor what pulls of them take.
    """
    names = ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "PORTAL_VAR", "PORT")
    env = {name: value for name, value in os.environ.items() if name not in names}
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_ports(DEMO_SERVERS))}
    urls = {} if embedded else {**migrated.own_database(), **_own_redis()}
    if not from_nothing and "DATABASE_URL" not in {**urls, **more}:
        migrated.copy(var / "portal.sqlite3")
    mails = {"EMAIL_URL": f"filemail:///{var / 'mail'}"}
    folder = {"PORTAL_VAR": str(var), "PORTAL_ENV": os.devnull}
    keys = {} if demo else _keys()
    return {**env, **folder, **mails, **ports, **urls, **keys, **more}


def database_name(env: Mapping[str, str]) -> str:
    """The database of that environment: a name, or SQLite's file."""
    if url := env.get("DATABASE_URL"):
        return str(Env.db_url_config(url)["NAME"])
    return str(Path(env["PORTAL_VAR"], "portal.sqlite3"))


def _keys() -> dict[str, str]:
    sealing = Fernet.generate_key().decode()
    own = {name: secrets.token_urlsafe(50) for name in ("SECRET_KEY", "PSEUDONYM_KEY")}
    return {**own, "ENCRYPTION_KEYS": sealing, "DEBUG": "True"}


def _own_redis() -> dict[str, str]:
    url = os.environ.get("TESTS_REDIS_URL", "")
    if not url:
        return {}
    number = next(NUMBERS)
    return {"CELERY_BROKER_URL": f"{url}/{number}", "CACHE_URL": f"{url}/{number + 1}"}


@contextmanager
def launched(env: dict[str, str]) -> Iterator[Portal]:
    """A portal that is up until the block ends. Raises TimeoutError with its output where it is not."""
    var = Path(env["PORTAL_VAR"])
    output = var.parent / f"launcher-{time.time_ns()}.out"
    with running(LAUNCH, output=output, env=env) as process:
        process.wait_for(UP, seconds=START_SECONDS)
        portal = Portal(process, var, int(env["PORT"]), env)
        yield portal
        if process.alive:
            process.stop()


def totp(secret: str) -> str:
    """The code of RFC 6238 for the present half minute."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def printed_address(said: str) -> str:
    found = re.search(r"The portal is up after [\d.]+ s: +(\S+)", said)
    assert found, said
    return found[1]

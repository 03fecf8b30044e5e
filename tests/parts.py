"""The programs that some tests need on this machine, and how to install those that are missing."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from onboarding.browser.running import PROGRAMS

# Where Debian keeps servers that are not on everybody's PATH.
ELSEWHERE = [
    "/usr/sbin",
    *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)),
]


@dataclass(frozen=True, kw_only=True)
class Part:
    """`marker`: the tests that cannot run without it; None where a whole round of the suite needs it."""

    name: str
    programs: tuple[str, ...]  # one of them is enough
    package: str
    marker: str | None = None

    @property
    def program(self) -> str | None:
        found = (find(program) for program in self.programs)
        return next((path for path in found if path), None)


def find(program: str) -> str | None:
    """The path of a program, also of one that is not on PATH."""
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *ELSEWHERE]))


REDIS = Part(name="redis", programs=("redis-server", "valkey-server"), package="redis-server")
POSTGRES = Part(name="postgres", programs=("initdb",), package="postgresql", marker="postgres")
SSHD = Part(name="sftp", programs=("sshd",), package="openssh-server", marker="sftp")
CHROMIUM = Part(
    name="chromium",
    programs=PROGRAMS,
    package="chromium",
    marker="browser",
)
# Any Chromium does; this one takes two fifths less processor time.
HEADLESS = Part(name="headless", programs=PROGRAMS[:1], package="chromium-headless-shell")
SYSTEMD = Part(name="systemd", programs=("systemd-analyze",), package="systemd", marker="deploy")
COMPOSE = Part(
    name="compose", programs=("docker-compose",), package="docker-compose", marker="deploy"
)
PHP = Part(name="php", programs=("php",), package="php-cli", marker="php")
POPPLER = Part(name="poppler", programs=("pdftotext",), package="poppler-utils", marker="paper")
WRK = Part(name="wrk", programs=("wrk",), package="wrk", marker="wrk")
USEFUL = (HEADLESS,)  # nothing is left out where they are missing
PARTS = (REDIS, POSTGRES, SSHD, CHROMIUM, SYSTEMD, COMPOSE, PHP, POPPLER, WRK)


def install(missing: list[Part]) -> None:
    """Install Debian's packages where we may. Says what it does; what fails shows in Part.program."""
    if not missing:
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (root and not _may_use_sudo()):
        return
    options = ["-y", "-q", "--no-install-recommends"]
    packages = [part.package for part in missing]
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", *options, *packages]):
        line = [*root, "env", "DEBIAN_FRONTEND=noninteractive", *command]
        print("+", *line, flush=True)
        subprocess.run(line, stdin=subprocess.DEVNULL, check=False)


def _may_use_sudo() -> bool:
    """Whether sudo works without asking for a password."""
    return (
        bool(shutil.which("sudo"))
        and not subprocess.run(["sudo", "-n", "true"], check=False).returncode
    )

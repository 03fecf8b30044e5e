"""Runs one look at a page in a process of its own, and ends it when it takes too long or too much memory."""

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings

from kleep_portal import orphans
from onboarding.browser.observations import Job, Observed, PrintJob

if TYPE_CHECKING:
    from onboarding.browser.family import Family

# First the build without what draws windows: the same engine, with two fifths less processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
LOOK_EVERY = 0.1  # seconds between two looks at time and memory
RESULT, PRINTED = "observed.json", "printed.pdf"  # as child.py and printer.py name them
PRINT_SECONDS = 60.0
INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", orphans.MARK)


class NoBrowserError(Exception):
    """No browser is installed on this machine, or nothing to drive it with."""


class PrintError(Exception):
    """The browser did not print. The text is for staff."""


def program() -> str:
    """The browser's program. Raises NoBrowserError."""
    wanted = settings.BROWSER_PROGRAM
    found = shutil.which(wanted) if wanted else next(filter(None, map(shutil.which, PROGRAMS)), "")
    if not found or find_spec("playwright") is None:
        raise NoBrowserError(wanted or PROGRAMS[0])
    return found


def is_installed() -> bool:
    try:
        return bool(program())
    except NoBrowserError:
        return False


@contextmanager
def looked_at(job: Job) -> Iterator[tuple[Observed, Path]]:
    """What was seen, and a folder with its pictures that goes with the block."""
    with tempfile.TemporaryDirectory(prefix="kleep-browser-") as name:
        folder = Path(name)
        yield _look(job, folder), folder


def print_pdf(html: str) -> bytes:
    """A document of our own as PDF. Raises NoBrowserError, PrintError."""
    job = PrintJob(html=html, program=program(), sandboxed=settings.BROWSER_SANDBOX)
    with tempfile.TemporaryDirectory(prefix="kleep-browser-") as name:
        folder = Path(name)
        _do("printer", msgspec.json.encode(job), folder, seconds=PRINT_SECONDS)
        try:
            return (folder / PRINTED).read_bytes()
        except FileNotFoundError:
            raise PrintError(_last_words(folder)) from None


def _do(module: str, job: bytes, folder: Path, *, seconds: float) -> tuple[str, int]:
    """One job in a process of its own: which limit ended it, blank for none, and the most memory it had."""
    from onboarding.browser.family import Family  # few processes run a browser: see there

    end = time.monotonic() + seconds
    process = _start(module, folder)
    family = Family(process.pid, folder)
    try:
        _hand_over(process, job)
        return _watch(process, end, family)
    finally:
        family.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _look(job: Job, folder: Path) -> Observed:
    began = time.monotonic()
    stopped, peak = _do("child", msgspec.json.encode(job), folder, seconds=settings.BROWSER_SECONDS)
    observed = _read(folder)
    observed.stopped = stopped or observed.stopped
    observed.peak_memory = peak
    observed.seconds = time.monotonic() - began
    if not observed.views and not observed.error and not observed.stopped:
        observed.error = _last_words(folder)
    return observed


def _start(module: str, folder: Path) -> "subprocess.Popen[bytes]":
    """Without the portal's environment: no key and no password is there to be found."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    own = {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(  # noqa: S603 (our own module, nothing is interpolated)
            [sys.executable, "-m", f"onboarding.browser.{module}", str(folder)],
            cwd=settings.BASE_DIR,
            env={**kept, **own},
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=functools.partial(_first_to_go, os.getpid()),
        )


def _first_to_go(parent: int) -> None:
    """Dies with the worker; where memory runs out the system ends this before anything else."""
    orphans.die_with(parent)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900")


def _hand_over(process: "subprocess.Popen[bytes]", job: bytes) -> None:
    assert process.stdin is not None  # noqa: S101  # a pipe, as asked for
    with suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(job)


def _watch(process: "subprocess.Popen[bytes]", end: float, family: "Family") -> tuple[str, int]:
    """Which limit was passed, blank for none, and the most memory that was seen."""
    limit, peak = settings.BROWSER_MEMORY_MB * 2**20, 0
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY)
            return "", peak
        used = family.memory(limit)
        peak = max(peak, used)
        if used > limit:
            return "memory", peak
        if time.monotonic() > end:
            return "time", peak


def _read(folder: Path) -> Observed:
    try:
        return msgspec.json.decode((folder / RESULT).read_bytes(), type=Observed)
    except (OSError, msgspec.DecodeError):
        return Observed()


def _last_words(folder: Path) -> str:
    return (folder / "said").read_text(errors="replace")[-2_000:]

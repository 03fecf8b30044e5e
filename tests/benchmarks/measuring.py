"""Runs one process to its end and says what it took."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.processes import ROOT


class FailedError(Exception):
    """A measured process ended badly; with the end of what it said."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Of one process, without its children. Seconds; MB of 10**6 bytes. `ended` on the monotonic clock."""

    # `peak_mb` is looked at every 20 ms.
    whole: float  # from its start to its end
    ended: float
    cpu: float
    peak_mb: float


def run(
    command: Sequence[str | Path], *, env: Mapping[str, str], output: Path, seconds: float = 300
) -> Usage:
    """Raises FailedError where it does not exit with 0 in time."""
    began = time.monotonic()
    with output.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    peak, polls = 0.0, 0
    while True:
        if polls % 10 == 0:
            peak = max(peak, _peak_mb(process.pid))
        polls += 1
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        ended = time.monotonic()
        if pid:
            break
        if ended - began > seconds:
            process.kill()
            os.wait4(process.pid, 0)
            raise FailedError(f"more than {seconds:g} s: {_end(output)}")
        time.sleep(0.002)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise FailedError(f"{command} ended with {process.returncode}: {_end(output)}")
    return Usage(
        whole=ended - began,
        ended=ended,
        cpu=used.ru_utime + used.ru_stime,
        peak_mb=peak,
    )


def _peak_mb(pid: int) -> float:
    """The most it ever held, so far. Not rusage's, which begins with the size of whoever started it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:  # it has ended
        return 0.0
    found = (line.split() for line in status.splitlines() if line.startswith("VmHWM:"))
    return next((int(words[1]) * 1024 / 1e6 for words in found), 0.0)


def _end(output: Path) -> str:
    return output.read_text(errors="replace")[-3_000:]

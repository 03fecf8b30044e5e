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
    while True:
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
        peak_mb=used.ru_maxrss * 1024 / 1e6,
    )


def _end(output: Path) -> str:
    return output.read_text(errors="replace")[-3_000:]

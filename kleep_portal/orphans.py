"""No process outlives the launcher that started it, however the launcher ended."""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

MARK = "KLEEP_PORTAL_LAUNCHED"  # in the environment of all that is launched: the data folder it works on
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def mark(folder: Path) -> dict[str, str]:
    """What to put into the environment of a process, and so of all its descendants."""
    return {MARK: str(folder)}


def die_with(parent: int) -> None:
    """Called in a new process: Linux sends it SIGTERM as soon as its parent is gone."""
    if _LIBC:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # gone in the moment before
            os._exit(1)


def end(folder: Path, *, patience: float = 5) -> int:
    """End what still runs on a data folder; the number of processes found. SIGKILL after `patience`."""
    import psutil  # four MB, and nobody but a launcher ends anything

    found = [process for process in psutil.process_iter() if _works_on(process, folder)]
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=patience)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=patience)
    return len(found)


def _works_on(process: "psutil.Process", folder: Path) -> bool:
    import psutil

    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == str(folder)
    except (psutil.Error, OSError):  # somebody else's, or gone, or a zombie
        return False

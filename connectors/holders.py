"""Which process holds a lease, and whether it is certainly gone: then nobody waits for its lease to expire.

Only ever a yes where that can be known: the same machine since the same boot, the same namespace of
processes (a container has its own), and no process of this number that began at that moment. Elsewhere than
on Linux nothing is known, and a lease expires as ever.
"""

from functools import cache
from pathlib import Path

PROC = Path("/proc")


def this_process() -> str:
    """`boot:namespace:pid:start`, at most 100 characters; empty where it cannot be told."""
    try:
        return f"{_world()}:{_process('self')}"
    except OSError:
        return ""


def is_gone(holder: str) -> bool:
    """The process that wrote `holder` is no more. False where we cannot know."""
    world, _, pid = holder.rpartition(":")[0].rpartition(":")
    try:
        if not pid or world != _world():
            return False
    except OSError:
        return False
    try:
        return holder != f"{world}:{_process(pid)}"
    except OSError:
        return True


@cache
def _world() -> str:
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{(PROC / 'self/ns/pid').readlink()}"


def _process(name: str) -> str:
    """Its number, and when it began: a number is given again."""
    pid, _, rest = (PROC / name / "stat").read_text().partition(" ")
    state, *fields = rest.rpartition(")")[2].split()
    if state in "ZX":  # it ended, its parent has not looked yet
        raise ProcessLookupError(name)
    return f"{pid}:{fields[18]}"

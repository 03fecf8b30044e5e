"""The processes of one browser: the memory that they hold together, and their end.

Apart from running.py, which every process of the portal imports: psutil alone holds four MB.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil


class Family:
    """Everybody that was ever seen below `pid`; `folder` is their home."""

    def __init__(self, pid: int, folder: Path) -> None:
        self._pid, self._folder = pid, folder
        self._seen: dict[int, psutil.Process] = {}

    def memory(self, limit: int) -> int:
        """Bytes, of all who are alive. Shared pages are counted once only beyond `limit`: that is slow."""
        self._meet(living(self._pid))
        resident = 0
        for process in self._seen.values():
            with suppress(psutil.Error):
                resident += process.memory_info().rss
        if resident <= limit:
            return resident
        shared_once = 0
        for process in self._seen.values():
            with suppress(psutil.Error):
                shared_once += process.memory_full_info().pss
        return shared_once

    def kill(self) -> None:
        """Each by its id: a browser's processes leave the group and lose their parent."""
        self._meet(living(self._pid))
        self._meet(self._strays())
        for one in self._seen.values():
            with suppress(psutil.NoSuchProcess):
                one.kill()  # psutil sees whether the id was given to another process meanwhile

    def _meet(self, found: Iterable[psutil.Process]) -> None:
        self._seen.update((one.pid, one) for one in found)

    def _strays(self) -> Iterator[psutil.Process]:
        """Helpers of the browser that have left the family: each has the run's folder as its home."""
        for one in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if one.environ().get("HOME") == str(self._folder):
                    yield one


def living(pid: int) -> list[psutil.Process]:
    """The process and all below it."""
    try:
        head = psutil.Process(pid)
        return [head, *head.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []

"""Keeps a few services running on this machine: starts, restarts, shows and stops them.

Own code: honcho ends everything when one child ends, supervisor and circus want configuration files and a
control socket, and none ties a child's life to its parent's, so that a killed parent leaves nothing behind.
"""

import asyncio
import contextlib
import functools
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from kleep_portal import orphans

SHORTEST_DELAY, LONGEST_DELAY = 0.5, 30.0  # seconds before a service that died is started again
PROVEN_AFTER = 30.0  # seconds alive after which a death counts as the first one
LOG_BYTES, LOG_FILES = 2_000_000, 3
LONGEST_LINE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Service:
    """A program to keep running. `patience`: seconds from SIGTERM to SIGKILL. Not `shown`: logged only.

    `needed`: by those that are not, so that it is stopped after them.
    """

    name: str
    command: list[str]
    patience: float = 5
    shown: bool = True
    needed: bool = False


class NotReadyError(Exception):
    """A service did not come up, or a step failed. The text is for the person at the terminal."""


class Supervisor:
    """The services of one data folder. To be used in one event loop, in the main thread."""

    def __init__(
        self, *, folder: Path, env: Mapping[str, str], say: Callable[[str, str], None]
    ) -> None:
        self._env = {**os.environ, **env, **orphans.mark(folder), "PYTHONUNBUFFERED": "1"}
        self._logs = folder / "logs"
        self._logs.mkdir(mode=0o700, exist_ok=True)
        self._say = say
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._services: dict[str, Service] = {}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._outputs: set[asyncio.Task[None]] = set()

    def start(self, service: Service) -> None:
        """Start it, and start it again whenever it ends, until it is stopped."""
        self._services[service.name] = service
        self._keepers[service.name] = asyncio.create_task(self._keep(service))

    async def run(self, name: str, command: list[str]) -> None:
        """A step that must succeed. Raises NotReadyError."""
        try:
            code = await self._run_once(Service(name=name, command=command))
        except asyncio.CancelledError:  # told to stop meanwhile
            self._kill(name)
            raise
        if code:
            raise NotReadyError(f"{name} failed ({_ending(code)}); see {self._logs / name}.log")

    async def ready(
        self, name: str, is_ready: Callable[[], Awaitable[bool]], *, seconds: float
    ) -> None:
        """Wait until a service works. Raises NotReadyError after `seconds`."""
        end = time.monotonic() + seconds
        while not await is_ready():
            if time.monotonic() > end:
                raise NotReadyError(
                    f"{name} is not up after {seconds:g} s; see {self._logs / name}.log"
                )
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop every service at once, and then those that they need. Takes the longest patience, twice."""
        for needed in (False, True):
            names = [name for name in self._keepers if self._services[name].needed is needed]
            await asyncio.gather(*map(self._stop, names))
        await asyncio.gather(*self._outputs)

    async def _stop(self, name: str) -> None:
        self._keepers.pop(name).cancel()
        if process := self._processes.get(name):
            await self._end(process, self._services[name])
            del self._processes[name]

    def kill(self) -> None:
        """Without further patience."""
        for name in self._processes:
            self._kill(name)

    def _kill(self, name: str) -> None:
        if process := self._processes.get(name):
            _kill_group(process.pid)

    async def _end(self, process: asyncio.subprocess.Process, service: Service) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), service.patience)
        except TimeoutError:
            self._say(service.name, f"still busy after {service.patience:g} s: killed")
        finally:
            _kill_group(process.pid)
            await process.wait()

    async def _keep(self, service: Service) -> None:
        delay = SHORTEST_DELAY
        while True:
            born = time.monotonic()
            code = await self._run_once(service)
            if time.monotonic() - born > PROVEN_AFTER:
                delay = SHORTEST_DELAY
            self._say(service.name, f"ended ({_ending(code)}); starting it again in {delay:g} s")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def _run_once(self, service: Service) -> int:
        process = await asyncio.create_subprocess_exec(
            *service.command,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
            start_new_session=True,  # Ctrl-C reaches the launcher alone, which stops them in order
            preexec_fn=functools.partial(orphans.die_with, os.getpid()),
        )
        self._processes[service.name] = process
        output = asyncio.create_task(self._relay(service, process.stdout))
        self._outputs.add(output)
        output.add_done_callback(self._outputs.discard)
        code = await process.wait()
        _kill_group(process.pid)  # its own children must not outlive it
        return code

    async def _relay(self, service: Service, output: asyncio.StreamReader | None) -> None:
        """Show a process's output under its name, and keep it in a log file that stays small."""
        path = self._logs / f"{service.name}.log"
        log = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES)
        with contextlib.closing(log):
            while output and not output.at_eof():
                try:
                    line = (await output.readline()).decode(errors="replace").rstrip()
                except ValueError:
                    line = "(a line of more than a megabyte)"
                if line:
                    log.emit(logging.makeLogRecord({"msg": line}))
                if line and service.shown:
                    self._say(service.name, line)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

"""Real processes for the tests: started, awaited, killed by their own id, never left behind."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from kleep_portal import broker

# Below those that systems give to outgoing connections, and for each process of the tests its own: nobody
# takes one before it is listened on.
SHARE = 3_000
FIRST_PORT = 20_000 + SHARE * (int("0" + os.environ.get("PYTEST_XDIST_WORKER", "").strip("gw")) % 4)
PORTS = range(FIRST_PORT, FIRST_PORT + SHARE)
ROOT = Path(__file__).resolve().parent.parent


def wait_until(is_true: Callable[[], object], *, seconds: float, what: str) -> None:
    """Return as soon as it is true. Raises TimeoutError naming `what` was awaited."""
    end = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.02)


def free_port() -> int:
    """A port of loopback that nobody listened on a moment ago."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of so many neighbouring ports that nobody listened on a moment ago."""
    for _ in range(1_000):
        first = random.SystemRandom().choice(PORTS)
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise OSError(f"no {count} neighbouring ports are free")


class Running:
    """A command in a process group of its own, its output in a file."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        output: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.output = output
        with output.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """Everything it has printed so far."""
        return self.output.read_text(errors="replace")

    def wait_for(self, text: str, *, seconds: float) -> None:
        """Return once it printed `text`. Raises TimeoutError with its output, also when it ends first."""
        try:
            wait_until(
                lambda: text in self.said() or not self.alive, seconds=seconds, what=repr(text)
            )
        except TimeoutError as error:
            raise TimeoutError(f"{error}; it said:\n{self.said()}") from None
        if text not in self.said():
            raise TimeoutError(
                f"it ended with {self.process.poll()} before {text!r}:\n{self.said()}"
            )

    def family(self) -> list[psutil.Process]:
        """The process and all its descendants that live."""
        try:
            head = psutil.Process(self.pid)
            return [head, *head.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill_group(self) -> None:
        """kill -9 for it and for every process of its group, then reap it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(timeout=20)

    def stop(self, *, seconds: float = 30) -> int:
        """SIGTERM, then its exit code. Raises TimeoutError, and kills it, when it does not end in time."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"it did not stop in {seconds:g} s; it said:\n{self.said()}"
            ) from None
        finally:
            self.kill_group()


@contextmanager
def running(
    command: Sequence[str],
    *,
    output: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Iterator[Running]:
    """A command that runs for the length of the block, and not a moment longer."""
    process = Running(command, output=output, env=env, user=user)
    try:
        yield process
    finally:
        process.kill_group()


@contextmanager
def running_broker(at: Path, folder: Path) -> Iterator[Running]:
    """A broker on the socket `at`, its data below `folder`. BROKER_SERVER names another server program."""
    server = broker.find(os.environ.get("BROKER_SERVER", ""))
    command = broker.command(server, at=at, folder=folder / "broker")
    with running(command, output=folder / "broker.log") as process:
        wait_until(lambda: broker.answers(at), seconds=60, what="the broker's PONG")
        yield process

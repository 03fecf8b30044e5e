"""Runs the whole portal on this machine: broker, demo shops, worker, beat and web. `make run` calls it."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from kleep_portal import broker, orphans
from kleep_portal.supervisor import NotReadyError, Service, Supervisor

HOST = "127.0.0.1"
PORTS_TO_TRY = 20
# As `manage.py sandbox` serves them, on neighbouring ports: three shops, the storefront, Kleep's stand-in.
DEMO_SERVERS = 5
START_SECONDS = 60.0
# A pull that is cut off goes on where it was: impatience loses nothing.
WORKER_PATIENCE, WEB_PATIENCE, BROKER_PATIENCE = 15.0, 5.0, 10.0
BROWSER_PATIENCE = 5.0  # a look that is cut off is done again
NAME_WIDTH = 8
CELERY = [sys.executable, "-m", "celery", "--quiet", "--app", "kleep_portal.celery"]
MANAGE = [sys.executable, "manage.py"]


def main() -> int:
    os.chdir(settings.BASE_DIR)
    try:
        with _only_launcher(settings.VAR):
            if count := orphans.end(settings.VAR):
                say("portal", f"ended {count} processes that an earlier launcher left behind")
            port = _port("PORT", 8000)
            sandbox = _port("SANDBOX_PORT", settings.SANDBOX_PORT, count=DEMO_SERVERS)
            asyncio.run(_launch(port, sandbox))
    except (NotReadyError, broker.BrokerMissingError) as error:
        print(f"\n{error}", file=sys.stderr)  # noqa: T201 (the terminal is this program's page)
        return 1
    return 0


def say(name: str, line: str) -> None:
    """One line of one service, on the terminal. Goes on without a terminal, so that stopping still works."""
    with contextlib.suppress(OSError):
        print(f"{name:<{NAME_WIDTH}} | {line}", flush=True)  # noqa: T201  # it speaks to a terminal


@contextlib.contextmanager
def _only_launcher(folder: Path) -> Iterator[None]:
    """Hold the data folder. The system lets go of it with this process. Raises NotReadyError where held."""
    with (folder / "launcher.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read() or "another process"
            raise NotReadyError(
                f"The portal already runs on {folder} ({holder}). Stop it first, or set PORTAL_VAR to"
                " another folder."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
        yield


def _port(variable: str, default: int, *, count: int = 1) -> int:
    """The first of `count` free ports: the one that the environment asks for, else some from `default` on.

    Raises NotReadyError.
    """
    wanted = os.environ.get(variable, "")
    first, tries = (int(wanted), 1) if wanted.isdecimal() else (default, PORTS_TO_TRY)
    for port in range(first, first + tries):
        if all(_is_free(one) for one in range(port, port + count)):
            return port
    last = first + tries + count - 2
    taken = f"Port {first} is" if first == last else f"Of the ports {first} to {last} too many are"
    raise NotReadyError(f"{taken} taken by other programs. Choose: make run {variable}=8100")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
        return True


async def _launch(port: int, sandbox: int) -> None:
    """Everything up, then wait for Ctrl-C, SIGTERM or a closed terminal; everything down."""
    address = os.environ.get("PORTAL_URL", f"http://{HOST}:{port}")
    env = {"PORTAL_VAR": str(settings.VAR), "SANDBOX_PORT": str(sandbox), "PORTAL_URL": address}
    if settings.EMBEDDED:
        env |= _stand_in(sandbox + DEMO_SERVERS - 1)
    supervisor = Supervisor(folder=settings.VAR, env=env, say=say)
    start = asyncio.create_task(_start(supervisor, port, sandbox))
    stop = _stop_signal(supervisor)
    try:
        await asyncio.wait({start, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.done():
            start.result()  # raises what went wrong
            await stop
    finally:
        start.cancel()
        say("portal", "stopping (Ctrl-C again to kill)")
        await supervisor.stop()
        orphans.end(settings.VAR)
        say("portal", "stopped")


def _stand_in(port: int) -> dict[str, str]:
    """The demo's pages load the sandbox's stand-in of Kleep, unless the environment names another."""
    url = f"http://{HOST}:{port}"
    names = {
        "WIDGET_SCRIPT_URL": f"{url}/kleep.js",
        "WIDGET_DRAWER_URL": f"{url}/drawer",
        "WIDGET_API_URL": f"{url}/api",
    }
    return {name: os.environ.get(name, value) for name, value in names.items()}


def _stop_signal(supervisor: Supervisor) -> "asyncio.Future[None]":
    """Done at the first signal; the second kills."""
    loop = asyncio.get_running_loop()
    stop = loop.create_future()

    def stopped() -> None:
        if stop.done():
            supervisor.kill()
        else:
            stop.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped)
    return stop


async def _start(supervisor: Supervisor, port: int, sandbox: int) -> None:
    began = time.monotonic()
    if settings.EMBEDDED_BROKER:
        await _start_broker(supervisor)
    await supervisor.run("migrate", [*MANAGE, "migrate", "--no-input", "--verbosity", "0"])
    if settings.EMBEDDED:  # well-known demo accounts have no place in a portal with keys of its own
        await _start_demo(supervisor, sandbox)
    node = f"portal-{os.getpid()}@localhost"
    options = ["--hostname", node, "--concurrency", "2", "--without-gossip", "--without-mingle"]
    supervisor.start(
        Service(name="worker", command=[*CELERY, "worker", *options], patience=WORKER_PATIENCE)
    )
    supervisor.start(Service(name="browser", command=_browser_worker(), patience=BROWSER_PATIENCE))
    supervisor.start(Service(name="beat", command=[*CELERY, "beat", "--pidfile="]))
    supervisor.start(Service(name="web", command=_gunicorn(port), patience=WEB_PATIENCE))
    await supervisor.ready("web", lambda: _is_healthy(port), seconds=START_SECONDS)
    await supervisor.ready("worker", lambda: asyncio.to_thread(_pongs, node), seconds=START_SECONDS)
    _print_address(f"http://{HOST}:{port}/", seconds=time.monotonic() - began)


async def _start_broker(supervisor: Supervisor) -> None:
    server = broker.find(os.environ.get("BROKER_SERVER", ""))
    command = broker.command(server, at=settings.BROKER_SOCKET, folder=settings.VAR / "broker")
    supervisor.start(
        Service(name="broker", command=command, patience=BROKER_PATIENCE, shown=False, needed=True)
    )

    async def answers() -> bool:
        return broker.answers(settings.BROKER_SOCKET)

    await supervisor.ready("broker", answers, seconds=START_SECONDS)


async def _start_demo(supervisor: Supervisor, port: int) -> None:
    """The demo shops first: they make the credentials with which the demo merchant is set up."""
    supervisor.start(Service(name="sandbox", command=[*MANAGE, "sandbox"], needed=True))
    last = port + DEMO_SERVERS - 1
    await supervisor.ready("sandbox", lambda: _listens(last), seconds=START_SECONDS)
    await supervisor.run("seed", [*MANAGE, "seed_demo"])


def _browser_worker() -> list[str]:
    """Looks at product pages: one at a time, on a queue of their own, so that pulls do not wait for them."""
    node = f"browser-{os.getpid()}@localhost"
    options = ["--hostname", node, "--queues", settings.BROWSER_QUEUE, "--concurrency", "1"]
    return [*CELERY, "worker", *options, "--without-gossip", "--without-mingle"]


def _gunicorn(port: int) -> list[str]:
    program = [sys.executable, "-m", "gunicorn", "kleep_portal.wsgi", "--bind", f"{HOST}:{port}"]
    size = ["--workers", "2", "--threads", "4", "--timeout", "60"]
    return [
        *program,
        *size,
        "--graceful-timeout",
        str(int(WEB_PATIENCE) - 1),
        "--no-control-socket",
    ]


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


async def _is_healthy(port: int) -> bool:
    """Whether the web says that it and all it needs work."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
        with contextlib.closing(writer):
            writer.write(f"GET /readyz HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n".encode())
            return b" 200 " in await asyncio.wait_for(reader.readline(), 10)
    except (OSError, TimeoutError):
        return False


def _pongs(node: str) -> bool:
    """Whether that worker takes tasks."""
    from kleep_portal.celery import app

    return bool(app.control.ping(destination=[node], timeout=0.5))


def _print_address(address: str, *, seconds: float) -> None:
    lines = [f"The portal is up after {seconds:.1f} s:  {address}"]
    demo = settings.VAR / "demo.json"
    if settings.EMBEDDED and demo.exists():
        for who, account in json.loads(demo.read_text()).items():
            lines.append(f"  {who:<10} {account['email']}  {account['password']}")
        lines.append("  The code that staff are asked for: manage.py demo_code")
    lines.append("Ctrl-C stops it. Its data stays in " + str(settings.VAR))
    print("\n" + "\n".join(lines) + "\n", flush=True)  # noqa: T201  # it speaks to a terminal


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kleep_portal.settings")
    sys.exit(main())

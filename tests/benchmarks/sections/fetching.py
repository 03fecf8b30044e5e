"""How fast a file is fetched by SFTP, beside the sftp program, on loopback and over a link with delay."""

import getpass
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import measuring
from tests.benchmarks.delaying import delayed
from tests.benchmarks.section import Section, verdict
from tests.benchmarks.stage import Stage
from tests.parts import SSHD
from tests.processes import free_port, running

MEGABYTES, MEGABYTES_QUICK = 120, 8
TURNS, TURNS_QUICK = 3, 1
DELAY = 0.025  # seconds each way: a round trip of 50 ms
LOOPBACK_SHARE, LINK_SHARE, PEAK_MB = 0.5, 1 / 1.2, 60.0


@dataclass(frozen=True, kw_only=True)
class Rates:
    """MB/s of the sftp program and of the portal, taken in turns; the most memory the portal held.

    `held_mb`: what it held before it connected, with the modules of a worker loaded.
    """

    link: str
    theirs: float
    ours: float
    held_mb: float
    peak_mb: float
    wanted: float

    @property
    def share(self) -> float:
        return self.ours / self.theirs


@dataclass(frozen=True)
class Server:
    folder: Path
    port: int
    key: Path
    host_key: str
    file: Path


def run(stage: Stage) -> list[Rates]:
    megabytes, turns = (MEGABYTES_QUICK, TURNS_QUICK) if stage.quick else (MEGABYTES, TURNS)
    with (
        tempfile.TemporaryDirectory(prefix="kleep-bench-") as folder,
        serving(Path(folder), megabytes) as server,
        delayed(server.port, DELAY) as port,
    ):
        near = rates(server, server.port, "loopback", LOOPBACK_SHARE, turns)
        return [near, rates(server, port, "50 ms round trip", LINK_SHARE, turns)]


@contextmanager
def serving(folder: Path, megabytes: int) -> Iterator[Server]:
    """OpenSSH for whoever runs this, with the file to fetch."""
    for name in ("host", "key"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(make, check=True)
    (folder / "keys").write_text((folder / "key.pub").read_text())
    file = folder / "returns.csv"
    file.write_bytes(os.urandom(1_000_000) * megabytes)
    port = free_port()
    lines = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "keys",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
        "Subsystem": "sftp internal-sftp",
    }
    (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    command = [str(SSHD.program), "-D", "-e", "-f", str(folder / "config")]
    with running(command, output=folder / "log") as process:
        process.wait_for("Server listening", seconds=10)
        host_key = " ".join((folder / "host.pub").read_text().split()[:2])
        yield Server(folder, port, folder / "key", host_key, file)


def rates(server: Server, port: int, link: str, wanted: float, turns: int) -> Rates:
    """In turns, so that a busy moment meets both."""
    size = server.file.stat().st_size / 1e6
    theirs, ours = [], []
    for _ in range(turns):
        theirs.append(_measure(server, sftp(server, port)).whole)
        _measure(server, portal(server, port))
        ours.append(json.loads((server.folder / "output").read_text(encoding="utf-8")))
    return Rates(
        link=link,
        theirs=size / statistics.median(theirs),
        ours=size / statistics.median(one["seconds"] for one in ours),
        held_mb=statistics.median(one["held_mb"] for one in ours),
        peak_mb=max(one["peak_mb"] for one in ours),
        wanted=wanted,
    )


def _measure(server: Server, command: list[str]) -> measuring.Usage:
    target = server.folder / "target"
    target.unlink(missing_ok=True)
    usage = measuring.run(command, env=os.environ, output=server.folder / "output")
    assert target.stat().st_size == server.file.stat().st_size
    return usage


def sftp(server: Server, port: int) -> list[str]:
    known = server.folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {server.host_key}\n")
    options = [f"UserKnownHostsFile={known}", "IdentitiesOnly=yes", "BatchMode=yes"]
    shown = [part for option in options for part in ("-o", option)]
    where = f"{getpass.getuser()}@127.0.0.1:{server.file}"
    program = ["sftp", "-q", "-F", "none", *shown, "-i", str(server.key), "-P", str(port)]
    return [*program, where, str(server.folder / "target")]


def portal(server: Server, port: int) -> list[str]:
    document = server.folder / "login.json"
    config = {
        "url": f"sftp://127.0.0.1:{port}",
        "user": getpass.getuser(),
        "auth": "key",
        "host_key": server.host_key,
    }
    secrets = {"secret": server.key.read_text()}
    document.write_text(
        json.dumps({"config": config, "secrets": secrets, "path": str(server.file)})
    )
    module = "tests.benchmarks.references.fetch_once"
    return [sys.executable, "-m", module, str(document), str(server.folder / "target")]


def write(found: list[Rates]) -> Iterator[str]:
    yield "One file from OpenSSH by SFTP, log-in included, in turns with the `sftp` program:"
    yield ""
    yield "| link | `sftp` MB/s | portal MB/s | share | wanted | | peak MB | fetching adds | wanted | |"
    yield "|---|--:|--:|--:|--:|---|--:|--:|--:|---|"
    for one in found:
        rate = f"{one.theirs:.0f} | {one.ours:.0f} | {one.share:.2f} | {one.wanted:.2f}"
        added = one.peak_mb - one.held_mb
        memory = f"{one.peak_mb:.0f} | {added:.0f} | {PEAK_MB:.0f} | {verdict(added < PEAK_MB)}"
        yield f"| {one.link} | {rate} | {verdict(one.share >= one.wanted)} | {memory} |"
    yield ""
    yield (
        "The peak is of the whole process. The interpreter with paramiko, Django and the portal's modules"
        f" is {found[0].held_mb:.0f} MB of it before it connects; a worker holds them whether a file comes or"
        " not. At most 2 MB of a file are asked for and not written yet, whatever its size. The link delays"
        " each byte by half of the round trip, in both directions, for both alike."
    )


SECTION = Section(title="Files by SFTP", run=run, write=write, parts=(SSHD,))

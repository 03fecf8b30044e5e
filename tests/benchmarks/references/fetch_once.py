"""One file through the portal's SFTP client, in a process of its own: fetch_once.py CONFIG.json TARGET.

Prints how long it took from before the connection to the last byte, and what the process held before and at
most: the portal's workers have loaded their modules long before a file comes.
"""

import json
import sys
import time
from pathlib import Path

import django
from django.conf import settings

settings.configure(ALLOW_PRIVATE_ADDRESSES=True)
django.setup()  # an error is made with its text, which looks for the apps' translations

from connectors.base import Settings  # noqa: E402
from connectors.sftp.connector import SftpConnector  # noqa: E402


def main(document: str, target: str) -> None:
    given = json.loads(Path(document).read_text(encoding="utf-8"))
    login = Settings(config=given["config"], secrets=given["secrets"], pseudonym=str)
    held, began = _most_mb(), time.monotonic()
    with SftpConnector(login) as server, Path(target).open("wb") as into:
        folder, _slash, name = given["path"].rpartition("/")
        entry = next(one for one in server.entries(folder, limit=100) if one.name == name)
        server.fetch(given["path"], entry, into, until=time.monotonic() + 300)
    seconds = time.monotonic() - began
    print(json.dumps({"seconds": seconds, "held_mb": held, "peak_mb": _most_mb()}))


def _most_mb() -> float:
    """The most that this process ever held."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    found = next(line.split() for line in lines if line.startswith("VmHWM:"))
    return int(found[1]) * 1024 / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])

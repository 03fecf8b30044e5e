"""Where files lie that are being fetched from a file server, until they are whole."""

import hashlib
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from connectors.fileserver import Entry
from connectors.models import Connection

FORGOTTEN_AFTER = timedelta(days=7)  # nobody asks for them any more


def of(connection: Connection, shop: str, path: str, entry: Entry) -> Path:
    """Named after all that makes it this file and no other."""
    key = f"{connection.pk}\n{shop}\n{path}\n{entry.size}\n{entry.modified}"
    return folder() / hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def folder() -> Path:
    found: Path = settings.VAR / "pickup"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def forget_old() -> None:
    oldest = time.time() - FORGOTTEN_AFTER.total_seconds()
    for half in folder().iterdir():
        with suppress(FileNotFoundError):
            if half.stat().st_mtime < oldest:
                half.unlink()

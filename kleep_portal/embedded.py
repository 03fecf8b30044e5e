"""What the portal makes for itself when nothing is configured: its data folder and its keys.

Production gives SECRET_KEY, ENCRYPTION_KEYS and PSEUDONYM_KEY in the environment; nothing is made then.
"""

import hashlib
import json
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

MAX_SOCKET_PATH = 100  # a unix socket's path must stay under 108 bytes


def data_folder(path: Path) -> Path:
    """Make the data folder, readable by its owner alone."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def keys(var: Path) -> dict[str, str]:
    """Keys of this installation, made once. Two processes may race here: the first one wins."""
    target = data_folder(var) / "keys.json"
    if not target.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "PSEUDONYM_KEY": secrets.token_urlsafe(32),
        }
        draft = var / f".keys-{os.getpid()}-{secrets.token_hex(4)}"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made))
        try:
            target.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return dict(json.loads(target.read_text()))


def socket_path(var: Path) -> Path:
    """The embedded broker's socket: in the data folder, or elsewhere where that path is too long."""
    wanted = var / "broker.sock"
    if len(os.fsencode(wanted)) <= MAX_SOCKET_PATH:
        return wanted
    name = f"kleep-{os.getuid()}-{hashlib.sha256(os.fsencode(var)).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()) / name
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise PermissionError(f"{short} belongs to somebody else")
    return short / "broker.sock"

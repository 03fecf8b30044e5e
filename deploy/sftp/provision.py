"""Makes the system users and folders of the portal's SFTP accounts. Root runs it, as often as it likes.

    manage.py sftp_accounts | provision.py [ROOT]

One JSON object per line: {"user": ..., "folders": [...]}. What does not look like a user or a folder of
ours is refused: this runs as root on what another program says. Nothing is ever removed here: a merchant
without keys cannot log in, and files are somebody's data.
"""

import grp
import json
import os
import pwd
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

GROUP, READERS = "kleep-sftp", "kleep-pickup"
USER = re.compile(r"kleep_[a-z0-9_]{1,26}")
FOLDER = re.compile(r"[a-zA-Z0-9_-]{1,100}/(?:prod|preprod)/[a-z_]{1,32}")


def ensure_base() -> None:
    """The group of those who may log in, and the user (with a group of its own) by which the portal reads."""
    for name in (GROUP, READERS):
        if not _is_known(grp.getgrnam, name):
            _run("groupadd", "--system", name)
    _ensure_user(READERS, group=READERS, also=GROUP)


def provision(root: Path, account: dict[str, object]) -> None:
    user, folders = account["user"], account["folders"]
    if not isinstance(user, str) or not USER.fullmatch(user):
        raise ValueError(f"no user of ours: {user!r}")
    if not isinstance(folders, list) or not all(FOLDER.fullmatch(str(one)) for one in folders):
        raise ValueError(f"no folders of ours for {user}")
    _ensure_user(user, group=GROUP)
    home = root / user
    _ensure_folder(home)
    for folder in map(str, folders):
        leaf = home / folder
        for parent in (leaf.parent.parent, leaf.parent):
            _ensure_folder(parent)
        # The merchant writes, the portal's group reads, moves and archives, nobody else sees anything.
        _ensure_folder(leaf, mode=0o2770, owner=pwd.getpwnam(user).pw_uid)


def _ensure_user(name: str, *, group: str, also: str = "") -> None:
    if _is_known(pwd.getpwnam, name):
        return
    # "*": no password fits, and yet the account is not locked, which sshd would refuse without PAM.
    _run(
        "useradd", "--system", "--no-create-home", "--no-user-group", "--gid", group,
        *(["--groups", also] if also else []),
        "--home-dir", "/", "--shell", "/usr/sbin/nologin", "--password", "*", name,
    )  # fmt: skip


def _ensure_folder(folder: Path, *, mode: int = 0o755, owner: int = 0) -> None:
    """Chroot wants every folder above the leaves to be root's; nobody else can make a link in its place."""
    folder.mkdir(exist_ok=True)
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchown(opened, owner, grp.getgrnam(READERS).gr_gid if owner else 0)
        os.fchmod(opened, mode)
    finally:
        os.close(opened)


def _is_known(look: Callable[[str], object], name: str) -> bool:
    try:
        look(name)
    except KeyError:
        return False
    return True


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def main(arguments: list[str]) -> int:
    root = Path(arguments[0] if arguments else "/srv/kleep-sftp")
    ensure_base()
    _ensure_folder(root)
    failed = 0
    for line in sys.stdin:
        try:
            provision(root, json.loads(line))
        except (TypeError, ValueError, KeyError, OSError, subprocess.CalledProcessError) as error:
            print(f"not provisioned: {error}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

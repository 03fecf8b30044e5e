"""Files of partners that nobody has picked up, and what the server is known by: backed up, lost, put back."""

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.connectors.sftp.conftest import Merchant
from tests.openssh import remove
from tests.processes import ROOT

pytestmark = [pytest.mark.sftp, pytest.mark.once, pytest.mark.django_db(transaction=True)]

KEYS = ("ssh_host_ed25519_key", "ssh_host_rsa_key", "ssh_host_ed25519_key.pub", "pickup_keys")


def _run(merchant: Merchant, script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    server = merchant.server
    places = {"SFTP_ROOT": str(server.files), "SFTP_ETC": str(server.folder / "etc")}
    return subprocess.run(
        [ROOT / "deploy" / "sftp" / script, folder],
        env={"PATH": os.environ["PATH"], **places},
        capture_output=True,
        text=True,
        check=False,
    )


def _put(merchant: Merchant, name: str, content: str, tmp_path: Path, *, ago: float) -> Path:
    (tmp_path / name).write_text(content)
    where = f"/{merchant.shop.slug}/preprod/returns/{name}"
    assert merchant.sftp(f'put "{tmp_path / name}" "{where}"').code == 0
    file = merchant.server.files / merchant.user / where[1:]
    os.utime(file, (int(time.time() - ago),) * 2)
    return file


def _tree(folder: Path) -> dict[Path, tuple[str, str, int, bytes]]:
    """Whose everything is, who may do what, since when, and what is in it."""
    found = {}
    for path in folder.rglob("*"):
        content = b"%d: " % path.stat().st_mtime + path.read_bytes() if path.is_file() else b""
        found[path] = (path.owner(), path.group(), path.stat().st_mode, content)
    return found


@pytest.fixture
def backup(lumen: Merchant, brume: Merchant, tmp_path: Path) -> Path:
    """Made while one of three files is still being written. Nobody else is on the server."""
    users = {folder.name for folder in lumen.server.files.iterdir()}
    for user in users - {lumen.user, brume.user}:
        shutil.rmtree(lumen.server.files / user)
        remove([user])
    _put(lumen, "returns.csv", "return_id\nR1\n", tmp_path, ago=600)
    _put(brume, "no odd name; rm -rf.csv", "return_id\nR2\n", tmp_path, ago=600)
    _put(lumen, "half.csv", "return_id\nR", tmp_path, ago=0)
    made = _run(lumen, "backup.sh", tmp_path / "backups")
    assert made.returncode == 0, made.stderr
    return Path(made.stdout.strip())


def _lose(merchant: Merchant) -> None:
    for folder in merchant.server.files.iterdir():
        shutil.rmtree(folder)


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def _number_anew(*merchants: Merchant) -> None:
    """As on another machine, where somebody else has got their numbers."""
    users = [merchant.user for merchant in merchants]
    strangers = {f"{user}_": pwd.getpwnam(user).pw_uid for user in users}
    remove(users)
    for name, number in strangers.items():
        subprocess.run(["useradd", "-M", "-u", str(number), name], check=True)
    merchants[0].server.provision()
    remove(list(strangers))


@pytest.fixture(autouse=True)
def _keys_stay(lumen: Merchant):
    """The server of the other tests goes on with them."""
    etc = lumen.server.folder / "etc"
    kept = {name: (etc / name).read_bytes() for name in KEYS}
    yield
    for name, content in kept.items():
        (etc / name).write_bytes(content)


def test_what_partners_sent_and_the_servers_keys_come_back(
    lumen: Merchant, brume: Merchant, backup: Path
) -> None:
    etc, files = lumen.server.folder / "etc", lumen.server.files
    half = files / lumen.user / lumen.shop.slug / "preprod" / "returns" / "half.csv"
    keys = {name: ((etc / name).read_bytes(), (etc / name).stat().st_mode) for name in KEYS}
    before = {path: what for path, what in _tree(files).items() if path != half}
    numbers = {user: pwd.getpwnam(user).pw_uid for user in (lumen.user, brume.user)}
    _lose(lumen)
    for name in KEYS:
        (etc / name).write_text("of a new machine")
        (etc / name).chmod(0o640)
    _number_anew(lumen, brume)

    restored = _run(lumen, "restore.sh", backup)
    assert restored.returncode == 0, restored.stderr
    assert _tree(files) == before
    assert not {pwd.getpwnam(user).pw_uid for user in numbers} & set(numbers.values())
    assert {name: ((etc / name).read_bytes(), (etc / name).stat().st_mode) for name in KEYS} == keys
    folder = f"/{lumen.shop.slug}/preprod/returns"
    assert lumen.sftp(f"ls -1 {folder}").said.split() == [f"{folder}/returns.csv"]
    assert brume.sftp(f"ls {folder}").code != 0


@pytest.mark.parametrize("obstacle", ["files", "damage", "stranger"])
def test_nothing_is_restored_over_something_damaged_or_to_nobody(
    lumen: Merchant, brume: Merchant, backup: Path, obstacle: str
) -> None:
    etc, said = lumen.server.folder / "etc", "nothing was changed"
    if obstacle != "files":
        _lose(lumen)
        lumen.server.provision()
    if obstacle == "damage":
        archive, said = backup / "sftp.tar", "sftp.tar"
        archive.write_bytes(archive.read_bytes()[:-1_000])
    if obstacle == "stranger":
        said = f"Nobody here is {brume.user}/"
        remove([brume.user])
    before = _contents(lumen.server.files)
    (etc / "pickup_keys").write_text("of a new machine")

    refused = _run(lumen, "restore.sh", backup)
    assert refused.returncode == 1
    assert said in refused.stdout + refused.stderr
    assert (etc / "pickup_keys").read_text() == "of a new machine"
    assert _contents(lumen.server.files) == before
    lumen.server.provision()

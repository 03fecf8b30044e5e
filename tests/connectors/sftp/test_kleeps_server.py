"""Kleep's SFTP server as it is shipped: who gets in, what they see, what they may do."""

import pwd
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from onboarding.models import Event, SftpKey
from onboarding.services.sftp_keys import add_sftp_key, remove_sftp_key
from tests.connectors.sftp.conftest import Merchant
from tests.openssh import DEPLOY, Server

# The server asks a database as test_pickup.py does, whatever database it is.
pytestmark = [pytest.mark.sftp, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def test_a_merchant_puts_a_file_into_the_folder_of_the_shop(
    lumen: Merchant, tmp_path: Path
) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes(b"return_id\nR1\n")
    folder = f"/{lumen.shop.slug}/preprod/returns"
    said = lumen.sftp(f"put {export} {folder}/returns_2026-01-15T02-00-00.csv", f"ls -1 {folder}")
    assert said.code == 0, said.said
    arrived = (
        lumen.server.files / lumen.user / folder.strip("/") / "returns_2026-01-15T02-00-00.csv"
    )
    assert arrived.read_bytes() == b"return_id\nR1\n"
    # The portal's group may read it, other merchants may not.
    assert stat.S_IMODE(arrived.stat().st_mode) == 0o640
    assert not arrived.stat().st_mode & 0o007


def test_the_shop_has_kleeps_folders_for_both_environments(lumen: Merchant) -> None:
    home = lumen.server.files / lumen.user / lumen.shop.slug
    found = {str(path.relative_to(home)) for path in home.rglob("*") if path.parent != home}
    names = ("products", "orders", "returns", "return_reasons", "misc")
    assert found == {f"{env}/{name}" for env in ("prod", "preprod") for name in names}


def test_another_merchants_folder_can_neither_be_listed_nor_read(
    lumen: Merchant, brume: Merchant
) -> None:
    secret = lumen.server.files / lumen.user / lumen.shop.slug / "preprod/returns/returns.csv"
    secret.write_text("theirs")
    seen = brume.sftp("ls -1 /")
    assert seen.said.split() == [f"/{brume.shop.slug}"]
    outside = f"/../{lumen.user}/{lumen.shop.slug}/preprod/returns"
    real = f"{lumen.server.files}/{lumen.user}/{lumen.shop.slug}/preprod/returns"
    for folder in (outside, real, f"/../../..{real}"):
        assert brume.sftp(f"ls {folder}").code != 0
        assert brume.sftp(f"get {folder}/returns.csv /dev/null").code != 0
    assert secret.read_text() == "theirs"


def test_a_merchant_changes_nothing_outside_the_leaf_folders(lumen: Merchant) -> None:
    before = sorted(str(path) for path in lumen.server.files.rglob("*"))
    shop = f"/{lumen.shop.slug}"
    for command in (
        "mkdir /mine",
        f"mkdir {shop}/prod/mine",
        f"rename {shop}/prod/returns {shop}/prod/other",
        f"rmdir {shop}/prod/returns",
        f"ln -s / {shop}/preprod/returns/root",
        f"ln {shop}/preprod /x",
    ):
        assert lumen.sftp(command).code != 0, command
    assert sorted(str(path) for path in lumen.server.files.rglob("*")) == before


def test_a_password_is_refused(lumen: Merchant) -> None:
    options = (
        "PreferredAuthentications=password,keyboard-interactive",
        "NumberOfPasswordPrompts=1",
    )
    answer = lumen.server.sftp(lumen.user, None, "ls", options=options)
    assert answer.code != 0
    assert "Permission denied (publickey)" in answer.said


def test_no_command_and_no_tunnel_is_given(lumen: Merchant) -> None:
    key = lumen.server.key_file(lumen.pair.private)
    ssh = ["ssh", "-F", "none", "-i", str(key), "-p", str(lumen.server.port)]
    ssh += [
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "LogLevel=QUIET",
    ]
    where = f"{lumen.user}@127.0.0.1"
    done = subprocess.run(
        [*ssh, where, "id"], input=b"", capture_output=True, timeout=20, check=False
    )
    assert b"uid=" not in done.stdout
    done = subprocess.run(
        [*ssh, "-W", "127.0.0.1:22", where], input=b"", capture_output=True, timeout=20, check=False
    )
    assert done.returncode != 0


def test_a_key_removed_in_the_portal_is_refused_at_once(lumen: Merchant) -> None:
    assert lumen.sftp("ls /").code == 0
    key = SftpKey.objects.get(account__merchant=lumen.shop.merchant)
    remove_sftp_key(lumen.shop, key.pk, by=None)
    answer = lumen.sftp("ls /")
    assert answer.code != 0
    assert "Permission denied" in answer.said
    assert Event.objects.filter(kind="sftp_key_removed").count() == 1


def test_each_of_several_keys_opens_and_one_goes_without_the_others(
    lumen: Merchant, tmp_path: Path
) -> None:
    for kind in (["-t", "ecdsa"], ["-t", "rsa", "-b", "3072"]):
        file = tmp_path / kind[1]
        subprocess.run(["ssh-keygen", "-q", *kind, "-N", "", "-f", str(file)], check=True)
        add_sftp_key(lumen.shop, kind[1], file.with_suffix(".pub").read_text(), by=None)
        assert lumen.server.sftp(lumen.user, file, "ls /").code == 0
    first = SftpKey.objects.filter(account__merchant=lumen.shop.merchant)[0]
    remove_sftp_key(lumen.shop, first.pk, by=None)
    assert lumen.sftp("ls /").code != 0
    assert lumen.server.sftp(lumen.user, tmp_path / "rsa", "ls /").code == 0


def test_a_merchants_key_does_not_open_anothers_account(lumen: Merchant, brume: Merchant) -> None:
    key = brume.server.key_file(brume.pair.private)
    assert brume.server.sftp(lumen.user, key, "ls /").code != 0
    with pytest.raises(SftpKey.DoesNotExist):
        remove_sftp_key(brume.shop, SftpKey.objects.get(account__username=lumen.user).pk, by=None)
    assert lumen.sftp("ls /").code == 0


def test_nobody_gets_in_where_the_portals_data_cannot_be_read(lumen: Merchant) -> None:
    database = lumen.server.folder / "etc" / "database"
    kept = database.read_text()
    for broken in ("sqlite:////nowhere/portal.sqlite3\n", "host='/nowhere' dbname='none'\n", "\n"):
        database.write_text(broken)
        assert lumen.sftp("ls /").code != 0
    database.write_text(kept)
    assert lumen.sftp("ls /").code == 0


def test_provisioning_again_changes_nothing_and_keeps_the_files(lumen: Merchant) -> None:
    returns = lumen.server.files / lumen.user / lumen.shop.slug / "prod/returns"
    (returns / "kept.csv").write_text("x")
    before = [
        (path, path.stat().st_mode, path.stat().st_uid) for path in lumen.server.files.rglob("*")
    ]
    lumen.server.provision()
    assert [
        (path, path.stat().st_mode, path.stat().st_uid) for path in lumen.server.files.rglob("*")
    ] == before


@pytest.mark.parametrize(
    "line",
    [
        '{"user": "root", "folders": []}',
        '{"user": "kleep_x; reboot", "folders": []}',
        '{"user": "kleep_../../etc", "folders": []}',
        '{"user": "kleep_zz_refused", "folders": ["../../etc/prod/returns"]}',
        '{"user": "kleep_zz_refused", "folders": ["shop/prod/../x"]}',
        '{"user": "kleep_zz_refused", "folders": "shop/prod/returns"}',
        "[]",
        "not json",
    ],
)
def test_provisioning_refuses_what_is_no_account_of_ours(server: Server, line: str) -> None:
    command = [sys.executable, str(DEPLOY / "provision.py"), str(server.files)]
    subprocess.run(command, input="", text=True, check=True)
    before = list(server.files.rglob("*"))
    done = subprocess.run(command, input=line, text=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert "not provisioned" in done.stderr
    assert list(server.files.rglob("*")) == before
    with pytest.raises(KeyError):
        pwd.getpwnam("kleep_zz_refused")


def test_the_lookup_of_keys_loads_no_django(lumen: Merchant) -> None:
    """It runs at each log-in: most of Django's time would be spent before the first question."""
    command = [sys.executable, "-I", "-X", "importtime", str(DEPLOY / "authorized_keys.py")]
    file = str(lumen.server.folder / "etc" / "database")
    done = subprocess.run([*command, file, lumen.user], capture_output=True, text=True, check=True)
    assert done.stdout == f"restrict {lumen.pair.public.line}\n"
    assert "django" not in done.stderr

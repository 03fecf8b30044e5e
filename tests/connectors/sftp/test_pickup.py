"""Files are picked up from Debian's OpenSSH: whole, in order, each once; nothing is lost, whatever fails."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import fileserver, halves, pickup, sshkeys
from connectors.models import Connection, ReceivedFile, SeenFile
from connectors.receiving import files_connection
from connectors.sftp.connector import SftpConnector
from onboarding import file_tasks, pickups
from onboarding.models import Event, FileSource
from onboarding.services import files
from tests.connectors.sftp.conftest import Merchant
from tests.connectors.sftp.test_client import Cutting, connector

pytestmark = [pytest.mark.sftp, pytest.mark.django_db(transaction=True)]

NIGHT = "2026-01-15T02-00-00"


@pytest.fixture(autouse=True)
def at_once(settings) -> None:
    """Two looks are enough, however close."""
    settings.SFTP_STABLE_SECONDS = 0


@pytest.fixture
def kleep(lumen: Merchant, settings, tmp_path: Path) -> Iterator[FileSource]:
    """The portal reads Kleep's server with its own key; the shop's files come that way."""
    pair = sshkeys.make_pair("pickup")
    key = tmp_path / "pickup_key"
    key.write_text(pair.private)
    (lumen.server.folder / "etc" / "pickup_keys").write_text(f"{pair.public.line}\n")
    settings.SFTP_HOST, settings.SFTP_PORT = "127.0.0.1", lumen.server.port
    settings.SFTP_HOST_KEY, settings.SFTP_KEY_FILE = lumen.server.host_key, str(key)
    lumen.shop.connection = files_connection(lumen.shop.merchant_id)
    lumen.shop.save()
    return files.choose_way(lumen.shop, FileSource.Way.KLEEP, by=None)


def _send(merchant: Merchant, folder: str, name: str, content: str, tmp_path: Path) -> None:
    """As the merchant's own export does it: with the sftp program."""
    file = tmp_path / "export"
    file.write_text(content)
    path = f"/{merchant.shop.slug}/preprod/{folder}/{name}"
    said = merchant.sftp(f'put {file} "{path}"')
    assert said.code == 0, said.said


def _look(source: FileSource, times: int = 2) -> FileSource:
    for _ in range(times):
        file_tasks.pick_up(source.pk)
    source.refresh_from_db()
    return source


def _received() -> list[str]:
    return list(ReceivedFile.objects.order_by("received_at").values_list("name", flat=True))


def _content(file: ReceivedFile) -> bytes:
    with file.content.open() as content:
        return bytes(content.read())


def _home(merchant: Merchant) -> Path:
    return merchant.server.files / merchant.user / merchant.shop.slug / "preprod"


def test_the_whole_journey_from_the_merchants_export_to_the_archive(
    lumen: Merchant, kleep: FileSource, tmp_path: Path
) -> None:
    _send(lumen, "returns", f"returns_{NIGHT}.csv", "return_id\nR1\n", tmp_path)
    assert [note.code for note in _look(kleep, 1).remarks] == ["growing"]
    assert _received() == []
    _look(kleep, 1)
    file = ReceivedFile.objects.get()
    assert (file.name, file.dataset, file.origin) == (f"returns_{NIGHT}.csv", "returns", "sftp")
    assert file.said_at == datetime(2026, 1, 15, 2, tzinfo=UTC)
    assert _content(file) == b"return_id\nR1\n"
    assert file.due_at is not None
    returns = _home(lumen) / "returns"
    assert [path.name for path in returns.iterdir()] == ["archive"]
    assert [path.name for path in (returns / "archive").iterdir()] == [f"returns_{NIGHT}.csv"]
    # The merchant sees what was taken and cannot touch it.
    archive = f"/{lumen.shop.slug}/preprod/returns/archive"
    assert f"returns_{NIGHT}.csv" in lumen.sftp(f"ls -1 {archive}").said
    assert lumen.sftp(f"rm {archive}/returns_{NIGHT}.csv").code != 0
    _look(kleep, 3)
    assert len(_received()) == 1
    assert Event.objects.filter(kind="file_received").count() == 1


def test_files_are_received_in_the_order_of_their_names(
    lumen: Merchant, kleep: FileSource, tmp_path: Path
) -> None:
    sent = [
        ("returns", "returns_2026-01-16T02-00-00.csv"),
        ("returns", "returns_2026-01-15T02-00-00.csv"),
        ("orders", "orders_2026-01-15T02-00-00.csv"),
        ("products", "products_2026-01-15T02-00-00.csv"),
        ("orders", "orders_2026-01-14T02-00-00.csv"),
    ]
    for folder, name in sent:
        _send(lumen, folder, name, name, tmp_path)
    _look(kleep)
    assert _received() == [
        "orders_2026-01-14T02-00-00.csv",
        "products_2026-01-15T02-00-00.csv",
        "orders_2026-01-15T02-00-00.csv",
        "returns_2026-01-15T02-00-00.csv",
        "returns_2026-01-16T02-00-00.csv",
    ]


def test_a_file_that_grows_is_left_until_it_no_longer_does(
    lumen: Merchant, kleep: FileSource
) -> None:
    file = _home(lumen) / "returns" / f"returns_{NIGHT}.csv"
    for content in ("return_id\n", "return_id\nR1\n", "return_id\nR1\nR2\n"):
        file.write_text(content)
        _look(kleep, 1)
        assert _received() == []
    _look(kleep, 1)
    received = ReceivedFile.objects.get()
    assert received.size == len("return_id\nR1\nR2\n")


def test_a_file_that_got_its_name_from_a_temporary_one_is_complete(
    lumen: Merchant, kleep: FileSource, settings
) -> None:
    settings.SFTP_STABLE_SECONDS = 3600
    file = _home(lumen) / "returns" / f"returns_{NIGHT}.csv"
    written = file.with_name(f"{file.name}.part")
    written.write_text("return_id\nR1\n")
    _look(kleep, 3)
    assert _received() == []
    written.rename(file)
    _look(kleep, 1)
    assert _received() == [file.name]


def test_what_is_left_in_place_is_taken_once_and_again_only_when_it_changed(
    lumen: Merchant, kleep: FileSource
) -> None:
    files.set_file_rules(
        lumen.shop, policy="good_rows", archive=False, time_zone="Europe/Paris", by=None
    )
    file = _home(lumen) / "returns" / f"returns_{NIGHT}.csv"
    file.write_text("return_id\nR1\n")
    _look(kleep, 4)
    assert _received() == [file.name]
    assert file.exists()
    ReceivedFile.objects.update(state=ReceivedFile.State.REFUSED)
    _look(kleep, 2)
    assert len(_received()) == 1
    file.write_text("return_id\nR1\nR2\n")
    _look(kleep, 3)
    assert len(_received()) == 2


ODD = {
    "link": "link",
    "a b (1).csv": "taken",
    "returns.xlsx": "taken",
    "returns.csv.gz": "taken",
    "été.csv": "name",
    "a'b.csv": "name",
    "$(reboot).csv": "name",
    "..csv": None,
    ".hidden.csv": None,
    "returns.csv.tmp": None,
    "returns.csv~": None,
    "photo.jpg": "kind",
    "export": "kind",
    "orders_2026-01-15T02-00-00.csv": "folder",
    "folder.csv": "link",
}


def test_odd_names_links_and_folders_are_left_and_named(lumen: Merchant, kleep: FileSource) -> None:
    returns = _home(lumen) / "returns"
    secret = lumen.server.folder / "etc" / "database"
    for name in ODD:
        if name == "link":
            (returns / name).symlink_to(secret)
        elif name == "folder.csv":
            (returns / name).mkdir()
        else:
            (returns / name).write_text(name)
    (returns / "sneaky.csv").symlink_to(secret)
    for raw in (b"caf\xe9.csv", b"two\nlines.csv"):
        with open(str(returns).encode() + b"/" + raw, "wb") as file:  # noqa: PTH123  # no text
            file.write(b"x")
    source = _look(kleep)
    assert sorted(_received()) == sorted(name for name, fate in ODD.items() if fate == "taken")
    said = {note.path.rpartition("/")[2]: note.code for note in source.remarks}
    expected = {name: fate for name, fate in ODD.items() if fate not in ("taken", None)}
    expected |= {"sneaky.csv": "link", "caf�.csv": "name", "two�lines.csv": "name"}
    assert said == expected
    assert (returns / "sneaky.csv").is_symlink()


def test_one_shop_never_takes_the_files_of_another(
    lumen: Merchant, brume: Merchant, kleep: FileSource
) -> None:
    (_home(brume) / "returns" / f"returns_{NIGHT}.csv").write_text("theirs")
    other = _home(lumen).parent / "prod" / "returns" / f"returns_{NIGHT}.csv"
    other.write_text("the other environment")
    _look(kleep, 3)
    assert _received() == []


def test_a_file_replaced_between_the_looks_is_looked_at_anew(
    lumen: Merchant, kleep: FileSource
) -> None:
    file = _home(lumen) / "returns" / f"returns_{NIGHT}.csv"
    file.write_text("first")
    _look(kleep, 1)
    file.unlink()
    file.write_text("second one")
    _look(kleep, 1)
    assert _received() == []
    _look(kleep, 1)
    assert _content(ReceivedFile.objects.get()) == b"second one"


def _own(merchant: Merchant) -> tuple[Connection, str]:
    return files_connection(merchant.shop.merchant_id), f"/{merchant.shop.slug}/preprod"


def test_a_connection_cut_in_the_middle_loses_nothing_and_goes_on(lumen: Merchant) -> None:
    target, folder = _own(lumen)
    content = os.urandom(1_000_000)
    file = _home(lumen) / "returns" / f"returns_{NIGHT}.csv"
    file.write_bytes(content)

    def look(tried: SftpConnector) -> pickup.Look:
        with tried:
            return pickup.look(target, pickup.Place(server=tried, folder=folder), seconds=30)

    look(connector(lumen))
    proxy = Cutting(lumen.server.port, after=500_000)
    try:
        with pytest.raises(fileserver.ServerHungUpError):
            look(connector(lumen, url=f"sftp://127.0.0.1:{proxy.port}"))
    finally:
        proxy.close()
    assert _received() == []
    (half,) = halves.folder().iterdir()
    assert 0 < half.stat().st_size < len(content)
    found = look(connector(lumen))
    assert _content(found.received[0]) == content
    assert list(halves.folder().iterdir()) == []
    assert look(connector(lumen)).received == []
    assert _received() == [file.name]


def test_shops_with_one_connection_and_equal_paths_each_get_their_files(lumen: Merchant) -> None:
    """Their own servers hold the same paths with other contents; both are looked at in turn."""
    target, folder = _own(lumen)
    file = _home(lumen) / "returns" / f"returns_{NIGHT}.csv"
    shops = {
        "paris": (b"return_id\nR1\n", 1_700_000_000),
        "lyon": (b"return_id\nR22\n", 1_700_000_001),
    }

    def look(shop: str) -> list[ReceivedFile]:
        content, at = shops[shop]
        file.write_bytes(content)
        os.utime(file, (at, at))
        with connector(lumen) as server:
            place = pickup.Place(server=server, folder=folder, shop=shop, archive=False)
            return pickup.look(target, place, seconds=30).received

    assert [look(shop) for shop in ("paris", "lyon")] == [[], []]
    for shop in shops:
        (received,) = look(shop)
        assert (received.shop, _content(received)) == (shop, shops[shop][0])
    assert [look(shop) for shop in ("paris", "lyon")] == [[], []]
    assert SeenFile.objects.filter(is_taken=True).count() == 2


@pytest.mark.parametrize("where", ["pickup", "files"])
def test_a_full_disk_loses_nothing_and_leaves_nothing_half(
    lumen: Merchant, kleep: FileSource, settings, tmp_path: Path, where: str
) -> None:
    file = _home(lumen) / "returns" / f"returns_{NIGHT}.csv"
    file.write_bytes(b"x" * 3_000_000)
    full = settings.VAR / where
    full.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(full)], check=True)
    try:
        source = _look(kleep)
        assert source.error == "sftp_no_room"
        assert [path for path in full.rglob("*") if path.is_file()] == []
    finally:
        subprocess.run(["umount", str(full)], check=True)
    assert _received() == []
    assert file.exists()
    source = _look(kleep, 1)
    assert source.error == ""
    assert _received() == [file.name]
    assert ReceivedFile.objects.get().size == 3_000_000


def test_a_crash_after_receiving_takes_nothing_twice(
    lumen: Merchant, kleep: FileSource, monkeypatch
) -> None:
    file = _home(lumen) / "returns" / f"returns_{NIGHT}.csv"
    file.write_text("return_id\nR1\n")
    _look(kleep, 1)

    class Killed(BaseException):
        pass

    def killed(*_args: object) -> None:
        raise Killed

    monkeypatch.setattr(pickup, "_put_aside", killed)
    with pytest.raises(Killed):
        file_tasks.pick_up(kleep.pk)
    SeenFile.objects.update(is_taken=False)  # as if it had died a moment earlier still
    monkeypatch.undo()
    assert file.exists()
    FileSource.objects.update(lease_until=None)
    _look(kleep, 1)
    assert _received() == [file.name]
    assert not file.exists()


def test_a_file_too_large_and_a_full_day_are_left_with_the_reason(
    lumen: Merchant, kleep: FileSource, settings
) -> None:
    settings.FILE_MAX_BYTES, settings.SFTP_MAX_BYTES_A_DAY = 100, 150
    returns = _home(lumen) / "returns"
    (returns / "large.csv").write_text("x" * 101)
    for name in ("returns_2026-01-14T02-00-00.csv", "returns_2026-01-15T02-00-00.csv"):
        (returns / name).write_text(name + "x" * 60)
    source = _look(kleep)
    assert _received() == ["returns_2026-01-14T02-00-00.csv"]
    assert {note.path.rpartition("/")[2]: note.code for note in source.remarks} == {
        "large.csv": "large",
        "returns_2026-01-15T02-00-00.csv": "quota",
    }


def test_too_many_files_are_an_error_that_says_what_to_do(
    lumen: Merchant, kleep: FileSource, settings
) -> None:
    settings.SFTP_MAX_FILES = 3
    for number in range(5):
        (_home(lumen) / "returns" / f"{number}.csv").touch()
    assert _look(kleep).error == "sftp_too_many_files"
    assert _received() == []


def test_two_workers_do_not_look_at_once(lumen: Merchant, kleep: FileSource) -> None:
    (_home(lumen) / "returns" / f"returns_{NIGHT}.csv").write_text("x")
    assert pickups.claim(kleep.pk) is not None
    _look(kleep, 3)
    assert SeenFile.objects.count() == 0


def test_a_changed_host_key_stops_the_looks_and_is_told(
    lumen: Merchant, kleep: FileSource, settings
) -> None:
    settings.SFTP_HOST_KEY = (
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpFsOz1bGmFrr0GvTKqpnPnFqGfhHqCEzHqvmVCWzZ8"
    )
    source = _look(kleep)
    assert source.error == "sftp_host_key_changed"
    assert source.due_at is None
    assert pickups.to_queue() == []
    assert Event.objects.filter(kind="host_key_changed").count() == 1


def test_a_merchants_own_server_is_read_like_kleeps(lumen: Merchant) -> None:
    """Here the merchant's user on the test's server stands for one on their own."""
    lumen.shop.connection = files_connection(lumen.shop.merchant_id)
    lumen.shop.save()
    source = files.save_file_server(
        lumen.shop,
        config={
            "url": f"sftp://127.0.0.1:{lumen.server.port}",
            "user": lumen.user,
            "folder": f"/{lumen.shop.slug}/preprod",
            "auth": "key",
            "host_key": lumen.server.host_key,
        },
        secrets={"secret": lumen.pair.private},
        by=None,
    )
    (_home(lumen) / "orders" / "orders.csv").write_text("order_id\nO1\n")
    _look(source)
    assert _received() == ["orders.csv"]
    assert lumen.pair.private.splitlines()[1] not in source.server.sealed


def test_credentials_that_do_not_work_are_not_kept(lumen: Merchant) -> None:
    config = {
        "url": f"sftp://127.0.0.1:{lumen.server.port}",
        "user": lumen.user,
        "folder": "/",
        "auth": "key",
        "host_key": lumen.server.host_key,
    }
    with pytest.raises(fileserver.LoginRefusedError):
        files.save_file_server(
            lumen.shop,
            config=config,
            secrets={"secret": sshkeys.make_pair("x").private},
            by=None,
        )
    assert FileSource.objects.count() == 0
    assert Connection.objects.filter(platform="sftp").count() == 0

"""The SFTP client against Debian's OpenSSH: what it is told, what it refuses, what it survives."""

import getpass
import io
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectors import errors, fileserver
from connectors.base import Settings
from connectors.fileserver import Entry
from connectors.sftp import client
from connectors.sftp.connector import SftpConnector
from connectors.sftp.listing import Client
from connectors.sftp.reading import PIECE
from tests.connectors.sftp.conftest import Merchant
from tests.parts import SSHD
from tests.processes import free_port, running

# The server asks a database as test_pickup.py does, whatever database it is.
pytestmark = [pytest.mark.sftp, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def connector(merchant: Merchant, **changes: str) -> SftpConnector:
    config = {
        "url": f"sftp://127.0.0.1:{merchant.server.port}",
        "user": merchant.user,
        "folder": f"/{merchant.shop.slug}/preprod",
        "auth": "key",
        "host_key": merchant.server.host_key,
    }
    secret = changes.pop("secret", merchant.pair.private)
    return SftpConnector(
        Settings(config={**config, **changes}, secrets={"secret": secret}, pseudonym=str)
    )


def lines(tried: SftpConnector) -> dict[str, str]:
    """The code of each line of the test; blank where it is good."""
    with tried:
        probes = [tried.probe(step) for step in tried.resources]
    return {probe.resource: probe.error.code if probe.error else "" for probe in probes}


def home(merchant: Merchant) -> Path:
    return merchant.server.files / merchant.user / merchant.shop.slug / "preprod"


GOOD = dict.fromkeys(("name", "port", "host_key", "login", "folder", "listing", "reading"), "")


def _until(step: str, code: str) -> dict[str, str]:
    """Good lines, the one that fails, and those behind it."""
    names = list(GOOD)
    at = names.index(step)
    return {
        **dict.fromkeys(names[:at], ""),
        step: code,
        **dict.fromkeys(names[at + 1 :], "sftp_earlier_step"),
    }


def test_every_line_of_the_first_connection_is_good(lumen: Merchant) -> None:
    assert lines(connector(lumen)) == GOOD


def test_each_failure_stands_on_its_own_line(lumen: Merchant) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpFsOz1bGmFrr0GvTKqpnPnFqGfhHqCEzHqvmVCWzZ8"
    cases = {
        ("name", "name_not_found"): {"url": "sftp://no-such-host.invalid:22"},
        ("host_key", "sftp_host_key_unknown"): {"host_key": ""},
        ("host_key", "sftp_host_key_changed"): {"host_key": other},
        ("login", "sftp_login_refused"): {"user": "nobody"},
        ("login", "sftp_login_kind"): {"auth": "password", "secret": "correct horse"},
        ("folder", "sftp_folder_missing"): {"folder": "/nowhere"},
    }
    for (step, code), changes in cases.items():
        assert lines(connector(lumen, **changes)) == _until(step, code), changes


def test_a_port_where_nobody_listens_and_one_where_something_else_does(lumen: Merchant) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def answer() -> None:
            met, _address = listening.accept()
            with met:
                met.recv(1_000)
                met.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 200)

        thread = threading.Thread(target=answer)
        thread.start()
        tried = connector(lumen, url=f"sftp://127.0.0.1:{port}")
        assert lines(tried) == _until("port", "sftp_not_ssh")
        thread.join()
    tried = connector(lumen, url=f"sftp://127.0.0.1:{port}")
    assert lines(tried) == _until("port", "connection_refused")


@pytest.mark.parametrize(
    ("subsystem", "code"),
    [("/bin/echo Welcome to our shop", "sftp_other_words"), ("/bin/true", "sftp_no_subsystem")],
)
def test_a_log_in_behind_which_there_is_no_sftp(
    lumen: Merchant, tmp_path: Path, subsystem: str, code: str
) -> None:
    for name in ("host", "key"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(make, check=True)
    port = free_port()
    (tmp_path / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {tmp_path}/key.pub\nStrictModes no\nSubsystem sftp {subsystem}\n"
    )
    command = [str(SSHD.program), "-D", "-e", "-f", str(tmp_path / "config")]
    with running(command, output=tmp_path / "log") as process:
        process.wait_for("Server listening", seconds=60)
        host_key = " ".join((tmp_path / "host.pub").read_text().split()[:2])
        tried = connector(
            lumen,
            url=f"sftp://127.0.0.1:{port}",
            user=getpass.getuser(),
            secret=(tmp_path / "key").read_text(),
            host_key=host_key,
        )
        assert lines(tried) == _until("login", code)


def test_a_private_address_is_not_called(lumen: Merchant) -> None:
    for host in ("10.0.0.1", "169.254.169.254", "192.168.1.1"):
        tried = connector(lumen, url=f"sftp://{host}:22")
        assert lines(tried) == _until("name", "private_address")


def test_loopback_is_not_called_where_settings_do_not_open_it(lumen: Merchant, settings) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    assert lines(connector(lumen)) == _until("name", "private_address")


def test_nothing_secret_is_sent_to_a_server_with_another_host_key(lumen: Merchant) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpFsOz1bGmFrr0GvTKqpnPnFqGfhHqCEzHqvmVCWzZ8"
    log = lumen.server.folder / "log"
    before = log.read_text()
    with (
        connector(lumen, host_key=other) as tried,
        pytest.raises(fileserver.HostKeyChangedError) as changed,
    ):
        tried.prove()
    said = log.read_text().removeprefix(before)
    assert lumen.user not in said
    assert changed.value.params["known"] != changed.value.params["shown"]


def test_the_host_key_is_shown_without_any_credentials(lumen: Merchant) -> None:
    with connector(lumen, host_key="", user="", secret="") as tried:
        assert tried.host_key() == lumen.server.host_key


def test_a_folder_is_listed_whatever_its_names_hold(lumen: Merchant) -> None:
    returns = home(lumen) / "returns"
    raw = str(returns).encode()
    Path(raw.decode() + "/plain.csv").write_text("12345")
    for name in (b"caf\xe9.csv", b"new\nline.csv", b"tab\t.csv", b"\xff\xfe", b" .csv"):
        with open(raw + b"/" + name, "wb") as file:  # noqa: PTH123  # a name that is no text
            file.write(b"x")
    (returns / "folder.csv").mkdir()
    (returns / "link.csv").symlink_to("/etc/passwd")
    with connector(lumen) as tried:
        found = tried.entries(f"/{lumen.shop.slug}/preprod/returns", limit=100)
    assert len(found) == 8
    files = {entry.name for entry in found if entry.is_file}
    assert "plain.csv" in files
    assert "folder.csv" not in files
    assert "link.csv" not in files
    assert next(entry.size for entry in found if entry.name == "plain.csv") == 5


def test_a_folder_with_too_many_files_is_not_read_to_its_end(lumen: Merchant) -> None:
    returns = home(lumen) / "returns"
    for number in range(30):
        (returns / f"{number}.csv").touch()
    with connector(lumen) as tried:
        folder = f"/{lumen.shop.slug}/preprod/returns"
        assert len(tried.entries(folder, limit=30)) == 30
        with pytest.raises(fileserver.TooManyFilesError):
            tried.entries(folder, limit=29)


@pytest.fixture
def export(lumen: Merchant) -> Path:
    file = home(lumen) / "returns" / "returns.csv"
    file.write_bytes(bytes(range(256)) * 4_000)
    return file


def _entry(file: Path) -> Entry:
    stat = file.stat()
    return Entry(name=file.name, size=stat.st_size, modified=int(stat.st_mtime), is_file=True)


def _path(merchant: Merchant) -> str:
    return f"/{merchant.shop.slug}/preprod/returns/returns.csv"


FAR = 60.0


def test_a_file_is_fetched_whole_and_goes_on_from_any_byte(lumen: Merchant, export: Path) -> None:
    content = export.read_bytes()
    with connector(lumen) as tried:
        for have in (0, 1, 32_768, 32_769, len(content) - 1, len(content)):
            into = io.BytesIO(content[:have])
            tried.fetch(_path(lumen), _entry(export), into, until=time.monotonic() + FAR)
            assert into.getvalue() == content, have


def test_a_fetch_ends_with_its_slice_and_keeps_what_it_has(lumen: Merchant, export: Path) -> None:
    into = io.BytesIO()
    with connector(lumen) as tried, pytest.raises(fileserver.SliceOverError):
        tried.fetch(_path(lumen), _entry(export), into, until=time.monotonic() - 1)
    assert export.read_bytes().startswith(into.getvalue())


def test_after_its_slice_it_hangs_up_and_the_next_fetch_logs_in_anew(
    lumen: Merchant, export: Path
) -> None:
    """What was asked for ahead is not waited for: over a slow line that would take long."""
    into = io.BytesIO()
    with connector(lumen) as tried:
        with pytest.raises(fileserver.SliceOverError):
            tried.fetch(_path(lumen), _entry(export), into, until=time.monotonic() - 1)
        assert not tried.session.is_logged_in
        assert len(into.getvalue()) == PIECE
        tried.fetch(_path(lumen), _entry(export), into, until=time.monotonic() + FAR)
    assert into.getvalue() == export.read_bytes()


@pytest.mark.parametrize("change", ["grow", "shrink", "replace", "remove", "link"])
def test_a_file_that_is_no_longer_the_one_that_was_listed_is_not_taken(
    lumen: Merchant, export: Path, change: str
) -> None:
    listed = _entry(export)
    if change == "grow":
        export.write_bytes(export.read_bytes() + b"more")
    elif change == "shrink":
        export.write_bytes(b"less")
    elif change == "replace":
        export.with_name("new").write_bytes(b"other")
        export.with_name("new").replace(export)
    else:
        export.unlink()
        if change == "link":
            export.symlink_to("/etc/passwd")
    with connector(lumen) as tried, pytest.raises(fileserver.FileChangedError):
        tried.fetch(_path(lumen), listed, io.BytesIO(), until=time.monotonic() + FAR)


class _Changing(io.BytesIO):
    """Does something to the file on the server after the first piece of it was kept."""

    def __init__(self, do) -> None:
        super().__init__()
        self.do = do

    def write(self, piece) -> int:
        if not self.tell():
            self.do()
        return super().write(piece)


def test_a_file_written_into_while_it_is_read_is_not_taken(lumen: Merchant, export: Path) -> None:
    listed = _entry(export)

    def append() -> None:
        with export.open("ab") as file:
            file.write(b"more")

    with connector(lumen) as tried, pytest.raises(fileserver.FileChangedError):
        tried.fetch(_path(lumen), listed, _Changing(append), until=time.monotonic() + FAR)


def test_a_file_replaced_while_it_is_read_is_not_taken(lumen: Merchant, export: Path) -> None:
    listed = _entry(export)

    def replace() -> None:
        other = export.with_name("other")
        other.write_bytes(b"x" * (listed.size + 1))
        other.replace(export)

    with connector(lumen) as tried, pytest.raises(fileserver.FileChangedError):
        tried.fetch(_path(lumen), listed, _Changing(replace), until=time.monotonic() + FAR)


class Cutting:
    """Passes bytes on to the server and hangs up after so many of its answer."""

    def __init__(self, port: int, after: int) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(port, after))
        self._thread.start()

    def _serve(self, port: int, after: int) -> None:
        met, _address = self.listening.accept()
        with met, socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=self._pass_all, args=(met, server, 1 << 40))
            back.start()
            self._pass_all(server, met, after)
            back.join()

    def _pass_all(self, source: socket.socket, to: socket.socket, most: int) -> None:
        """Where one side has hung up the other is told, which would wait for it for minutes."""
        self._pass(source, to, most)
        for one in (source, to):
            with suppress(OSError):  # it has hung up
                one.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _pass(source: socket.socket, to: socket.socket, most: int) -> None:
        try:
            while most > 0 and (data := source.recv(min(65_536, most))):
                to.sendall(data)
                most -= len(data)
        except OSError:
            return

    def close(self) -> None:
        self.listening.close()
        self._thread.join()


@pytest.fixture
def cut(lumen: Merchant) -> Iterator[Cutting]:
    made = Cutting(lumen.server.port, after=600_000)
    yield made
    made.close()


def test_a_cut_in_the_middle_keeps_what_came_and_goes_on_there(
    lumen: Merchant, export: Path, cut: Cutting
) -> None:
    into = io.BytesIO()
    with (
        connector(lumen, url=f"sftp://127.0.0.1:{cut.port}") as tried,
        pytest.raises(errors.RetryLaterError),
    ):
        tried.fetch(_path(lumen), _entry(export), into, until=time.monotonic() + FAR)
    have = into.getvalue()
    assert 0 < len(have) < export.stat().st_size
    assert export.read_bytes().startswith(have)
    with connector(lumen) as tried:
        tried.fetch(_path(lumen), _entry(export), into, until=time.monotonic() + FAR)
    assert into.getvalue() == export.read_bytes()


class Dripping(Cutting):
    """Passes bytes on as they come, and single ones in each direction from when `is_slow` is set."""

    def __init__(self, port: int) -> None:
        self.is_slow = threading.Event()
        super().__init__(port, after=1)

    def _pass(self, source: socket.socket, to: socket.socket, _most: int) -> None:
        with suppress(OSError):
            while data := source.recv(1 if self.is_slow.is_set() else 65_536):
                to.sendall(data)
                time.sleep(0.01 if self.is_slow.is_set() else 0)


def test_a_server_that_gives_single_bytes_is_hung_up_on(
    lumen: Merchant, export: Path, monkeypatch
) -> None:
    """Each wait is short, so none of them ends it: the whole has its time."""
    dripping = Dripping(lumen.server.port)
    try:
        with connector(lumen, url=f"sftp://127.0.0.1:{dripping.port}") as tried:
            tried.prove()
            dripping.is_slow.set()
            monkeypatch.setattr(client, "ANSWER_SECONDS", 0.3)
            with pytest.raises(fileserver.ServerSilentError) as silent:
                tried.fetch(_path(lumen), _entry(export), io.BytesIO(), until=time.monotonic())
    finally:
        dripping.close()
    assert silent.value.detail == "the whole took too long"


def test_putting_aside_never_overwrites(lumen: Merchant, export: Path) -> None:
    export.chmod(0o660)
    folder = f"/{lumen.shop.slug}/preprod/returns"
    with connector(lumen) as tried:
        tried.move(f"{folder}/returns.csv", f"{folder}/archive/returns.csv")
        export.write_text("the next")
        with pytest.raises(errors.ConnectorError):
            tried.move(f"{folder}/returns.csv", f"{folder}/archive/returns.csv")
    assert export.read_text() == "the next"
    assert (export.parent / "archive" / "returns.csv").stat().st_size == 256 * 4_000


def test_a_listing_that_never_ends_is_hung_up_on(lumen: Merchant, monkeypatch) -> None:
    """A server that answers each question in time, and each with no name."""
    asked = []

    def some(self: Client, _handle: bytes) -> list[Entry]:
        asked.append(self.stat("."))
        return []

    monkeypatch.setattr(Client, "_some", some)
    monkeypatch.setattr(client, "WHOLE_SECONDS", 0.3)
    with connector(lumen) as tried, pytest.raises(fileserver.ServerSilentError) as silent:
        tried.entries(f"/{lumen.shop.slug}/preprod/returns", limit=10)
    assert silent.value.detail == "the whole took too long"
    assert asked

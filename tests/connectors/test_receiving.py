"""Files come in once, whole or not at all, and lie where no URL leads."""

import hashlib
import io
import uuid
from datetime import UTC, datetime

import pytest
from django.conf import settings as configured

from connectors.files.refusals import RefusedError
from connectors.ingesting import files_connection, receive
from connectors.models import Connection, FileAnswers, ReceivedFile

NAME = "returns_2026-06-01T02-00-00.csv"


@pytest.fixture
def connection(db: None) -> Connection:
    return files_connection(uuid.uuid4())


def send(connection: Connection, content: bytes = b"a,b\n1,2\n", **options) -> ReceivedFile:
    given = {"name": NAME, "origin": "upload", **options}
    return receive(connection, stream=io.BytesIO(content), **given)


def kept() -> int:
    folder = configured.VAR / "files" / "received"
    return sum(path.is_file() for path in folder.rglob("*"))


def test_a_file_is_kept_as_it_came_and_measured(connection) -> None:
    content = bytes(range(256)) * 4096
    file = ReceivedFile.objects.get(pk=send(connection, content, by="marie@maison.example").pk)
    assert (file.state, file.dataset, file.origin) == ("received", "returns", "upload")
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert file.said_at == datetime(2026, 6, 1, 2, tzinfo=UTC)
    assert file.by == "marie@maison.example"
    with file.content.open("rb") as stream:
        assert stream.read() == content


def test_its_content_lies_in_the_private_folder_for_its_owner_alone(connection, client) -> None:
    file = send(connection)
    path = configured.VAR / "files" / file.content.name
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    for below in ("", "media/", "files/", "static/"):
        assert client.get(f"/{below}{file.content.name}").status_code == 404


def test_the_same_file_twice_is_one(connection) -> None:
    first, before = send(connection), kept()
    assert send(connection).pk == first.pk
    assert (ReceivedFile.objects.count(), kept()) == (1, before)


@pytest.mark.parametrize("differs", [{"content": b"other"}, {"name": "orders.csv"}])
def test_another_content_or_name_is_another_file(connection, differs) -> None:
    assert send(connection).pk != send(connection, **differs).pk


def test_a_file_that_was_refused_may_come_again(connection) -> None:
    first = send(connection)
    ReceivedFile.objects.filter(pk=first.pk).update(state=ReceivedFile.State.REFUSED)
    assert send(connection).pk != first.pk


def test_a_dry_run_is_no_receipt(connection) -> None:
    first = send(connection, dry_run=True)
    second = send(connection)
    assert (first.pk != second.pk, second.dry_run) == (True, False)


def test_connections_do_not_meet(connection) -> None:
    other = files_connection(connection.tenant)
    assert send(connection).pk != send(other).pk


def test_a_file_that_is_too_large_leaves_nothing(connection, settings) -> None:
    settings.FILE_MAX_BYTES = 1_000_000
    before = kept()
    with pytest.raises(RefusedError) as refused:
        send(connection, b"x" * 1_000_001)
    assert (refused.value.code, refused.value.params) == ("too_large", {"limit": 1_000_000})
    assert (ReceivedFile.objects.count(), kept()) == (0, before)
    assert send(connection, b"x" * 1_000_000).size == 1_000_000


class _Cut(io.BytesIO):
    """A stream that breaks after its first part."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError
        return super().read(size)


def test_a_stream_that_breaks_leaves_nothing(connection) -> None:
    before = kept()
    with pytest.raises(ConnectionResetError):
        receive(connection, name=NAME, stream=_Cut(b"x" * 600_000), origin="sftp")
    assert (ReceivedFile.objects.count(), kept()) == (0, before)


@pytest.mark.parametrize(
    ("name", "shown", "dataset"),
    [
        ("../../etc/passwd", "passwd", ""),
        ("C:\\exports\\Returns_2026-06-01T02-00-00.CSV", "Returns_2026-06-01T02-00-00.CSV", "returns"),
        ("a\0b\n\u202e.csv", "ab.csv", ""),
        ("", "file", ""),
        ("x" * 300 + ".csv", ("x" * 251) + ".csv", ""),
        ("return_reasons_2026-06-01T02-00-00.csv.gz",) * 2 + ("return_reasons",),
        ("products_2026-13-01T02-00-00.csv", "products_2026-13-01T02-00-00.csv", "products"),
        ("orders.csv", "orders.csv", "orders"),
        ("orders-old.csv", "orders-old.csv", ""),
    ],
)  # fmt: skip
def test_a_name_is_shown_and_never_a_path(connection, name, shown, dataset) -> None:
    file = send(connection, name=name)
    assert (file.name, file.dataset) == (shown, dataset)
    assert file.content.name == f"received/{connection.pk}/{file.pk}"


def test_what_was_answered_before_comes_with_the_file(connection) -> None:
    FileAnswers.objects.create(
        connection=connection, dataset="returns", mapping={"menge": "quantity"}, date_order="dmy"
    )
    assert send(connection).answers == {
        "mapping": {"menge": "quantity"},
        "date_order": "dmy",
        "date_system": "",
    }
    assert send(connection, name="orders.csv").answers == {}

"""Every file of the corpus gets its verdict, through the whole of the taking, and leaves what it must."""

import io
import tracemalloc
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings as configured
from django.utils import translation

from connectors.files.containers import unpacked
from connectors.files.refusals import RefusedError, sentence
from connectors.ingesting import files_connection, receive, take
from connectors.models import TABLES, Connection, ReceivedFile
from tests.connectors.files.corpus import CASES, Case, crowded

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.fixture
def connection(db: None) -> Connection:
    return files_connection(uuid.uuid4())


@pytest.fixture(autouse=True)
def in_june() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


def test_what_a_zip_lists_is_not_read_where_it_is_endless() -> None:
    whole = crowded(100_000)
    tracemalloc.start()
    try:
        with (
            pytest.raises(RefusedError),
            unpacked(io.BytesIO(whole), size=len(whole), limit=1 << 30),
        ):
            pass
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 << 20


@pytest.mark.parametrize(
    ("language", "rows", "size"), [("en", "5,000,000", "1,024 MB"), ("fr", "5 000 000", "1 024 Mo")]
)
def test_the_numbers_of_a_refusal_are_written_as_the_reader_writes_them(
    language: str, rows: str, size: str
) -> None:
    with translation.override(language):
        assert f" {rows} " in plain(sentence("too_many_rows", {"limit": 5_000_000}))
        assert f" {size}." in plain(sentence("too_large", {"limit": 1 << 30}))
        assert f" {size}." in plain(sentence("too_large", {"limit": size}))  # as it was kept before


def plain(text: str) -> str:
    """With spaces of one kind."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_there_are_more_than_sixty() -> None:
    assert len(CASES) > 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_file_gets_its_verdict(connection: Connection, case: Case) -> None:
    stream = io.BytesIO(case.content)
    file = receive(connection, name="returns.csv", stream=stream, origin="upload")
    outcome = take(file)
    file.refresh_from_db()
    problems = [problem.code for problem in outcome.problems]
    said = {
        "taken": problems,
        "refused": [file.error, *problems],
        "needs_answer": [question["kind"] for question in outcome.questions],
    }
    assert outcome.status in said, file.detail
    assert (outcome.status, said[outcome.status]) == (case.status, list(case.said))
    assert outcome.accepted == case.accepted
    assert outcome.message or outcome.status != "refused"
    assert bool(outcome.report) == bool(problems)
    stored = TABLES["returns"].objects.filter(connection=connection).order_by("file_row")
    repeated = problems.count("repeated")
    assert stored.count() == (case.accepted - repeated if case.status == "taken" else 0)
    if case.comment is not None:
        assert stored[0].comment == case.comment
    aside = configured.VAR / "files" / "checked" / str(connection.pk)
    assert not aside.exists() or not list(aside.iterdir())
    assert file.state == ReceivedFile.State(case.status)

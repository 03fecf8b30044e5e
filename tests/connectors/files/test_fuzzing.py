"""Whatever the bytes: a verdict, never a crash, and either all good rows are stored or none."""

import gzip
import io
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.datasets import DATASETS, Dataset, Type
from connectors.ingesting import files_connection, receive, take
from connectors.models import TABLES, ReceivedFile
from tests.connectors.files.corpus import CASES, zipped

FUZZED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
SMALL = [case.content for case in CASES if 0 < len(case.content) < 2_000]

# Cells that once broke something, somewhere.
ODD = st.sampled_from(
    ["", " ", "\\N", "\\", "\\.", '"', "''", "=1", '="1"', "#REF!", "1e5", "1,5", "1.234,5", "-0", "٣", "NULL",
     "nan", "inf", "2026-02-30", "03/04/2026", "44710", "9" * 400, "[]", '["a"]', '{"a": 1}', '{"a": NaN}', '["\\ud800"]',
     '["\\u0000"]', "[" * 3_000, "a:1;b:2", "\0", "\ufeff", "\x1f", "a\tb", "a\nb", "a\r\nb", "é", "😀", "x" * 300,
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "true", "oui", "EUR", "ﬁ", "ı"]
)  # fmt: skip
CELLS = st.one_of(ODD, st.text(max_size=12))


def _fits(dataset: Dataset) -> dict[str, str]:
    """A cell for each column that can be taken."""
    usual = {
        Type.DECIMAL: "1",
        Type.INTEGER: "1990",
        Type.BOOLEAN: "true",
        Type.LIST: '["a"]',
        Type.OBJECT: '{"a": "1"}',
    }
    return {
        column.name: (column.choices or (usual.get(column.type, column.example or "x"),))[0]
        for column in dataset.columns
    }


def _verdict(content: bytes, dataset: Dataset) -> ReceivedFile:
    connection = files_connection(uuid.uuid4())
    with time_machine.travel(NOW):
        stream = io.BytesIO(content)
        file = receive(connection, name=f"{dataset.name}.csv", stream=stream, origin="upload")
        outcome = take(file)
    file.refresh_from_db()
    assert file.state in {"taken", "refused", "needs_answer"}, file.detail
    stored = TABLES[dataset.name].objects.filter(connection=connection)
    rows = set(stored.values_list("file_row", flat=True))
    if outcome.status == "taken":
        assert len(rows) == stored.count() == file.created
        repeated = sum(group.rows for group in outcome.groups if group.code == "repeated")
        assert file.accepted - repeated == file.created
        assert file.accepted + file.rejected == file.rows
        bad = {problem.row for problem in outcome.problems if problem.is_error}
        assert not rows & bad
    else:
        assert not rows
    connection.delete()
    return file


@pytest.mark.django_db
@given(content=st.binary(max_size=2_000))
@FUZZED
def test_any_bytes(content: bytes) -> None:
    _verdict(content, DATASETS["returns"])


@st.composite
def _broken(draw: Callable[..., bytes]) -> bytes:
    """A file of the corpus with some bytes cut out, put in or changed; perhaps packed, and cut."""
    content: bytes = draw(st.sampled_from(SMALL))  # type: ignore[arg-type]
    for _change in range(draw(st.integers(1, 4))):  # type: ignore[arg-type]
        at: int = draw(st.integers(0, len(content)))  # type: ignore[arg-type]
        put: bytes = draw(st.binary(max_size=4))  # type: ignore[arg-type]
        content = content[:at] + put + content[at + draw(st.integers(0, 4)) :]  # type: ignore[arg-type,operator]
    pack = draw(st.sampled_from([bytes, gzip.compress, lambda one: zipped(("a.csv", one))]))  # type: ignore[arg-type]
    whole: bytes = pack(content)  # type: ignore[operator]
    return whole[: draw(st.integers(len(whole) // 2, len(whole)))]  # type: ignore[misc]


@pytest.mark.django_db
@given(content=_broken())
@FUZZED
def test_broken_files(content: bytes) -> None:
    _verdict(content, DATASETS["returns"])


@pytest.mark.django_db
@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
@given(data=st.data())
@settings(FUZZED, max_examples=25)
def test_any_cells(dataset: Dataset, data: st.DataObject) -> None:
    """Rows that would be taken, but for a cell or two."""
    fits = _fits(dataset)
    rows = []
    for number in range(data.draw(st.integers(1, 6))):
        row = dict(
            fits, **{name: f"{fits[name]}{number}" for name in dataset.key if name != "language"}
        )
        for name in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=2)):
            row[name] = data.draw(CELLS)
        rows.append(row)
    delimiter = data.draw(st.sampled_from(",;\t|"))
    lines = [list(fits), *(list(row.values()) for row in rows)]
    quoted = (
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines
    )
    content = "\r\n".join(quoted).encode("utf-8", "surrogatepass")
    _verdict(content, dataset)

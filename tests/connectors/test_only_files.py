"""A shop that sends files alone is exported and measured like any other."""

import csv
import io
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from connectors import exporting, readiness, samples
from connectors.datasets import DATASETS
from connectors.ingesting import files_connection, receive, take
from connectors.models import TABLES, Connection

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.fixture
def connection(db: None) -> Connection:
    return files_connection(uuid.uuid4())


@pytest.fixture
def sent(connection: Connection) -> Connection:
    """The filled sample of every dataset, as the portal offers it."""
    with time_machine.travel(NOW):
        for name, dataset in DATASETS.items():
            stream = io.BytesIO(samples.sample(dataset).encode())
            outcome = take(receive(connection, name=f"{name}.csv", stream=stream, origin="upload"))
            assert (outcome.status, outcome.rejected) == ("taken", 0), (name, outcome.groups)
            assert outcome.accepted == samples.ROWS
    return connection


def test_the_samples_can_be_sent_as_they_are(sent: Connection) -> None:
    assert {name: table.objects.count() for name, table in TABLES.items()} == dict.fromkeys(
        DATASETS, samples.ROWS
    )


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_a_template_has_a_header_alone(connection: Connection, dataset) -> None:
    stream = io.BytesIO(samples.template(dataset).encode())
    outcome = take(receive(connection, name=f"{dataset.name}.csv", stream=stream, origin="upload"))
    assert (outcome.status, outcome.message) == ("refused", "The file has a header and no rows.")


def test_what_came_in_files_is_exported(sent: Connection, tmp_path: Path) -> None:
    manifest = exporting.export(sent, out=tmp_path)
    assert {file.dataset: file.rows for file in manifest.files}["returns"] == samples.ROWS
    with (tmp_path / "returns.csv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))
    assert (first["return_id"], first["source"]) == ("rma-17", "rma")


def test_what_came_in_files_is_measured(sent: Connection) -> None:
    found = readiness.measure(sent, "").to_json()
    rows = {line["dataset"]: line["rows"] for line in found["freshness"]}
    assert rows["orders"] == samples.ROWS
    assert all(line["looked_at"] for line in found["freshness"] if line["rows"])


def test_an_export_can_be_sent_back_and_changes_nothing(sent: Connection, tmp_path: Path) -> None:
    exporting.export(sent, out=tmp_path, datasets=["returns", "orders", "stock"])
    before = {name: list(TABLES[name].objects.values()) for name in ("returns", "stock")}
    for name in ("returns", "stock"):
        with (tmp_path / f"{name}.csv").open("rb") as stream, time_machine.travel(NOW):
            outcome = take(receive(sent, name=f"{name}.csv", stream=stream, origin="upload"))
        assert (outcome.status, outcome.rejected) == ("taken", 0), outcome.groups
    assert before == {name: list(TABLES[name].objects.values()) for name in ("returns", "stock")}

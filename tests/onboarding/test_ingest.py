"""manage.py ingest: files of a folder, files that wait, and what is said of each."""

import csv
import gzip
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection as database

from connectors.datasets import DATASETS
from connectors.ingesting import files_connection, receive
from connectors.models import TABLES, Connection, ReceivedFile
from onboarding import services
from onboarding.models import Event, Shop
from tests.commands import run
from tests.processes import ROOT

RETURNS = "return_id,line_id,return_date,order_id,quantity\nR1,1,2026-05-30,7,1\n"
ORDERS = "order_id,line_id,order_date,product_id,variant_id,quantity\n7,70,2026-05-01,P,V,1\n"


@pytest.fixture
def shop(db: None) -> Shop:
    merchant = services.create_merchant("Maison Démo", by=None)
    return services.create_shop(merchant, "Paris", by=None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As in Kleep's SFTP space."""
    for dataset, content in (("returns", RETURNS), ("orders", ORDERS)):
        (tmp_path / dataset).mkdir()
        (tmp_path / dataset / f"{dataset}_2026-06-01T02-00-00.csv").write_text(content)
    (tmp_path / "returns" / "late.csv.gz").write_bytes(
        gzip.compress(RETURNS.replace("R1", "R2").replace(",1\n", ",x\n").encode())
    )
    (tmp_path / "returns" / ".partial.csv").write_text("half")
    return tmp_path


def test_a_folder_is_taken_and_each_file_accounted_for(shop, folder) -> None:
    result = run("ingest", shop.slug, "--path", str(folder), "--json")
    document = result.document
    assert (result.code, document["shop"], document["ok"]) == (1, shop.slug, False)
    found = {file["name"]: file for file in document["files"]}
    assert sorted(found)[1:] == [
        f"{name}_2026-06-01T02-00-00.csv" for name in ("orders", "returns")
    ]
    good = found["returns_2026-06-01T02-00-00.csv"]
    keys = ("dataset", "status", "rows", "accepted", "rejected", "report")
    assert [good[key] for key in keys] == ["returns", "taken", 1, 1, 0, None]
    wrong = found["late.csv.gz"]
    assert [wrong[key] for key in keys[:5]] == ["returns", "refused", 1, 0, 1]
    with Path(wrong["report"]).open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["error_code"], row["return_id"], row["quantity"]) == ("not_a_number", "R2", "x")
    assert list(TABLES["returns"].objects.values_list("return_id", flat=True)) == ["R1"]
    assert TABLES["orders"].objects.count() == 1
    assert Event.objects.filter(kind="files_ingested").count() == 1


def test_taken_twice_is_taken_once(shop, folder) -> None:
    (folder / "returns" / "late.csv.gz").unlink()
    first = run("ingest", shop.slug, "--path", str(folder), "--json")
    again = run("ingest", shop.slug, "--path", str(folder), "--json")
    assert (first.code, again.code) == (0, 0)
    assert first.document == again.document
    assert ReceivedFile.objects.count() == 2


def test_a_dry_run_stores_nothing(shop, folder) -> None:
    result = run("ingest", shop.slug, "--path", str(folder), "--dry-run", "--json")
    assert [file["status"] for file in result.document["files"]] == [
        "checked",
        "checked",
        "refused",
    ]
    assert not any(TABLES[name].objects.exists() for name in DATASETS)


def test_what_waits_is_taken_where_no_path_is_given(shop) -> None:
    shop.connection = files_connection(shop.merchant_id)
    shop.save()
    stream = io.BytesIO(RETURNS.encode())
    receive(shop.connection, name="returns.csv", stream=stream, origin="sftp", shop=shop.slug)
    dry = run("ingest", shop.slug, "--dry-run", "--json").document
    assert [file["status"] for file in dry["files"]] == ["checked"]
    assert not TABLES["returns"].objects.exists()
    assert [f["status"] for f in run("ingest", shop.slug, "--json").document["files"]] == ["taken"]
    assert run("ingest", shop.slug, "--json").document == {
        "shop": shop.slug,
        "ok": True,
        "files": [],
    }


def test_a_person_is_told_what_to_do(shop, tmp_path) -> None:
    file = tmp_path / "returns.csv"
    file.write_text(RETURNS.replace("2026-05-30", "03/04/2026"))
    result = run("ingest", shop.slug, "--path", str(file))
    assert result.code == 1
    assert "returns.csv  returns  needs_answer     1         0         0" in result.out
    assert result.out.endswith(
        "returns.csv: Is the day of 03/04/2026 before its month? Say --date-order dmy or mdy.\n"
    )
    assert run("ingest", shop.slug, "--path", str(file), "--date-order", "dmy").code == 0
    (date,) = TABLES["returns"].objects.values_list("return_date", flat=True)
    assert date.date().isoformat() == "2026-04-03"


def test_files_join_the_data_of_the_shops_api(shop, folder) -> None:
    shop.connection = Connection.objects.create(tenant=shop.merchant_id, platform="magento")
    shop.save()
    run("ingest", shop.slug, "--path", str(folder))
    assert Connection.objects.count() == 1
    assert TABLES["orders"].objects.get().connection == shop.connection


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ingest", "nowhere"], "There is no shop 'nowhere'. Choose: {slug}.\n"),
        (["ingest", "{slug}", "--path", "/nowhere"], "There is no file or folder '/nowhere'.\n"),
    ],
)
def test_a_mistake_is_one_sentence(shop, words, said) -> None:
    result = run(*(word.format(slug=shop.slug) for word in words))
    assert (result.code, result.out, result.err) == (1, "", said.format(slug=shop.slug))
    assert ReceivedFile.objects.count() == 0


def _address() -> str:
    """Of the database of the tests, for a process of its own."""
    name = str(database.settings_dict["NAME"])
    if database.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_leaves_no_half(tmp_path) -> None:
    """The real command, killed while it stores; the next one goes on, and nothing is missing or twice."""
    merchant = services.create_merchant("Maison Démo", by=None)
    shop = services.create_shop(merchant, "Paris", by=None)
    file, rows = tmp_path / "returns.csv", 150_000
    header, _row = RETURNS.splitlines()
    with file.open("w") as stream:
        stream.write(f"{header},comment\n")
        stream.writelines(f"R{n},1,2026-05-30,7,1,{'x' * 60}\n" for n in range(rows))
    env = {
        **os.environ,
        "DATABASE_URL": _address(),
        "PULL_LEASE_SECONDS": "2",
        "PULL_SLICE_SECONDS": "1",
    }
    command = [sys.executable, "manage.py", "ingest", shop.slug, "--path", str(file), "--json"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    while not (seen := ReceivedFile.objects.filter(position__gt=0).first()):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert seen.state == "storing"
    seen.refresh_from_db()
    assert TABLES["returns"].objects.count() == seen.created
    assert 0 < seen.created < rows
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    seen.refresh_from_db()
    assert (seen.state, seen.created, seen.updated) == ("taken", rows, 0)
    assert TABLES["returns"].objects.count() == rows

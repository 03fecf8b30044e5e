"""The commands, the product's public contract, on a simulated shop with the real connector and engine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from connectors.models import Connection, PullRun
from onboarding.models import Event, Shop
from tests import migrated
from tests.commands import connect, run, stored
from tests.processes import ROOT

pytestmark = pytest.mark.django_db

CREDENTIALS = {
    "consumerKey": "k" * 32,
    "consumerSecret": "s" * 32,
    "accessToken": "t" * 32,
    "accessTokenSecret": "u" * 32,
}
NOWHERE = {
    "merchant": "Maison Démo",
    "shop": "Paris",
    "platform": "magento",
    "config": {"url": "http://127.0.0.1:9", **CREDENTIALS},
}


# --- bad input ---


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"x" * 1_000_000,
        b"[]",
        b"{}",
        json.dumps({**NOWHERE, "platform": "prestashop"}).encode(),
        json.dumps({**NOWHERE, "config": {}}).encode(),
        json.dumps({**NOWHERE, "config": {**NOWHERE["config"], "token": "x" * 32}}).encode(),
        json.dumps({**NOWHERE, "config": {**NOWHERE["config"], "url": 7}}).encode(),
        json.dumps(
            {**NOWHERE, "config": {**NOWHERE["config"], "consumerSecret": "k" * 32}}
        ).encode(),
    ],
    ids=[
        *("empty", "not-json", "not-utf8", "a-megabyte", "list", "nothing", "unknown-platform"),
        *("no-config", "unknown-key", "wrong-type", "same-value-twice"),
    ],
)
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_what_cannot_be_used_is_refused_and_nothing_is_stored(
    raw: bytes, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored()
    result = connect(None, tmp_path, monkeypatch if way == "stdin" else None, raw=raw)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("Nothing was stored.\n")
    assert len(result.err) < 3_000
    for secret in CREDENTIALS.values():
        assert secret not in result.err
    assert stored() == before == (0, 0, 0, 0)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    result = run("connect", str(tmp_path / "none.json"))
    assert (result.code, result.out) == (1, "")
    assert result.err == f"Cannot read {tmp_path / 'none.json'}: No such file or directory.\n"


@pytest.mark.parametrize("command", ["check_connection", "pull", "export"])
def test_an_unknown_shop_is_answered_with_those_there_are(command: str, tmp_path: Path) -> None:
    more = ["--out", str(tmp_path / "out")] if command == "export" else []
    none = run(command, "maison-demo-pari", *more)
    assert (none.code, none.out) == (1, "")
    assert none.err == "There is no shop 'maison-demo-pari', nor any other yet.\n"
    connect(NOWHERE, tmp_path)
    some = run(command, "maison-demo-pari", *more)
    assert (some.code, some.out) == (1, "")
    assert some.err == "There is no shop 'maison-demo-pari'. Choose: maison-demo-paris.\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["check_connection", "pull", "export"])
def test_a_shop_without_a_connection_is_told_so(command: str, tmp_path: Path) -> None:
    connect(NOWHERE, tmp_path)
    Shop.objects.update(connection=None)
    more = ["--out", str(tmp_path / "out")] if command == "export" else []
    result = run(command, "maison-demo-paris", *more)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("maison-demo-paris is not connected yet")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["orderz"], "There is no resource to pull 'orderz'. Choose: orders, creditmemos, "),
        (
            ["--full", "orderz"],
            "There is no resource to pull 'orderz'. Choose: orders, creditmemos, ",
        ),
        (["modules"], "There is no resource to pull 'modules'. Choose: "),
        (["--since", "yesterday"], "--since takes a date like 2026-01-31"),
        (["--since", "2026-02-30"], "--since takes a date like 2026-01-31"),
        (["--since", "2999-01-01"], "--since takes a date like 2026-01-31"),
        (["--since", "2026-01-01", "--full"], "--since and --full exclude each other."),
    ],
)
def test_a_pull_that_makes_no_sense_is_refused_before_it_begins(
    words: list[str], said: str, tmp_path: Path
) -> None:
    connect(NOWHERE, tmp_path)
    result = run("pull", "maison-demo-paris", *words, "--json")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(said)
    assert not PullRun.objects.exists()
    assert not Event.objects.filter(kind="pull_started").exists()


def test_an_export_of_something_unknown_names_the_choices(tmp_path: Path) -> None:
    connect(NOWHERE, tmp_path)
    out = tmp_path / "out"
    wrong = run("export", "maison-demo-paris", "--out", str(out), "--dataset", "prices")
    assert (wrong.code, wrong.out) == (1, "")
    assert wrong.err.startswith("There is no dataset 'prices'. Choose: ")
    assert all(name in wrong.err for name in DATASETS)
    wrong = run("export", "maison-demo-paris", "--out", str(out), "--format", "xlsx")
    assert (wrong.code, wrong.err) == (
        1,
        "There is no format 'xlsx'. Choose: csv, jsonl, parquet.\n",
    )
    assert not out.exists()


def test_an_export_to_where_nothing_can_be_written_says_so(tmp_path: Path) -> None:
    connect(NOWHERE, tmp_path)
    (tmp_path / "out").write_text("a file")
    result = run("export", "maison-demo-paris", "--out", str(tmp_path / "out"))
    assert (result.code, result.out) == (1, "")
    assert result.err == f"Cannot write to {tmp_path / 'out'}: File exists.\n"
    assert (tmp_path / "out").read_text() == "a file"


# --- a shop that does not answer ---


def test_a_first_connection_is_stored_without_asking_the_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = connect(NOWHERE, tmp_path, monkeypatch)
    assert (result.code, result.out, result.err) == (0, "maison-demo-paris\n", "")
    assert stored() == (1, 1, 1, 3)
    assert Connection.objects.get().health == "unknown"
    check = run("check_connection", "maison-demo-paris", "--json")
    assert check.code == 1
    assert check.document["ok"] is False
    assert {line["status"] for line in check.document["lines"]} == {"unreachable"}


def test_an_update_that_cannot_be_tried_leaves_the_old_credentials(tmp_path: Path) -> None:
    connect(NOWHERE, tmp_path)
    before = Connection.objects.values().get()
    config = {**NOWHERE["config"], "accessToken": "v" * 32}
    result = connect({**NOWHERE, "config": config}, tmp_path)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("Nothing was changed: 127.0.0.1 refuses connections on port 9.")
    assert "v" * 32 not in result.err
    assert Connection.objects.values().get() == before
    assert stored() == (1, 1, 1, 3)


def test_the_same_document_again_changes_nothing_and_asks_nobody(tmp_path: Path) -> None:
    connect(NOWHERE, tmp_path)
    before = Connection.objects.values().get()
    assert connect(NOWHERE, tmp_path).out == "maison-demo-paris\n"
    assert Connection.objects.values().get() == before
    assert stored() == (1, 1, 1, 3)


@pytest.mark.once
def test_a_shell_sees_the_exit_code_and_a_clean_stdout(tmp_path: Path) -> None:
    """In a process of its own, as a program would drive it, and on SQLite in any case."""
    migrated.copy(tmp_path / "portal.sqlite3")
    env = {
        **os.environ,
        "PORTAL_VAR": str(tmp_path / "var"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite3'}",
    }

    def shell(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=ROOT, env=env, input=given, capture_output=True, check=False, timeout=120
        )

    assert shell("migrate", "--verbosity", "0").returncode == 0
    good = shell("connect", "-", given=json.dumps(NOWHERE).encode())
    assert (good.returncode, good.stdout, good.stderr) == (0, b"maison-demo-paris\n", b"")
    bad = shell("connect", "-", given=b"{")
    assert (bad.returncode, bad.stdout) == (1, b"")
    assert bad.stderr.startswith(b"CommandError: Nothing was stored.\nThe document is not JSON")
    check = shell("check_connection", "maison-demo-paris", "--json")
    assert check.returncode == 1
    assert json.loads(check.stdout)["ok"] is False
    wrong = shell("pull", "elsewhere")
    assert (wrong.returncode, wrong.stdout) == (1, b"")

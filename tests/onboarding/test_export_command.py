"""`manage.py export`: Kleep's folders and increments, as the shell sees them."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from connectors.models import TABLES
from onboarding.models import Shop
from tests.commands import run
from tests.onboarding.conftest import World


def _store(world: World, id: str) -> None:
    TABLES["products"].objects.create(
        connection=world.connection, seen_at=timezone.now(), variant_id=id, product_id=id
    )


def _rows(printed: dict[str, list[dict[str, object]]]) -> dict[object, object]:
    return {file["dataset"]: file["rows"] for file in printed["files"]}


def test_the_folders_of_a_shop_in_production(world: World, tmp_path: Path) -> None:
    _store(world, "1")
    Shop.objects.update(environment=Shop.Environment.PRODUCTION)
    done = run("export", world.shop.slug, "--out", str(tmp_path), "--layout", "sftp", "--json")
    assert done.code == 0
    names = {file["dataset"]: file["name"] for file in done.document["files"]}
    stamp = names["products"].removeprefix("maison-paris/prod/products/products_")
    assert names["returns"] == f"maison-paris/prod/returns/returns_{stamp}"
    assert names["stock"] == f"maison-paris/prod/misc/stock_{stamp}"
    assert all((tmp_path / name).is_file() for name in names.values())


def test_an_increment_follows_the_manifest_that_lies_there(world: World, tmp_path: Path) -> None:
    _store(world, "1")
    words = ("export", world.shop.slug, "--out", str(tmp_path), "--incremental", "--json")
    first = run(*words).document
    TABLES["products"].objects.update(seen_at="2020-01-01T00:00:00Z")
    _store(world, "2")
    second = run(*words).document
    assert (_rows(first)["products"], _rows(second)["products"]) == (1, 1)
    assert {file["since"] for file in first["files"]} == {None}
    assert None not in {file["since"] for file in second["files"]}
    whole = run(*words[:4], "--json").document
    assert _rows(whole)["products"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*(file["name"] for file in whole["files"]), "manifest.json"]
    )


def test_an_increment_follows_the_manifest_that_is_given(world: World, tmp_path: Path) -> None:
    _store(world, "1")
    run("export", world.shop.slug, "--out", str(tmp_path / "a"))
    TABLES["products"].objects.update(seen_at="2020-01-01T00:00:00Z")
    given = str(tmp_path / "a" / "manifest.json")
    words = ("export", world.shop.slug, "--out", str(tmp_path / "b"), "--since-manifest", given)
    assert _rows(run(*words, "--json").document)["products"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--layout", "ftp"], "There is no layout 'ftp'. Choose: sftp, single.\n"),
        (["--since-manifest", "none.json"], "Cannot read none.json: No such file or directory.\n"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    world: World, tmp_path: Path, words: list[str], said: str
) -> None:
    result = run("export", world.shop.slug, "--out", str(tmp_path / "out"), *words)
    assert (result.code, result.err) == (1, said)
    assert not (tmp_path / "out").exists()


def test_another_shops_manifest_is_refused(world: World, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    other = {"shop": "lyon", "scope": "", "exported_at": "2026-03-02T02:00:00Z", "files": []}
    file.write_text(json.dumps(other))
    result = run("export", world.shop.slug, "--out", str(tmp_path), "--incremental")
    assert result.code == 1
    assert result.err == f"{file} is of lyon, not of maison-paris.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_a_blank_folder_and_a_manifest_of_the_future_are_refused(
    world: World, tmp_path: Path
) -> None:
    blank = run("export", world.shop.slug, "--out", "")
    assert (blank.code, "--out" in blank.err) == (1, True)
    out = str(tmp_path)
    run("export", world.shop.slug, "--out", out)
    manifest = tmp_path / "manifest.json"
    document = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**document, "exported_at": "2999-01-01T00:00:00+00:00"}))
    ahead = run("export", world.shop.slug, "--out", out, "--incremental")
    assert (ahead.code, "in the future" in ahead.err) == (1, True)

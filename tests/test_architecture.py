"""The layout holds: imports run one way, platforms stay apart, files and functions stay small."""

import ast
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import models

from connectors import registry
from connectors.datasets import DATASETS, Type
from connectors.models import TABLES, DatasetRow

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("kleep_portal", "connectors", "onboarding")  # each may import those before it
MAX_FILE, MAX_FUNCTION = 250, 40

# A longer file or function, and why.
LONG_FILES = {
    "connectors/datasets.py": "the one declaration of every dataset reads as one table",
    "kleep_portal/settings.py": "every setting stands in one file",
}
LONG_FUNCTIONS: dict[str, str] = {}

PLATFORM_MAY_IMPORT = (
    "connectors.attributes",
    "connectors.base",
    "connectors.datasets",
    "connectors.errors",
    "connectors.fileserver",
    "connectors.http",
    "connectors.languages",
    "connectors.sshkeys",
    "connectors.typed",
    "kleep_portal.redaction",
    "django.forms",
    "django.utils.functional",
    "django.utils.translation",
)
COLUMN_FIELDS: dict[Type, tuple[type[models.Field], ...]] = {
    Type.TEXT: (models.CharField, models.TextField),
    Type.INTEGER: (models.BigIntegerField,),
    Type.DECIMAL: (models.DecimalField,),
    Type.BOOLEAN: (models.BooleanField,),
    Type.DATE_TIME: (models.DateTimeField,),
    Type.LIST: (models.JSONField,),
    Type.OBJECT: (models.JSONField,),
}


def _sources() -> list[Path]:
    """Our Python files, without generated ones and without the tests."""
    found = [ROOT / "manage.py"]
    for layer in LAYERS:
        found += [path for path in (ROOT / layer).rglob("*.py") if "migrations" not in path.parts]
    return sorted(found)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=_name(path))


def _package(path: Path, level: int) -> str:
    parts = path.relative_to(ROOT).parts[:-1]
    return ".".join(parts[: len(parts) - level + 1])


def imported(path: Path) -> Iterator[str]:
    """Dotted names of everything a file imports, also inside functions and through import_module.

    `from a import b` gives a.b: whether b is a module or a name, its home begins with a.
    """
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = node.module or ""
            if node.level:
                home = ".".join(filter(None, [_package(path, node.level), home]))
            yield from (f"{home}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield ast.unparse(node.args[0]).strip("f'\"")


def _below(name: str, homes: tuple[str, ...]) -> bool:
    return any(name == home or name.startswith(f"{home}.") for home in homes)


def _platform_folders() -> list[Path]:
    return [path.parent for path in sorted((ROOT / "connectors").glob("*/connector.py"))]


SOURCES = _sources()


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_nothing_of_the_layers_above_it(layer: str) -> None:
    above = LAYERS[LAYERS.index(layer) + 1 :]
    wrong = [
        f"{_name(path)} imports {name}"
        for path in SOURCES
        if _name(path).startswith(f"{layer}/")
        for name in imported(path)
        if _below(name, above)
    ]
    assert wrong == []


def test_the_import_reader_sees_every_spelling(tmp_path: Path, monkeypatch) -> None:
    package = tmp_path / "connectors" / "shopware"
    package.mkdir(parents=True)
    source = package / "client.py"
    source.write_text(
        "import connectors.models as m\n"
        "from connectors import storing\n"
        "from ..magento import client\n"
        "from . import resources\n"
        "def late():\n    import onboarding.models\n    importlib.import_module('onboarding.x')\n"
    )
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    assert list(imported(source)) == [
        "connectors.models",
        "connectors.storing",
        "connectors.magento.client",
        "connectors.shopware.resources",
        "onboarding.models",
        "onboarding.x",
    ]


def test_there_is_a_platform_to_look_at() -> None:
    assert [folder.name for folder in _platform_folders()] == list(registry.platforms())
    assert "magento" in registry.platforms()


@pytest.mark.parametrize("folder", _platform_folders(), ids=lambda folder: folder.name)
def test_a_platform_imports_only_the_contract(folder: Path) -> None:
    own = f"connectors.{folder.name}"
    wrong = [
        f"{_name(path)} imports {name}"
        for path in sorted(folder.rglob("*.py"))
        for name in imported(path)
        if _below(name, (*LAYERS, "django")) and not _below(name, (own, *PLATFORM_MAY_IMPORT))
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", _platform_folders(), ids=lambda folder: folder.name)
def test_a_platform_has_the_usual_file_names(folder: Path) -> None:
    missing = {"connector.py", "resources.py", "client.py", "forms.py"} - {
        path.name for path in folder.iterdir()
    }
    assert missing == set()


def test_only_the_engine_is_told_a_platform_by_the_registry() -> None:
    """Nobody outside a platform's folder imports it, except the sandbox that imitates it."""
    platforms = tuple(f"connectors.{folder.name}" for folder in _platform_folders())
    wrong = [
        f"{_name(path)} imports {name}"
        for path in SOURCES
        if path.parent not in _platform_folders() and "sandbox" not in path.parts
        for name in imported(path)
        if _below(name, platforms)
    ]
    assert wrong == []


def test_files_are_short() -> None:
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    long = {name for name, length in lengths.items() if length > MAX_FILE}
    assert long == set(LONG_FILES)


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """(file:function, lines of it)"""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{_name(path)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_functions_are_short() -> None:
    long = {name for path in SOURCES for name, length in _functions(path) if length > MAX_FUNCTION}
    assert long == set(LONG_FUNCTIONS)


def test_modules_say_their_purpose() -> None:
    silent = [
        _name(path)
        for path in SOURCES
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(_tree(path))
    ]
    assert silent == []


def test_a_rule_left_aside_says_why() -> None:
    """Behind it, or in a comment on one of the two lines above."""
    mark = re.compile(r"# (?:noqa|type: ignore)(?::|\[)[^#(]*(?P<why>[#(].+)?$")
    silent = []
    for path in [*SOURCES, *(ROOT / "deploy").rglob("*.py")]:
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            found = mark.search(line)
            if (
                found
                and not found["why"]
                and "#" not in "".join(lines[max(number - 2, 0) : number])
            ):
                silent.append(f"{_name(path)}:{number + 1}")
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils.py", "helpers.py", "misc.py", "common.py", "tools.py"}
    assert [_name(path) for path in SOURCES if path.name in vague] == []


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_a_table_has_exactly_the_columns_of_its_declaration(dataset) -> None:
    common = {field.name for field in DatasetRow._meta.get_fields()} | {"id"}
    fields = {field.name: field for field in TABLES[dataset.name]._meta.concrete_fields}
    declared = {column.name: column for column in dataset.stored if column.name != "updated_at"}
    assert set(fields) - common - {"connection"} == set(declared)
    for name, column in declared.items():
        assert isinstance(fields[name], COLUMN_FIELDS[column.type]), name
    keys = [c.fields for c in TABLES[dataset.name]._meta.constraints]
    assert keys == [("connection", "scope", *dataset.key)]


def test_no_tracked_file_names_a_folder_of_this_machine() -> None:
    """A path of the author's machine in a file means that it works there and nowhere else."""
    homes = {ROOT, ROOT.parent, Path.home()} - {Path(tempfile.gettempdir())}  # everybody has that
    here = {str(path) for path in homes if len(path.parts) > 1}
    anywhere = [r"/home/\w+/", r"/Users/\w+/", r"[A-Z]:\\\\?Users"]
    pattern = re.compile("|".join([rf"(?<![\w.]){re.escape(p)}(?!\w)" for p in here] + anywhere))
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tracked = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert len(tracked) > 30
    wrong = [
        _name(path)
        for path in tracked
        if path.is_file() and path != Path(__file__).resolve()
        if pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert wrong == []


def test_the_checks_of_files_know_no_database() -> None:
    """They are pure: what they need of a shop is given to them."""
    allowed = ("connectors.files", "connectors.datasets", "django.utils")
    wrong = [
        f"{_name(path)} imports {name}"
        for path in SOURCES
        if _name(path).startswith("connectors/files/")
        for name in imported(path)
        if _below(name, (*LAYERS, "django")) and not _below(name, allowed)
    ]
    assert wrong == []

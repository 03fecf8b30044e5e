"""Every section of the benchmarks is registered, and says what is to be installed for it."""

from pathlib import Path

from tests.benchmarks import environments, sections
from tests.benchmarks.__main__ import NAMES
from tests.benchmarks.sections import SECTIONS
from tests.parts import PARTS

HERE = Path(sections.__file__).parent


def test_every_module_of_sections_is_registered_once() -> None:
    modules = sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__init__")
    assert sorted(NAMES) == modules
    assert len(NAMES) == len(SECTIONS)


def test_what_sections_need_is_something_that_can_be_installed() -> None:
    for section in SECTIONS:
        assert set(section.parts) <= set(PARTS)
        for name in section.environments:
            assert (Path(environments.__file__).parent / f"requirements-{name}.txt").exists()


def test_every_section_has_a_title_of_its_own() -> None:
    assert len({section.title for section in SECTIONS}) == len(SECTIONS)

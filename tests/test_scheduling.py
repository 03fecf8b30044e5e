"""Files that look at a portal share one, what waits is dealt out, and the longest comes first."""

import re
from pathlib import Path

import pytest

from tests.scheduling import PARTS, PORTALS, rank, unit

FOLDER = Path(__file__).parent / "end_to_end"
ASKS = re.compile(r"^def test_\w+\([^)]*\bportal: Portal", re.MULTILINE)


def test_every_file_that_asks_for_the_portal_is_in_one_of_the_sets() -> None:
    asking = {path.stem for path in FOLDER.glob("test_*.py") if ASKS.search(path.read_text())}
    assert sorted(asking) == sorted(name for names in PORTALS.values() for name in names)


@pytest.mark.parametrize(
    ("nodeid", "name", "place"),
    [
        ("tests/end_to_end/test_widget.py::test_one", "portal 1", 0),
        ("tests/end_to_end/test_mission.py::test_one", "portal 2", 1),
        ("tests/chaos/test_kills.py::test_one[::]", "tests/chaos/test_kills.py", 2),
        (
            "tests/onboarding/widget/test_pages.py::test_a",
            "tests/onboarding/widget/test_pages.py",
            7,
        ),
    ],
)
def test_a_unit_is_a_file_or_the_files_of_a_portal(nodeid: str, name: str, place: int) -> None:
    assert (unit(nodeid), rank(nodeid)) == (name, place)


@pytest.mark.parametrize("file", PARTS)
def test_a_file_that_mostly_waits_is_dealt_out_in_as_many_parts_as_said(file: str) -> None:
    path = f"tests/end_to_end/{file}.py"
    names = [f"{path}::test_of[{number}]" for number in range(100)]
    assert {unit(name) for name in names} == {f"{path}, part {at}" for at in range(PARTS[file])}
    assert {rank(name) for name in names} == {4}

"""The simulated shop answers what a real Magento answered, but for what docs/sandbox.md lists."""

import re
from pathlib import Path

import pytest

from tests import recordings
from tests.connectors.sandbox.replaying import departures

DOCUMENT = recordings.ROOT / "docs" / "sandbox.md"


def listed() -> dict[str, str]:
    """The recordings that the document says we answer otherwise, and why."""
    rows = re.findall(
        r"^\| `(\w+)` \| (.+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    )
    return dict(rows)


@pytest.mark.recordings
@pytest.mark.parametrize("name", recordings.names("*"))
def test_a_recorded_request_is_answered_alike(name: str) -> None:
    recordings.load(name)
    found = departures(name)
    if name in listed():
        assert found, f"{name} is listed as a difference and no longer is one"
    else:
        assert found == []


@pytest.mark.recordings
def test_each_listed_difference_is_a_recording() -> None:
    recordings.load("orders_page")
    folder = recordings.recordings_dir()
    assert isinstance(folder, Path)
    assert [name for name in listed() if not (folder / f"{name}.json").is_file()] == []

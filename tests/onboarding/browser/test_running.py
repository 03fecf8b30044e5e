"""Which of the browsers on a machine is taken."""

from pathlib import Path
from typing import Any

import pytest

from onboarding.browser import running
from onboarding.browser.running import NoBrowserError


@pytest.mark.parametrize(
    ("there", "wanted", "taken"),
    [
        (("chromium", "chromium-headless-shell"), "", "chromium-headless-shell"),
        (("chromium",), "", "chromium"),
        (("chromium", "chromium-headless-shell"), "chromium", "chromium"),
    ],
    ids=["the lighter one", "the only one", "the one that is named"],
)
def test_the_browser_that_is_taken(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    there: tuple[str, ...],
    wanted: str,
    taken: str,
) -> None:
    for name in there:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    settings.BROWSER_PROGRAM = wanted
    assert running.program() == str(tmp_path / taken)


def test_where_none_is_there_one_is_named(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings.BROWSER_PROGRAM = ""
    with pytest.raises(NoBrowserError, match=running.PROGRAMS[0]):
        running.program()

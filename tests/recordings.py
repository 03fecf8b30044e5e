"""Finds the recorded answers of a real Magento, where they are, and reads them.

RECORDINGS_DIR names their folder; without it, `shared/recordings` beside the project's own folder is looked
at. The suite's own samples carry the same assertions where there are none. RECORDINGS_REQUIRED=1, as in CI,
turns their absence into a failure.
"""

import fnmatch
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Which test needs the recordings shows in its name where there are none.
NONE_HERE = "no-recordings"


@dataclass(frozen=True)
class Recording:
    """One question and the shop's whole answer. `body`: decoded JSON, or text where it is none."""

    name: str
    path: str
    query: str
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def content(self) -> bytes:
        """The body as it went over the wire, but for the order of keys and the blanks."""
        if isinstance(self.body, str) and "json" not in self.content_type:
            return self.body.encode()
        return json.dumps(self.body, ensure_ascii=False).encode() if self.body != "" else b""

    @property
    def content_type(self) -> str:
        lowered = {name.lower(): value for name, value in self.headers.items()}
        return lowered.get("content-type", "")


def recordings_dir() -> Path | None:
    """Their folder; None where there is none."""
    given = os.environ.get("RECORDINGS_DIR", "")
    folder = Path(given) if given else ROOT.parent / "shared" / "recordings"
    return folder if folder.is_dir() else None


def names(*patterns: str) -> list[str]:
    """Names of the recordings that fit, without .json; one that stands for none, where there are none."""
    folder = recordings_dir()
    if folder is None:
        return [NONE_HERE]
    stems = sorted(path.stem for path in folder.glob("*.json"))
    fitting = [stem for stem in stems if any(fnmatch.fnmatch(stem, one) for one in patterns)]
    return fitting or [NONE_HERE]


def load(name: str) -> Recording:
    """One recording. Skips the test where there are none at all, unless they are required."""
    folder = recordings_dir()
    if folder is None:
        absent = "the recorded answers of a real Magento are not here (RECORDINGS_DIR)"
        if os.environ.get("RECORDINGS_REQUIRED") == "1":
            pytest.fail(absent)
        pytest.skip(absent)
    file = folder / f"{name}.json"
    if not file.is_file():
        pytest.fail(f"{folder} has no recording {name}")
    return read(file)


def read(file: Path) -> Recording:
    """A file in the shape of a recording."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    asked, answered = raw["request"], raw["response"]
    return Recording(
        raw["name"],
        asked["path"],
        asked.get("query", ""),
        answered["status"],
        answered["headers"],
        answered["body"],
    )

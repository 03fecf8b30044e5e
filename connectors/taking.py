"""Checks a received file and stores its rows, in slices that may end at any instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.files.problems import Group, Problem
from connectors.models import ReceivedFile


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a file. `report`: its path in the private storage, blank where nothing is wrong."""

    name: str
    dataset: str
    status: str  # a ReceivedFile.State that is_over
    rows: int
    accepted: int
    rejected: int
    report: str
    message: str  # why all of it was refused
    questions: list[dict[str, Any]]  # files.layout.Question
    groups: list[Group]
    problems: list[Problem]  # the first ones


def take(
    file: ReceivedFile,
    *,
    policy: str = ReceivedFile.Policy.GOOD_ROWS,
    mapping: Mapping[str, str] | None = None,
    date_order: str | None = None,
    dry_run: bool | None = None,
) -> Outcome:
    """Check a file and store it, here and now.

    `mapping`: {heading of the file: our column, or "" for none}. `date_order`: dmy or mdy. Both are
    remembered for the next file of this dataset. Where something must be asked, the status is needs_answer.
    """
    raise NotImplementedError


def take_slice(file: ReceivedFile, *, seconds: float) -> bool:
    """Work on a file for about so long. Whether there is more to do."""
    raise NotImplementedError


def answer(
    file: ReceivedFile,
    *,
    dataset: str = "",
    mapping: Mapping[str, str] | None = None,
    date_order: str = "",
) -> None:
    """What a file with questions was asked; it is due again then, and queued by whoever calls."""
    raise NotImplementedError

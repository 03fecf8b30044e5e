"""What the name of a file says: products_2025-01-15T02-00-00.csv is the products as they were then."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from connectors.datasets import DATASETS

NAMED = re.compile(
    rf"(?P<dataset>{'|'.join(sorted(DATASETS, key=len, reverse=True))})"
    r"(?:_(?P<at>\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}))?(?:\.csv|\.txt|\.tsv)?(?:\.gz|\.zip)?",
    re.IGNORECASE,
)
LONGEST = 255


@dataclass(frozen=True, kw_only=True)
class Named:
    """`dataset`: blank where the name says none. `at`: UTC, Kleep's page names no other zone."""

    dataset: str = ""
    at: datetime | None = None


def read(name: str) -> Named:
    found = NAMED.fullmatch(name)
    if found is None:
        return Named()
    return Named(dataset=found["dataset"].lower(), at=_moment(found["at"]))


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H-%M-%S").replace(tzinfo=UTC)
    except ValueError:  # a day that does not exist
        return None


def plain(name: str) -> str:
    """The last part of a name as somebody sent it, without what cannot be shown; for people, never a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(letter for letter in last if letter.isprintable()).strip()
    return shown[-LONGEST:] or "file"

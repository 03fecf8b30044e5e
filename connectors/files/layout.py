"""How a file writes its rows, and what is asked where it does not tell."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What was found out about a file, to be shown and to be read by."""

    encoding: str = "utf-8"  # utf-8, utf-8-sig, cp1252, utf-16-le or utf-16-be
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    header: tuple[str, ...] = ()
    skip: int = 0  # lines before the header, such as Excel's "sep=;"
    container: str = ""  # gz, zip, or blank
    is_report: bool = False  # our own report, mended: its error columns are left out

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Layout":
        return cls(**{**stored, "header": tuple(stored.get("header", ()))})


@dataclass(frozen=True, kw_only=True)
class Question:
    """What only the sender knows.

    `dataset`: choices are datasets, the likeliest first. `columns`: `missing` are our columns that are
    needed, `choices` the headings of the file that nothing was found for. `date_order`: whether 03/04/2026 in
    `column` is the third of April (dmy) or the fourth of March (mdy); `examples` are from the file.
    """

    kind: str
    column: str = ""
    missing: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

"""Texts as COPY reads them; what is no text, or no value but a spreadsheet's, is found."""

import re
from collections.abc import Sequence

from connectors.files.detect import Traits, is_decoded
from connectors.files.values import is_turned

NULL = "\\N"
SPREADSHEET_ERRORS = frozenset(
    [
        *("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"),
        *("#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!"),
    ]
)
AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # how spreadsheets are told to keep leading zeros
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def copied(text: str) -> str:
    """As COPY's text format writes it."""
    return text.translate(_ESCAPES)


def bare(cell: str) -> str:
    """Without the spaces, marks and ="..." around it. Raises ValueError with the code of a problem."""
    text = cell.strip().strip("\ufeff\u200b").strip()
    if text.startswith("="):
        found = AS_TEXT.fullmatch(text)
        if found is None:
            raise ValueError("formula")
        text = found[1].replace('""', '"').strip()
    if text in SPREADSHEET_ERRORS:
        raise ValueError("formula")
    if text.isascii() and text.isprintable():
        return text
    if _CONTROL.search(text):
        raise ValueError("control_character")
    if not is_decoded(text):
        raise ValueError("not_decodable")
    return text


class Texts:
    """Looks into a column of texts only for what its file can hold."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self._is_plain = not any(
            (
                traits.controls,
                traits.tab,
                traits.backslash,
                traits.damaged,
                traits.mark,
                traits.equals,
                traits.hash,
            )
        )

    def mend(
        self, cells: Sequence[str], *, is_even: bool, is_id: bool
    ) -> tuple[list[str], dict[int, str]]:
        """The texts of a column, and by place the code of what is wrong. `is_even`: without line breaks."""
        texts = list(map(str.strip, cells))
        wrong: dict[int, str] = {}
        if not (self._is_plain and is_even) and self._is_suspect(
            "\x1f".join(texts), is_even=is_even
        ):
            for at, cell in enumerate(texts):
                try:
                    texts[at] = copied(bare(cell))
                except ValueError as error:
                    wrong[at] = str(error)
        if is_id and self._traits.plus and "E+" in "\x1f".join(texts).upper():
            wrong.update((at, "digits_lost") for at, text in enumerate(texts) if is_turned(text))
        return texts, wrong

    def _is_suspect(self, joined: str, *, is_even: bool) -> bool:
        traits = self._traits
        return (
            (traits.backslash and "\\" in joined)
            or (traits.equals and "=" in joined)
            or (traits.hash and "#" in joined)
            or (traits.tab and "\t" in joined)
            or (not is_even and "\n" in joined)
            or (traits.mark and not joined.isascii())
            or (traits.damaged and not is_decoded(joined))
            or (traits.controls and _CONTROL.search(joined.replace("\x1f", "")) is not None)
        )

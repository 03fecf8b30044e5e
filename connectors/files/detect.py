"""Finds out how a file writes its rows: its letters, its columns, its header."""

import codecs
import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from connectors.files.layout import Layout
from connectors.files.refusals import RefusedError
from connectors.files.report import HEADINGS

CHUNK = 1 << 18
SAMPLE = 1 << 18  # bytes that the delimiter and the header are found in
SAMPLE_ROWS = 200
MOST_COLUMNS = 500
DELIMITERS = (",", ";", "\t", "|")
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r")) + b"\x7f"
SEP = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
HEAD_OF_BINARY = 4096
TRAITS = ("controls", "tab", "backslash", "damaged", "mark", "equals", "hash", "plus")


@dataclass(kw_only=True)
class Traits:
    """What stands anywhere in the file: what does not, need not be looked for in every cell."""

    encoding: str = "utf-8"
    controls: bool = False
    tab: bool = False
    backslash: bool = False
    damaged: bool = False  # bytes that are no letters of its encoding
    mark: bool = False  # a byte order mark, inside
    equals: bool = False
    hash: bool = False
    plus: bool = False
    length: int = 0


def scan(stream: BinaryIO) -> Traits:
    """Read all of it once, for its encoding and its traits. Raises RefusedError."""
    head = stream.read(CHUNK)
    if head and not head.strip(b"\0"):  # what a machine leaves that went down while it wrote
        raise RefusedError("damaged")
    if not head.strip(b"\xef\xbb\xbf\xfe\xff \t\r\n\0"):
        raise RefusedError("empty")
    wide = _wide(head)
    if wide:
        return _scan_wide(_chunks(stream, head), wide)
    if head[:HEAD_OF_BINARY].translate(None, CONTROLS) != head[:HEAD_OF_BINARY]:
        _refuse_binary(head[:HEAD_OF_BINARY])
    found = Traits(encoding="utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8")
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    wrong = right = 0
    for chunk in _chunks(stream, head):
        _note(found, chunk)
        if chunk.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(chunk)
        found.mark = found.mark or "\ufeff" in text[1:]
        if not is_decoded(text):
            bad = len(_ESCAPED.findall(text))
            wrong, right = wrong + bad, right + len(_BEYOND.findall(text)) - bad
    wrong += len(decoder.decode(b"", final=True))
    if wrong and not (found.encoding == "utf-8-sig" or right > wrong):
        found.encoding = "cp1252"
    found.damaged = wrong > 0  # also of cp1252: five bytes mean nothing in it
    return found


def is_decoded(text: str) -> bool:
    """Whether no byte was left that is no letter: encoding it again is ten times faster than a search."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_ESCAPED = re.compile("[\udc80-\udcff]")
_BEYOND = re.compile("[^\0-\x7f]")


def _note(found: Traits, chunk: bytes) -> None:
    """Bytes are looked for one at a time: that is ten times faster than two."""
    found.length += len(chunk)
    found.controls = found.controls or len(chunk.translate(None, CONTROLS)) < len(chunk)
    found.tab = found.tab or b"\t" in chunk
    found.backslash = found.backslash or b"\\" in chunk
    found.equals = found.equals or b"=" in chunk
    found.hash = found.hash or b"#" in chunk
    found.plus = found.plus or b"+" in chunk


def _chunks(stream: BinaryIO, head: bytes) -> Iterator[bytes]:
    chunk = head
    while chunk:
        yield chunk
        chunk = stream.read(CHUNK)


def _wide(head: bytes) -> str:
    """UTF-16 by its mark, or by its zeros; blank for anything else. Raises RefusedError for UTF-32."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise RefusedError("encoding", encoding="UTF-32")
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = head[:1024]
    half = len(sample) // 2
    zeros = sample[0::2].count(0), sample[1::2].count(0)
    if half < 4 or min(zeros) * 10 > half:  # zeros everywhere: no letters at all
        return ""
    if zeros[1] > half * 0.7:
        return "utf-16-le"
    return "utf-16-be" if zeros[0] > half * 0.7 else ""


def _scan_wide(chunks: Iterator[bytes], encoding: str) -> Traits:
    """Nothing is ruled out for it: it is rare, and read carefully."""
    decoder = codecs.getincrementaldecoder(encoding)()
    length = 0
    try:
        for chunk in chunks:
            decoder.decode(chunk)
            length += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise RefusedError("encoding", encoding=encoding.upper()) from None
    return Traits(encoding=encoding, length=length, **dict.fromkeys(TRAITS, True))


def _refuse_binary(head: bytes) -> None:
    if (len(head) - len(head.translate(None, CONTROLS))) * 10 > len(head):
        raise RefusedError("not_text", kind="binary")


def find_layout(
    sample: bytes, *, encoding: str, names: Collection[str], container: str = ""
) -> Layout:
    """From the beginning of a file. `names`: simplified headings that we know. Raises RefusedError."""
    lines = _lines(sample, encoding)
    skip, given = _before_header(lines)
    lines = lines[skip:]
    if not lines:
        raise RefusedError("empty")
    delimiter = given or _delimiter(lines, names)
    quote = _quote(lines[0], delimiter)
    header = next(csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True))
    header = [heading.strip().strip("\ufeff").strip() for heading in header]
    if len(header) > MOST_COLUMNS:
        raise RefusedError("too_many_columns", limit=MOST_COLUMNS)
    while header and not header[-1]:
        header.pop()
    return Layout(
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
        header=tuple(header),
        skip=skip,
        container=container,
        is_report=tuple(header[: len(HEADINGS)]) == HEADINGS,
    )


def _lines(sample: bytes, encoding: str) -> list[str]:
    """The whole lines of a sample, their ends made alike."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.splitlines(keepends=True) if "\n" not in text else text.split("\n")
    whole = [f"{line}\n" for line in lines]
    return whole[:-1] if len(sample) >= SAMPLE and len(whole) > 1 else whole


def _before_header(lines: list[str]) -> tuple[int, str]:
    """How many lines come before the header, and the delimiter where one of them is Excel's "sep=;"."""
    skip, given = 0, ""
    for line in lines:
        found = SEP.fullmatch(line.strip('\ufeff "\n') + "\n")
        if found:
            given = found[1]
        elif line.strip(' \t\n,;|"'):
            break
        skip += 1
    return skip, given


def _delimiter(lines: list[str], names: Collection[str]) -> str:
    """The one that gives most headings that we know, then the one that cuts most rows alike."""

    def merit(delimiter: str) -> tuple[int, int]:
        rows = _parsed(lines[:SAMPLE_ROWS], delimiter)
        header = rows[0] if rows else []
        known = sum(simple(heading) in names for heading in header)
        alike = sum(len(row) == len(header) for row in rows) if len(header) > 1 else 0
        return known if len(header) > 1 else 0, alike

    best = max(DELIMITERS, key=merit)
    return best if merit(best) > (0, 0) else ","


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []


def _quote(first: str, delimiter: str) -> str:
    cells = [cell.strip() for cell in first.strip("\n").split(delimiter)]
    quoted = all(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    return "'" if quoted else '"'


_NO_WORD = re.compile(r"[\W_]+")


def simple(heading: str) -> str:
    """A heading without case, accents, spaces and signs: “Order ID” is orderid, “Quantité” is quantite."""
    folded = heading.casefold().translate(_PLAIN)
    return _NO_WORD.sub("", folded)


_PLAIN = str.maketrans("àâäáãåçéèêëíìîïñóòôöõøúùûüýÿ", "aaaaaaceeeeiiiinoooooouuuuyy") | {
    ord("œ"): "oe",
    ord("æ"): "ae",
    ord("ß"): "ss",
}

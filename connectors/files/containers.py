"""What a file is, by its content and not by its name; and the CSV in it, unpacked within limits."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from connectors.files.refusals import RefusedError

HEAD = 4096  # bytes that tell
SPREADSHEET, NOT_TEXT, ARCHIVE = "spreadsheet", "not_text", "archive"
MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", SPREADSHEET, "Excel .xls"),
    (b"%PDF", NOT_TEXT, "PDF"),
    (b"{\\rtf", NOT_TEXT, "RTF"),
    (b"\x89PNG", NOT_TEXT, "PNG"),
    (b"\xff\xd8\xff", NOT_TEXT, "JPEG"),
    (b"GIF8", NOT_TEXT, "GIF"),
    (b"SQLite format 3\0", NOT_TEXT, "SQLite"),
    (b"PAR1", NOT_TEXT, "Parquet"),
    (b"Rar!", ARCHIVE, "RAR"),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE, "7-Zip"),
    (b"BZh", ARCHIVE, "bzip2"),
    (b"\xfd7zXZ\0", ARCHIVE, "xz"),
    (b"\x28\xb5\x2f\xfd", ARCHIVE, "Zstandard"),
)
MARKUP = ((b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<?xml", "XML"))
JSON = (b'{"', b'[{"', b"[{", b"[[", b"{\n", b"[\n")
INSIDE = (  # of a ZIP that is something else
    ("xl/", SPREADSHEET, "Excel .xlsx"),
    ("word/", NOT_TEXT, "Word"),
    ("Index/", SPREADSHEET, "Numbers"),
    ("META-INF/manifest.xml", SPREADSHEET, "OpenDocument .ods"),
)
# A table repeats itself; it still does not shrink to a two hundredth.
RATIO, RATIO_FROM = 200, 10 << 20
MOST_ENTRIES = 1_000
MOST_AT_ONCE = 1 << 20  # bytes that are read in one piece: a list of all files in a ZIP is one
# How the one file may be packed. The rest asks for memory by a number in the file, or cannot be opened.
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
OTHER_METHODS = {
    9: "ZIP, Deflate64",
    zipfile.ZIP_LZMA: "ZIP, LZMA",
    93: "ZIP, Zstandard",
    95: "ZIP, xz",
}


class _Bounded(io.RawIOBase):
    """What an archive unpacks to. Raises RefusedError where it is too much, or the archive is damaged."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, *, size: int, limit: int) -> None:
        super().__init__()
        most = max(size * RATIO, RATIO_FROM)
        self._too_much = RefusedError("zip_bomb")
        if limit <= most:
            most, self._too_much = limit, RefusedError("too_large", limit=limit)
        self._stream = stream
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        try:
            part = self._stream.read(len(buffer))
        except (zlib.error, EOFError, OSError, zipfile.BadZipFile, NotImplementedError):
            raise RefusedError("damaged") from None
        self._left -= len(part)
        if self._left < 0:
            raise self._too_much
        buffer[: len(part)] = part
        return len(part)


class _Portioned:
    """A file that gives no more at once than a table needs. Raises RefusedError("zip_several")."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MOST_AT_ONCE:
            raise RefusedError("zip_several")
        found = self._stream.read(size if size >= 0 else MOST_AT_ONCE + 1)
        if len(found) > MOST_AT_ONCE:
            raise RefusedError("zip_several")
        return found


@contextmanager
def unpacked(stream: BinaryIO, *, size: int, limit: int) -> Iterator[tuple[BinaryIO, str]]:
    """The bytes of the table, and what it came in: gz, zip or blank. `limit`: bytes, unpacked.

    The stream can be sought; `size` is its length. Raises RefusedError, also while it is read.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=stream) as inner:
            yield _checked(_Bounded(inner, size=size, limit=limit)), "gz"
    elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with _zip(stream) as archive, _entry(archive) as inner:
            yield _checked(_Bounded(inner, size=size, limit=limit)), "zip"
    else:
        _recognise(head)
        yield stream, ""


def _checked(unbuffered: io.RawIOBase) -> BinaryIO:
    """What came out of an archive must be a table, too."""
    inner = io.BufferedReader(unbuffered, buffer_size=1 << 18)
    head = inner.peek(HEAD)[:HEAD]
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise RefusedError("zip_nested")
    _recognise(head)
    return inner


def _recognise(head: bytes) -> None:
    """Raises RefusedError where it is known and no table. Blank is told first."""
    if not head:
        raise RefusedError("empty")
    for magic, code, kind in MAGIC:
        if head.startswith(magic):
            raise RefusedError(code, kind=kind)
    if head[257:262] == b"ustar":
        raise RefusedError(ARCHIVE, kind="tar")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for opening, kind in MARKUP:
        if text.startswith(opening):
            raise RefusedError(NOT_TEXT, kind=kind)
    if text.startswith(JSON):
        raise RefusedError(NOT_TEXT, kind="JSON")


@contextmanager
def _zip(stream: BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(cast("IO[bytes]", _Portioned(stream)))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise RefusedError("damaged") from None
    with archive:
        yield archive


@contextmanager
def _entry(archive: zipfile.ZipFile) -> Iterator[IO[bytes]]:
    """The one file in it. Its name is looked at and never used: nothing is written under it."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise RefusedError("zip_several")
    for name, code, kind in INSIDE:
        if any(entry.filename.startswith(name) for entry in entries):
            raise RefusedError(code, kind=kind)
    if any(_leads_out(entry.filename) for entry in entries):
        raise RefusedError("zip_name")
    files = [entry for entry in entries if not _is_left_over(entry)]
    if len(files) != 1:
        raise RefusedError("zip_several" if files else "zip_empty")
    if files[0].flag_bits & 0x1:
        raise RefusedError("zip_encrypted")
    if (method := files[0].compress_type) not in METHODS:
        raise RefusedError(ARCHIVE, kind=OTHER_METHODS.get(method, f"ZIP, {method}"))
    try:
        inner = archive.open(files[0])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        raise RefusedError("damaged") from None
    with inner:
        yield inner


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or ":" in name


def _is_left_over(entry: zipfile.ZipInfo) -> bool:
    """Folders, and what macOS and Windows put beside."""
    last = PurePosixPath(entry.filename).name
    is_hidden = last.startswith(".") or last in {"Thumbs.db", "desktop.ini"}
    return entry.is_dir() or is_hidden or entry.filename.startswith("__MACOSX/")

"""Writes what was pulled to files: one per dataset, in Kleep's columns, and a manifest that proves them.

Every file is written in full under a hidden name and put in place at the end, the manifest last: a reader
who finds a file whose sha256 is the manifest's has the whole of it.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.utils import timezone

from connectors import catalogue
from connectors.base import Row
from connectors.datasets import DATASETS, PRODUCTS, RETURNS, STOCK, Dataset
from connectors.formats import FORMATS, FormatError, Write, iso
from connectors.layouts import LAYOUTS, MANIFEST, Place
from connectors.models import TABLES, Connection, Cursor

CHUNK = 2_000  # rows fetched from the database at once
TELL_EVERY = 500  # rows between two words of progress

Progress = Callable[[str, int], None]  # (dataset, rows written since the last word)


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    """`name`: below the folder of the export. `since`: only what changed from then on; None is everything."""

    name: str
    dataset: str
    rows: int
    columns: tuple[str, ...]
    bytes: int
    sha256: str
    since: str | None = None


@dataclass(frozen=True, kw_only=True)
class CursorPosition:
    """Everything that the shop changed up to (at, id) is in the files. `at`: ISO 8601, UTC."""

    resource: str
    scope: str
    at: str | None
    id: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What manifest.json says. `scope`: the store view whose titles and labels were written."""

    shop: str
    scope: str
    format: str
    exported_at: str
    files: tuple[ExportedFile, ...]
    cursors: tuple[CursorPosition, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def export(
    connection: Connection,
    *,
    out: Path,
    datasets: Iterable[str] | None = None,
    format: str = "csv",
    scope: str = "",
    shop: str = "",
    layout: str = "single",
    environment: str = "prod",
    since: Mapping[str, datetime] | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Write `datasets` (all by default) and a manifest into the folder `out`, made where missing.

    Files of these names are replaced once all the new ones are complete. `since`: see increments.py.
    Raises FormatError, KeyError on an unknown dataset or layout, OSError.
    """
    write, exported_at = _writer(format), timezone.now()
    chosen = [DATASETS[name] for name in (datasets or DATASETS)]
    home = Place(shop=shop, environment=environment)
    place = partial(LAYOUTS[layout], at=exported_at, place=home)
    cursors = _cursors(connection)  # read before the rows: the files may hold more, never less
    with _folder_of_drafts(out) as drafts:
        files = []
        for dataset in chosen:
            moment = (since or {}).get(dataset.name)
            rows = read(connection, dataset, scope=scope, since=moment)
            told = _Counted(rows, dataset.name, progress)
            name = place(dataset.name, format)
            files.append(_write(write, dataset, told, drafts=drafts, name=name, since=moment))
        manifest = Manifest(
            shop=shop,
            scope=catalogue.stored_scope(connection, scope),
            format=format,
            exported_at=iso(exported_at),
            files=tuple(files),
            cursors=cursors,
        )
        return _put_in_place(manifest, drafts, out, name=place(MANIFEST, "json"))


@contextmanager
def _folder_of_drafts(out: Path) -> Iterator[Path]:
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=out) as folder:
        yield Path(folder)


def _draft(drafts: Path, name: Path) -> Path:
    draft = drafts / name
    draft.parent.mkdir(parents=True, exist_ok=True)
    return draft


def _put_in_place(manifest: Manifest, drafts: Path, out: Path, *, name: Path) -> Manifest:
    _draft(drafts, name).write_text(manifest.to_json(), encoding="utf-8")
    for file in [*(file.name for file in manifest.files), name.as_posix()]:
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        (drafts / file).replace(out / file)
    return manifest


def read(
    connection: Connection, dataset: Dataset, *, scope: str = "", since: datetime | None = None
) -> Iterator[Row]:
    """Rows of a dataset with its declared columns, ordered by their key; without deleted ones.

    `since`: only those that changed from then on; of products also those deleted since, as not active.
    """
    if dataset is PRODUCTS:
        return catalogue.variants(connection, scope, since=since)
    rows = _stored(connection, dataset, scope=scope, since=since)
    if dataset is RETURNS:
        rows = catalogue.with_order_lines(connection, rows)
    if dataset is STOCK:
        return catalogue.with_variants(connection, scope, rows)
    if {"product_id", "variant_id"} <= {column.name for column in dataset.columns}:
        return catalogue.canonical(connection, scope, rows)
    return rows


def _stored(
    connection: Connection, dataset: Dataset, *, scope: str, since: datetime | None
) -> Iterator[Row]:
    """Streamed: PostgreSQL keeps a server-side cursor, SQLite reads as we go."""
    names = [column.name for column in dataset.columns]
    fields = ["remote_updated_at" if name == "updated_at" else name for name in names]
    table = TABLES[dataset.name]._default_manager.filter(
        connection=connection, scope=scope if dataset.scoped else "", deleted_at=None
    )
    if since:
        table = table.filter(seen_at__gt=since)
    found = table.order_by(*dataset.key).values_list(*fields)
    for values in found.iterator(chunk_size=CHUNK):
        yield dict(zip(names, values, strict=True))


class _Counted:
    """Rows on their way into a file, counted and now and then told."""

    def __init__(self, rows: Iterable[Row], name: str, progress: Progress | None) -> None:
        self.rows, self.name, self.progress, self.count = rows, name, progress, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            yield row
            self.count += 1
            if self.count % TELL_EVERY == 0:
                self._tell(TELL_EVERY)
        self._tell(self.count % TELL_EVERY)

    def _tell(self, more: int) -> None:
        if self.progress:
            self.progress(self.name, more)


def _writer(name: str) -> Write:
    if name not in FORMATS:
        raise FormatError(f"There is no format {name!r}: choose {', '.join(FORMATS)}.")
    return FORMATS[name]


def _write(
    write: Write,
    dataset: Dataset,
    rows: _Counted,
    *,
    drafts: Path,
    name: Path,
    since: datetime | None,
) -> ExportedFile:
    draft = _draft(drafts, name)
    with draft.open("w+b") as stream:
        write(dataset, rows, stream)
        stream.flush()
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return ExportedFile(
        name=name.as_posix(),
        dataset=dataset.name,
        rows=rows.count,
        columns=tuple(column.name for column in dataset.columns),
        bytes=draft.stat().st_size,
        sha256=digest,
        since=iso(since) if since else None,
    )


def _cursors(connection: Connection) -> tuple[CursorPosition, ...]:
    return tuple(
        CursorPosition(
            resource=cursor.resource,
            scope=cursor.scope,
            at=iso(cursor.position_at) if cursor.position_at else None,
            id=cursor.position_id,
        )
        for cursor in Cursor.objects.filter(connection=connection).order_by("resource", "scope")
    )

"""Takes files in: streamed to the private storage, measured, each one once."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from connectors.datasets import DATASETS
from connectors.files import names
from connectors.files.refusals import RefusedError
from connectors.models import Connection, FileAnswers, ReceivedFile
from connectors.without_api import KEY

CHUNK = 1 << 18


class _Measured(File):  # type: ignore[type-arg]  # not generic when the program runs
    """A stream on its way into the storage. Raises RefusedError where it is longer than allowed."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.stream = stream
        self.digest = hashlib.sha256()
        self.length = 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        limit: int = settings.FILE_MAX_BYTES
        while chunk := self.stream.read(chunk_size or CHUNK):
            self.length += len(chunk)
            if self.length > limit:
                raise RefusedError("too_large", limit=limit)
            self.digest.update(chunk)
            yield chunk


def receive(
    connection: Connection,
    *,
    name: str,
    stream: BinaryIO,
    origin: str,
    shop: str = "",
    by: str = "",
    dataset: str = "",
    scope: str = "",
    mtime: datetime | None = None,
    dry_run: bool = False,
) -> ReceivedFile:
    """Keep a file until it is taken. What was received before under this name with this content comes back.

    `shop`: the slug of the one that it came for. `dataset`: blank reads it from the name. `by`: who sent it,
    for people. Raises RefusedError (too large), KeyError on an unknown dataset, OSError; nothing of the file
    stays then.
    """
    file = _made(connection, name, dataset=dataset, scope=scope, mtime=mtime)
    file.origin, file.shop, file.by, file.dry_run = origin, shop, by[:254], dry_run
    measured = _Measured(stream)
    try:
        file.content.save(file.name, measured, save=False)
        file.size, file.sha256 = measured.length, measured.digest.hexdigest()
        kept = _keep(file)
    except BaseException:
        _discard(file)
        raise
    if kept.pk != file.pk:
        _discard(file)
    return kept


def _made(
    connection: Connection, name: str, *, dataset: str, scope: str, mtime: datetime | None
) -> ReceivedFile:
    shown = names.plain(name)
    said = names.read(shown)
    chosen = dataset or said.dataset
    is_scoped = bool(chosen) and DATASETS[chosen].scoped
    return ReceivedFile(
        connection=connection,
        scope=scope if is_scoped else "",
        dataset=chosen,
        name=shown,
        mtime=mtime,
        said_at=said.at or mtime or timezone.now(),
        language=translation.get_language() or settings.LANGUAGE_CODE,
        answers=remembered(connection, chosen),
    )


def _keep(file: ReceivedFile) -> ReceivedFile:
    """The row of the file, or of the same one that came before."""
    for _attempt in range(3):
        found = None if file.dry_run else _same(file)
        if found:
            return found
        try:
            with transaction.atomic():
                file.save(force_insert=True)
        except IntegrityError:  # it came through two doors at once
            continue
        return file
    raise RefusedError("portal")


def _same(file: ReceivedFile) -> ReceivedFile | None:
    return ReceivedFile.objects.filter(
        connection=file.connection,
        shop=file.shop,
        scope=file.scope,
        dataset=file.dataset,
        name=file.name,
        sha256=file.sha256,
        dry_run=False,
        state__in=ReceivedFile.LIVE,
    ).first()


def _discard(file: ReceivedFile) -> None:
    storage = file.content.storage
    storage.delete(file.content.name or f"received/{file.connection_id}/{file.pk}")


def remembered(connection: Connection, dataset: str) -> dict[str, object]:
    """What was answered about earlier files of this dataset."""
    found = FileAnswers.objects.filter(connection=connection, dataset=dataset).first()
    return found.as_dict() if found else {}


def files_connection(tenant: UUID) -> Connection:
    """A new connection for a shop without an API. Whoever makes it gives it to a shop."""
    return Connection.objects.create(tenant=tenant, platform=KEY)


def moment(timestamp: float) -> datetime:
    """A file's mtime."""
    return datetime.fromtimestamp(timestamp, tz=UTC)

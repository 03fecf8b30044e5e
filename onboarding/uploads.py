"""Large files through the browser: in parts that are kept as they come, so that a cut costs one part.

start      the file's name, size and date; what came of it before is told
add        the next part, from where the last one ended
finish     the whole, as a stream, and nothing stays of the parts
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from connectors.files import names
from onboarding.models import Shop, Upload, UploadPart

PART_BYTES = 4 << 20
MOST_OPEN = 20  # of one shop
KEPT = timedelta(days=1)


def most_bytes() -> int:
    """Of the unfinished uploads of a shop."""
    return int(2 * settings.FILE_MAX_BYTES)


class UploadError(Exception):
    """`offset`: from where to go on; None where there is nothing to go on with."""

    def __init__(self, offset: int | None = None) -> None:
        self.offset = offset
        super().__init__(offset)


class TooManyUploadsError(UploadError):
    """Too much of the shop is unfinished already."""


def start(shop: Shop, *, name: str, size: int, modified: int) -> Upload:
    """A new upload, or the one of the same file that was cut off. Raises UploadError."""
    if not 0 < size <= settings.FILE_MAX_BYTES:
        raise UploadError
    shown = names.plain(name)
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=shop.pk)  # several may begin at once
        mine = Upload.objects.filter(shop=shop)
        same = mine.filter(name=shown, size=size, modified=modified).first()
        if same is not None:
            return same
        begun = mine.aggregate(bytes=Sum("size"), count=Count("pk"))
        if begun["count"] >= MOST_OPEN or (begun["bytes"] or 0) + size > most_bytes():
            raise TooManyUploadsError
        return Upload.objects.create(shop=shop, name=shown, size=size, modified=modified)


def offset(upload: Upload) -> int:
    """How much has come. Parts follow one another without a gap."""
    return upload.parts.aggregate(sum=Sum("size"))["sum"] or 0


def add(upload: Upload, at: int, part: File) -> int:  # type: ignore[type-arg]  # of bytes
    """Keep the part that begins `at`, an empty one where all has come; how much that is with it.

    Raises UploadError, OSError.
    """
    have = offset(upload)
    size = part.size
    if at == have == upload.size:
        return have  # all of it came before, and what was to be done with it failed: once more
    if at != have or not 0 < size <= PART_BYTES or have + size > upload.size:
        raise UploadError(have)
    kept = default_storage.save(f"{_folder(upload)}/{at}", part)
    try:
        with transaction.atomic():
            UploadPart.objects.create(upload=upload, offset=at, size=size, content=kept)
    except IntegrityError:  # the same part came twice at once
        default_storage.delete(kept)
        raise UploadError(offset(upload)) from None
    return have + size


@contextmanager
def finish(upload: Upload) -> Iterator[BinaryIO]:
    """All of it, in order; the parts go when the block has ended well."""
    whole = io.BufferedReader(_Whole(list(upload.parts.all())), buffer_size=1 << 18)
    with whole:
        yield cast(BinaryIO, whole)
    remove(upload)


def remove(upload: Upload) -> None:
    """With all that lies in its folder: a part may have been kept and not written down before a crash."""
    with suppress(FileNotFoundError):
        for name in default_storage.listdir(_folder(upload))[1]:
            default_storage.delete(f"{_folder(upload)}/{name}")
    upload.delete()


def _folder(upload: Upload) -> str:
    return f"uploads/{upload.pk}"


def forget_old() -> None:
    """Uploads that nobody went on with."""
    for upload in Upload.objects.filter(started_at__lt=timezone.now() - KEPT)[:100]:
        remove(upload)


class _Whole(io.RawIOBase):
    """The parts one after the other."""

    def __init__(self, parts: list[UploadPart]) -> None:
        self._parts = parts
        self._open: File | None = None  # type: ignore[type-arg]  # not generic when the program runs

    def readable(self) -> bool:
        return True

    def readinto(self, into) -> int:  # type: ignore[no-untyped-def]  # any buffer
        while True:
            if self._open is None:
                if not self._parts:
                    return 0
                self._open = default_storage.open(self._parts.pop(0).content)
            data = self._open.read(len(into))
            if data:
                into[: len(data)] = data
                return len(data)
            self._open.close()
            self._open = None

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
        super().close()

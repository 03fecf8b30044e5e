"""Who works on a received file: claimed by one conditional UPDATE, renewed, mortal. See leases.py."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from connectors import holders
from connectors.leases import end_of_the_dead
from connectors.models import ReceivedFile
from connectors.received_files import aside, problems_aside

State = ReceivedFile.State
OPEN = (State.RECEIVED, State.CHECKING, State.STORING)
RENEWED_EVERY = 10.0  # seconds
QUEUED_AGAIN_AFTER = timedelta(minutes=3)


class LostError(Exception):
    """Somebody else holds the file now, or it was deleted: what was to be stored is rolled back."""


@dataclass
class Claim:
    file_id: UUID
    token: UUID
    renewed: float = field(default_factory=time.monotonic)

    def renew(self, **changes: Any) -> None:
        """Change the file; first thing in a transaction, it locks the file to the end. Raises LostError."""
        held = ReceivedFile.objects.filter(pk=self.file_id, lease_token=self.token)
        if not held.update(lease_until=timezone.now() + _length(), **changes):
            raise LostError(str(self.file_id))
        self.renewed = time.monotonic()

    def tick(self) -> None:
        """Renew it where that is due. Raises LostError."""
        if time.monotonic() - self.renewed > RENEWED_EVERY:
            self.renew()

    def end(self, **changes: Any) -> None:
        """Change the file and let go of it. Raises LostError."""
        self.renew(**changes)
        ReceivedFile.objects.filter(pk=self.file_id, lease_token=self.token).update(
            lease_token=None, lease_until=None
        )


class Renewing(File):  # type: ignore[type-arg]  # not generic when the program runs
    """A stream on its way into the storage, however long that takes."""

    def __init__(self, stream: IO[bytes], tick: Callable[[], None]) -> None:
        super().__init__(stream)
        self._tick = tick

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in super().chunks(chunk_size):
            self._tick()
            yield chunk


def claim(file: ReceivedFile) -> Claim | None:
    """The file is ours, or None where somebody holds it who may be alive, or nothing is to be done."""
    token = uuid4()
    open_file = ReceivedFile.objects.filter(pk=file.pk, state__in=OPEN)
    if not (_claim(open_file, token) or (end_of_the_dead(open_file) and _claim(open_file, token))):
        return None
    file.refresh_from_db()
    return Claim(file.pk, token)


def _claim(file: QuerySet[ReceivedFile], token: UUID) -> int:
    return file.filter(is_free()).update(
        lease_token=token,
        lease_until=timezone.now() + _length(),
        lease_holder=holders.this_process(),
        attempts=F("attempts") + 1,
    )


def is_free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lte=timezone.now())


def due() -> QuerySet[ReceivedFile]:
    """Files that are to be taken and that nobody works on, the oldest data first."""
    now = timezone.now()
    waiting = ReceivedFile.objects.filter(is_free(), due_at__lte=now, state__in=OPEN)
    return waiting.order_by("said_at", "received_at")


def to_queue_again(most: int) -> list[ReceivedFile]:
    """Files that were queued a while ago and that nobody works on: their task was lost, or its worker."""
    lost = list(due().filter(due_at__lte=timezone.now() - QUEUED_AGAIN_AFTER)[:most])
    ReceivedFile.objects.filter(pk__in=[file.pk for file in lost]).update(due_at=timezone.now())
    return lost


def forget_old() -> int:
    """Delete what lies in the storage of files that are over for longer than the setting says; how many."""
    old = timezone.now() - timedelta(days=settings.FILE_KEEP_DAYS)
    over = ReceivedFile.objects.exclude(state__in=OPEN).filter(received_at__lt=old)
    forgotten = 0
    for file in over.exclude(content="", report="").iterator(chunk_size=100):
        remove_stored(file)
        ReceivedFile.objects.filter(pk=file.pk).update(content="", report="")
        forgotten += 1
    return forgotten


def remove_stored(file: ReceivedFile) -> None:
    """Delete all that lies in the storage of a file; what an attempt that failed has put aside, too."""
    for kept in (file.content, file.report):
        if kept:
            kept.delete(save=False)
    for name in (aside(file), problems_aside(file)):
        default_storage.delete(name)


def _length() -> timedelta:
    return timedelta(seconds=settings.PULL_LEASE_SECONDS)

"""Who may pull a cursor: a lease, claimed by one conditional UPDATE, renewed by every page, mortal.

The token fences: whoever lost the lease, to an expiry or to a person, can store nothing any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from connectors import holders
from connectors.models import Connection, Cursor


class LeaseLostError(Exception):
    """Somebody else holds the cursor now. What was about to be stored must be rolled back."""


@dataclass(frozen=True)
class Lease:
    cursor_id: int
    token: UUID


def is_free(now: datetime) -> Q:
    """Cursors that nobody holds."""
    return Q(lease_until=None) | Q(lease_until__lte=now)


def claim(cursor_id: int) -> Lease | None:
    """The cursor is ours, or None where somebody holds it who may be alive."""
    lease = Lease(cursor_id, uuid4())
    cursor = Cursor.objects.filter(pk=cursor_id)
    if _claim(cursor, lease) or (end_of_the_dead(cursor) and _claim(cursor, lease)):
        return lease
    return None


def _claim(cursor: QuerySet[Cursor], lease: Lease) -> int:
    now = timezone.now()
    return cursor.filter(is_free(now)).update(
        lease_token=lease.token,
        lease_until=now + _length(),
        lease_holder=holders.this_process(),
        queued_at=None,
        readers=1,
    )


def end_of_the_dead(leased: QuerySet[Any]) -> int:
    """End the lease of a process that certainly is no more; 1 where that was so."""
    held = leased.values_list("lease_token", "lease_holder").first()
    if held is None or not holders.is_gone(held[1]):
        return 0
    return leased.filter(lease_token=held[0]).update(lease_token=None, lease_until=None)


def renew(lease: Lease, **changes: Any) -> None:
    """Renew the lease and change the cursor, first thing in a transaction: it locks the cursor until the end.

    Raises LeaseLostError.
    """
    held = Cursor.objects.filter(pk=lease.cursor_id, lease_token=lease.token)
    if not held.update(lease_until=timezone.now() + _length(), **changes):
        raise LeaseLostError(f"cursor {lease.cursor_id}")


def release(lease: Lease) -> None:
    """Let go of the cursor; nothing happens where it was lost."""
    Cursor.objects.filter(pk=lease.cursor_id, lease_token=lease.token).update(
        lease_token=None, lease_until=None
    )


def is_at_work(cursor: Cursor) -> bool:
    """Whether somebody holds it who gave a sign of life not long ago: each page renews the lease."""
    if cursor.lease_token is None or cursor.lease_until is None:
        return False
    if holders.is_gone(cursor.lease_holder):
        return False
    return timezone.now() - (cursor.lease_until - _length()) < _length() / 2


def take_away(cursor: Cursor) -> bool:
    """Take the lease from whoever holds it; a worker that is still at it can store nothing more.

    False where it is no longer the one that `cursor` was read with.
    """
    held = Cursor.objects.filter(pk=cursor.pk, lease_token=cursor.lease_token)
    released = held.exclude(lease_token=None).update(lease_token=None, lease_until=None)
    return released > 0


def engaged(connection_id: UUID) -> int:
    """Readers of this connection that are at work."""
    held = Cursor.objects.filter(connection=connection_id, lease_until__gt=timezone.now())
    readers: int | None = held.aggregate(readers=Sum("readers"))["readers"]
    return readers or 0


def engage(lease: Lease, connection: Connection) -> int:
    """All readers of the connection that are free, this lease's own among them; how many.

    Raises LeaseLostError.
    """
    readers = max(connection.most_readers - engaged(connection.pk) + 1, 1)
    renew(lease, readers=readers)
    return readers


def _length() -> timedelta:
    return timedelta(seconds=settings.PULL_LEASE_SECONDS)

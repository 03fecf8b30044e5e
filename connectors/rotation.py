"""Seals every connection's secrets under the first encryption key, while the portal runs.

Each row is one conditional UPDATE on the sealed text that was read: credentials that change meanwhile
win. What is under the first key is skipped, so an interrupted rotation goes on where it stopped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from connectors.models import Connection
from kleep_portal import crypto

BATCH = 200
ATTEMPTS = (
    3  # a row whose credentials change this often during its UPDATE is left to the next rotation
)


@dataclass
class Rotation:
    """What a rotation did, in connections."""

    resealed: int = 0
    current: int = 0  # under the first key already
    empty: int = 0
    gone: int = 0  # deleted, or changed again and again, meanwhile
    failed: list[UUID] = field(default_factory=list)  # open with none of the keys

    @property
    def total(self) -> int:
        return self.resealed + self.current + self.empty + self.gone + len(self.failed)


def rotate(on_row: Callable[[], object] = lambda: None) -> Rotation:
    """Re-seal all. `on_row` is called after each connection, for progress."""
    rotation = Rotation()
    for connection_id, sealed in _rows():
        _rotate_one(rotation, connection_id, sealed)
        on_row()
    return rotation


def _rows() -> Iterator[tuple[UUID, str]]:
    last: UUID | None = None
    while True:
        rows = Connection.objects.order_by("pk").values_list("pk", "sealed")
        batch = list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1][0]


def _rotate_one(rotation: Rotation, connection_id: UUID, sealed: str) -> None:
    row = Connection.objects.filter(pk=connection_id)
    for _attempt in range(ATTEMPTS):
        if not sealed:
            rotation.empty += 1
            return
        if crypto.is_under_first_key(sealed):
            rotation.current += 1
            return
        try:
            renewed = crypto.reseal(sealed)
        except crypto.SealError:
            rotation.failed.append(connection_id)
            return
        if row.filter(sealed=sealed).update(sealed=renewed):
            rotation.resealed += 1
            return
        changed = row.values_list("sealed", flat=True).first()
        if changed is None:
            break
        sealed = changed
    rotation.gone += 1

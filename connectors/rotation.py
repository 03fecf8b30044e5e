"""Seals all stored secrets under the first encryption key, while the portal runs.

They lie in every table that has a column named `sealed`, whichever app it belongs to.

Each row is one conditional UPDATE on the sealed text that was read: credentials that change meanwhile
win. What is under the first key is skipped, so an interrupted rotation goes on where it stopped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.apps import apps
from django.db.models import Model

from kleep_portal import crypto

BATCH = 200
ATTEMPTS = (
    3  # a row whose credentials change this often during its UPDATE is left to the next rotation
)


@dataclass
class Rotation:
    """What a rotation did, in rows."""

    resealed: int = 0
    current: int = 0  # under the first key already
    empty: int = 0
    gone: int = 0  # deleted, or changed again and again, meanwhile
    failed: list[UUID] = field(default_factory=list)  # open with none of the keys

    @property
    def total(self) -> int:
        return self.resealed + self.current + self.empty + self.gone + len(self.failed)


def rotate(on_row: Callable[[], object] = lambda: None) -> Rotation:
    """Re-seal all. `on_row` is called after each row, for progress."""
    rotation = Rotation()
    for table in tables():
        for row_id, sealed in _rows(table):
            _rotate_one(rotation, table, row_id, sealed)
            on_row()
    return rotation


def tables() -> list[type[Model]]:
    """Those with secrets in them."""
    return [
        model
        for model in apps.get_models()
        if any(field.name == "sealed" for field in model._meta.concrete_fields)
    ]


def count() -> int:
    """Rows to look at."""
    return sum(table._default_manager.count() for table in tables())


def _rows(table: type[Model]) -> Iterator[tuple[UUID, str]]:
    last: UUID | None = None
    while True:
        rows = table._default_manager.order_by("pk").values_list("pk", "sealed")
        batch = list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1][0]


def _rotate_one(rotation: Rotation, table: type[Model], row_id: UUID, sealed: str) -> None:
    row = table._default_manager.filter(pk=row_id)
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
            rotation.failed.append(row_id)
            return
        if row.filter(sealed=sealed).update(sealed=renewed):
            rotation.resealed += 1
            return
        changed = row.values_list("sealed", flat=True).first()
        if changed is None:
            break
        sealed = changed
    rotation.gone += 1

"""Seals all stored secrets under the first encryption key, while the portal runs.

They lie in every table that has a column named `sealed`, whichever app it belongs to; an app that keeps some
elsewhere adds them with also().

Each row is one conditional UPDATE on the sealed text that was read: secrets that change meanwhile win. What
is under the first key is skipped, so an interrupted rotation goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from django.apps import apps
from django.db.models import Model

from kleep_portal import crypto

BATCH = 200
ATTEMPTS = (
    3  # a row whose credentials change this often during its UPDATE is left to the next rotation
)


class Sealed(Protocol):
    """Rows of one table that hold a sealed text."""

    @property
    def name(self) -> str: ...

    def keys(self, after: Any = None) -> Iterator[Any]:
        """All keys in order, or those that come after one; it may come as text."""

    def read(self, key: Any) -> str | None:
        """The sealed text, blank where nothing is; None where the row is gone."""

    def swap(self, key: Any, old: str, new: str) -> bool:
        """Put the new text where the old one still is; whether it was."""


@dataclass(frozen=True)
class Column:
    """The column `sealed` of a table."""

    model: type[Model]

    @property
    def name(self) -> str:
        return self.model._meta.label

    def keys(self, after: Any = None) -> Iterator[Any]:
        last = after
        while True:
            rows = self.model._default_manager.order_by("pk").values_list("pk", flat=True)
            batch = list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
            yield from batch
            if len(batch) < BATCH:
                return
            last = batch[-1]

    def read(self, key: Any) -> str | None:
        rows = self.model._default_manager.filter(pk=key)
        return rows.values_list("sealed", flat=True).first()

    def swap(self, key: Any, old: str, new: str) -> bool:
        rows = self.model._default_manager.filter(pk=key, sealed=old)
        return rows.update(sealed=new) > 0


_elsewhere: list[Sealed] = []


def also(store: Sealed) -> None:
    """Renew the sealed texts of these rows, too."""
    if store not in _elsewhere:
        _elsewhere.append(store)


def stores() -> list[Sealed]:
    """Whatever holds secrets."""
    tables = [
        model
        for model in apps.get_models()
        if any(field.name == "sealed" for field in model._meta.concrete_fields)
    ]
    return [*map(Column, tables), *_elsewhere]


def named(name: str) -> Sealed:
    """Raises KeyError."""
    return {store.name: store for store in stores()}[name]


def count() -> int:
    """Rows to look at."""
    return sum(1 for store in stores() for _key in store.keys())  # noqa: SIM118  # no mapping


@dataclass
class Rotation:
    """What a rotation did, in rows."""

    renewed: list[Any] = field(default_factory=list)  # the keys of those that were sealed anew
    current: int = 0  # under the first key already
    empty: int = 0
    gone: int = 0  # deleted, or changed again and again, meanwhile
    failed: list[Any] = field(default_factory=list)  # open with none of the keys

    @property
    def resealed(self) -> int:
        return len(self.renewed)

    @property
    def total(self) -> int:
        return self.resealed + self.current + self.empty + self.gone + len(self.failed)


def rotate(on_row: Callable[[], object] = lambda: None) -> Rotation:
    """Re-seal all. `on_row` is called after each row, for progress."""
    rotation = Rotation()
    for store in stores():
        for key in store.keys():  # noqa: SIM118  # no mapping
            _rotate_one(rotation, store, key)
            on_row()
    return rotation


def next_keys(name: str, after: str | None) -> list[Any]:
    """The keys of BATCH rows of one store, in order, after that one; fewer at its end."""
    return list(islice(named(name).keys(after), BATCH))


def renew(name: str, keys: Iterable[Any]) -> Rotation:
    """Re-seal these rows of one store."""
    rotation, store = Rotation(), named(name)
    for key in keys:
        _rotate_one(rotation, store, key)
    return rotation


def _rotate_one(rotation: Rotation, store: Sealed, key: Any) -> None:
    for _attempt in range(ATTEMPTS):
        sealed = store.read(key)
        if sealed is None:
            break
        if not sealed:
            rotation.empty += 1
            return
        if crypto.is_under_first_key(sealed):
            rotation.current += 1
            return
        try:
            renewed = crypto.reseal(sealed)
        except crypto.SealError:
            rotation.failed.append(key)
            return
        if store.swap(key, sealed, renewed):
            rotation.renewed.append(key)
            return
    rotation.gone += 1

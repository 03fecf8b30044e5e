"""The products of a simulated shop, and how they are found."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from connectors.sandbox.magento.attributes import Labels

GONE = "GONE-01"  # deleted since: orders name it, no list does
DAYS = 720  # how far back the data goes


class Moments(NamedTuple):
    created: datetime
    updated: datetime


@dataclass(frozen=True, kw_only=True)
class Product:
    """`price` in cents, French tax included; `color` and `size` are option ids, 0 for none."""

    id: int
    sku: str
    kind: str  # Magento's type_id
    names: Labels
    price: int
    moments: Moments
    visibility: int = 4
    status: int = 1
    color: int = 0
    size: int = 0
    gender: int = 0
    brand: int = 0
    seasons: tuple[int, ...] = ()
    material: str = ""
    ean: str = ""
    weight: float = 0.35
    websites: tuple[int, ...] = (1, 2)
    categories: tuple[int, ...] = ()
    children: tuple[int, ...] = ()
    special_price: int = 0
    extras: tuple[str, ...] = ()  # SKUs in a bundle or a group

    @property
    def created_at(self) -> datetime:
        return self.moments.created

    @property
    def updated_at(self) -> datetime:
        return self.moments.updated

    def name(self, store: str) -> str:
        return self.names.get(store, self.names["all"])


class Catalogue:
    """All products of a shop, found by what they are looked for."""

    def __init__(self, products: Sequence[Product]) -> None:
        self.products = products
        self.by_id = {one.id: one for one in products}
        self.by_sku = {one.sku.lower(): one for one in products}
        self.styles = [one for one in products if one.kind == "configurable"]
        self.simples = [one for one in products if one.kind == "simple" and one.categories]

    def first(self, kind: str) -> Product | None:
        return next((one for one in self.products if one.kind == kind), None)

    @property
    def gone(self) -> Product | None:
        """Deleted since: orders name it, no list does."""
        return self.by_sku.get(GONE.lower())


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(char if char.isalnum() else " " for char in plain).split())

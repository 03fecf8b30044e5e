"""The records of the simulated shop, by list, and what a shop's own people do to them."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.wshop import goods
from connectors.sandbox.wshop.goods import Record


@dataclass
class Stock:
    """`records`: list name -> records, in no promised order."""

    records: dict[str, list[Record]]

    @classmethod
    def made(cls, *, seed: int = 1, orders: int = 400, ends: datetime | None = None) -> "Stock":
        """The same for the same seed. `ends`: when anything changed last, if not in the shop's own time."""
        rng = random.Random(seed)
        products = goods.products()
        sold = goods.orders(products, orders, rng)
        returned = goods.returns(sold, rng)
        last = max(record["updated_at"] for record in (*products, *sold, *returned))
        moved = ends - last if ends else timedelta(0)
        return cls(
            {
                "products": goods.shifted(products, moved),
                "sizes": list(goods.SIZES),
                "departments": list(goods.DEPARTMENTS),
                "attributes": goods.attributes(),
                "orders": goods.shifted(sold, moved),
                "returns": goods.shifted(returned, moved),
                "reasons": list(goods.REASONS),
            }
        )

    def find(self, name: str, id: int) -> Record:
        """Raises StopIteration where there is none."""
        return next(record for record in self.records[name] if record["id"] == id)

    def edit(self, name: str, id: int, *, at: datetime, **changes: Any) -> None:
        self.find(name, id).update(changes, updated_at=at)

    def remove(self, name: str, id: int) -> None:
        self.records[name] = [record for record in self.records[name] if record["id"] != id]

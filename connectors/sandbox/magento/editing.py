"""What a shop's people do while it is read: change, add and delete records."""

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.sandbox.magento.product_json import moment
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.tables import Record

if TYPE_CHECKING:
    from connectors.sandbox.magento.shop import SandboxShop

# Tables drawn from the orders: after an edit they are drawn anew.
FOLLOWING = ("order_items",)


class Editor:
    """Edits one shop, safely while it answers. `table`: orders, products, customers, creditmemos..."""

    def __init__(self, shop: "SandboxShop") -> None:
        self._shop = shop

    def touch(self, table: str, key: int, at: datetime | None = None, **changes: object) -> None:
        """Change fields of a record, which moves its updated_at to `at` or now. Raises KeyError."""
        changed = moment(at or self._shop.server_time())
        with self._shop.lock:
            self._shop.tables[table].change(key, {**changes, "updated_at": changed})
            self._forget(table)

    def change_silently(self, table: str, key: int, **changes: object) -> None:
        """As stock, prices and category links change: updated_at stays. Raises KeyError."""
        with self._shop.lock:
            self._shop.tables[table].change(key, dict(changes))
            self._forget(table)

    def add(self, table: str, row: Json, at: datetime | None = None) -> int:
        """A new record, under the next number unless `row` has one. Gives its number."""
        moved = moment(at or self._shop.server_time())
        with self._shop.lock:
            into = self._shop.tables[table]
            name = "id" if table in ("products", "customers") else into.key
            number = row.get(name) or max(into.records, default=0) + 1
            body = {"created_at": moved, "updated_at": moved, **row, name: number}
            columns = body if name == into.key else {**body, into.key: number}
            into.add(Record(int(number), columns, body))
            self._forget(table)
        return int(number)

    def delete(self, table: str, key: int) -> None:
        """Raises KeyError. No list says that it ever was."""
        with self._shop.lock:
            self._shop.tables[table].delete(key)
            self._forget(table)

    def set_quantity(self, sku: str, quantity: int, source: str = "default") -> None:
        """Stock moves nothing but itself. Raises KeyError where that source does not have the SKU."""
        with self._shop.lock:
            items = self._shop.tables["source_items"]
            for key, record in items.records.items():
                if (record.columns["sku"], record.columns["source_code"]) == (sku, source):
                    items.change(key, {"quantity": quantity, "status": int(quantity > 0)})
                    return
        raise KeyError(sku)

    def _forget(self, table: str) -> None:
        if table == "orders":
            for name in FOLLOWING:
                self._shop.tables.pop(name, None)

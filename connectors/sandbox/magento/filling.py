"""Fills the tables of a shop, each the first time it is asked for. Bodies are drawn when they are shown."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from connectors.sandbox.magento import (
    creditmemos,
    documents,
    orders,
    people,
    product_json,
    refunds,
    rma,
    stock,
)
from connectors.sandbox.magento.attributes import ATTRIBUTES, attribute_json
from connectors.sandbox.magento.creditmemos import Memo
from connectors.sandbox.magento.known import EAV_KNOWN, FLAT_KNOWN
from connectors.sandbox.magento.lines import Line
from connectors.sandbox.magento.order_json import OrderPrinter
from connectors.sandbox.magento.orders import Order, Planner
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.tables import Columns, Draw, Record, Table

if TYPE_CHECKING:
    from connectors.sandbox.magento.shop import SandboxShop


class Tables(dict[str, Table]):
    """The tables of one shop by name."""

    def __init__(self, shop: "SandboxShop") -> None:
        super().__init__()
        self._shop = shop
        self._plans: dict[int, Order] = {}
        self._fill: dict[str, Callable[[], Table]] = {
            "attributes": self._attributes,
            "products": self._products,
            "customers": self._customers,
            "orders": self._orders,
            "order_items": self._order_items,
            "creditmemos": self._creditmemos,
            "invoices": self._invoices,
            "shipments": self._shipments,
            "returns": self._returns,
            "source_items": self._source_items,
        }

    def __missing__(self, name: str) -> Table:
        with self._shop.lock:
            if name not in self:
                self[name] = self._fill[name]()
            return self[name]

    # --- the catalogue ---

    def _attributes(self) -> Table:
        def draw(record: Record, store: str) -> Json:
            body = attribute_json(ATTRIBUTES[record.columns["attribute_code"]], store)
            del body["extension_attributes"]  # a list has none
            return body

        table = Table("attributes", key="attribute_id", draw=draw)
        table.records = dict(_attribute_records())
        return table

    def _products(self) -> Table:
        catalogue = self._shop.catalogue

        def draw(record: Record, store: str) -> Json:
            product = catalogue.by_id[record.key]
            return product_json.product_json(product, store, catalogue.by_id)

        table = Table("products", EAV_KNOWN["products"], flat=False, draw=draw)
        for product in catalogue.products:
            if product is not catalogue.gone:
                table.add(Record(product.id, product_json.columns(product)))
        return table

    def _source_items(self) -> Table:
        table = Table("source_items", FLAT_KNOWN["source_items"], key="source_item_id")
        listed = [
            one for one in self._shop.catalogue.products if one is not self._shop.catalogue.gone
        ]
        for row in stock.source_items(self._shop.seed, listed):
            shown = {name: value for name, value in row.items() if name != "source_item_id"}
            table.add(Record(row["source_item_id"], row, shown))
        return table

    # --- people ---

    def _customers(self) -> Table:
        everybody = {person.id: person for person in self._shop.people}
        table = Table(
            "customers",
            EAV_KNOWN["customers"],
            flat=False,
            draw=lambda record, _store: people.customer_json(everybody[record.key]),
        )
        for person in everybody.values():
            table.add(Record(person.id, people.columns(person)))
        return table

    # --- sales ---

    def plans(self) -> dict[int, Order]:
        """All orders as they were planned, edits aside."""
        if not self._plans and self._shop.order_count:
            shop = self._shop
            planner = Planner(shop.seed, shop.order_count, shop.anchor, shop.people, {})
            self._plans = {at: planner.order(at) for at in range(1, shop.order_count + 1)}
        return self._plans

    def lines(self, order: Order) -> list[Line]:
        return orders.basket(order, self._shop.seed, self._shop.catalogue)

    def printer(self, order: Order) -> OrderPrinter:
        return OrderPrinter(order, self.lines(order), self._shop.switches.child_prices)

    def _orders(self) -> Table:
        table = Table(
            "orders",
            FLAT_KNOWN["orders"],
            draw=lambda record, _store: self.printer(self.plans()[record.key]).body(),
        )
        for order in self.plans().values():
            table.add(Record(order.id, orders.columns(order)))
        return table

    def _order_items(self) -> Table:
        """Drawn from the orders there are: deleted ones are gone from here too."""
        table = Table("order_items", FLAT_KNOWN["order_items"], key="item_id")
        for number, record in self["orders"].records.items():
            items = (
                record.body["items"] if record.body else self.printer(self.plans()[number]).items()
            )
            for item in items:
                shown = _without_taxes(item)
                if "parent_item" in shown:
                    shown["parent_item"] = _without_taxes(shown["parent_item"])
                table.add(Record(item["item_id"], shown, shown))
        return table

    def _creditmemos(self) -> Table:
        memos: dict[int, Memo] = {}
        for order in self.plans().values():
            for at in range(refunds.memo_count(order)):
                memos[len(memos) + 1] = Memo(len(memos) + 1, order, at)

        def draw(record: Record, _store: str) -> Json:
            memo = memos[record.key]
            return creditmemos.memo_json(memo, self.lines(memo.order))

        table = Table("creditmemos", FLAT_KNOWN["creditmemos"], draw=draw)
        for memo in memos.values():
            table.add(Record(memo.id, memo.columns))
        return table

    def _invoices(self) -> Table:
        return self._documents(
            "invoices",
            lambda order: documents.columns(order, days=1) if order.situation.is_invoiced else None,
            lambda order: documents.invoice_json(order, self.lines(order)),
        )

    def _shipments(self) -> Table:
        return self._documents(
            "shipments",
            lambda order: documents.columns(order, days=2) if order.situation.shipped else None,
            lambda order: documents.shipment_json(order, self.lines(order)),
        )

    def _returns(self) -> Table:
        def body(order: Order) -> Json:
            lines = self.lines(order)
            return rma.return_json(order, lines, refunds.refunds(order, lines))

        wanted = ("everything", "one line", "two times")
        return self._documents(
            "returns",
            lambda order: rma.columns(order) if order.situation.refund in wanted else None,
            body,
        )

    def _documents(
        self,
        name: str,
        columns: Callable[[Order], Columns | None],
        body: Callable[[Order], Json],
    ) -> Table:
        """One document for each order that has it."""
        draw: Draw = lambda record, _store: body(self.plans()[record.key])  # noqa: E731 (typed)
        table = Table(name, FLAT_KNOWN[name], draw=draw)
        for order in self.plans().values():
            found = columns(order)
            if found is not None:
                table.add(Record(order.id, found))
        return table


def _without_taxes(item: Json) -> Json:
    """The itemized taxes of a line are only told within its order."""
    return {name: value for name, value in item.items() if name != "extension_attributes"}


@cache
def _attribute_records() -> dict[int, Record]:
    """The same in every shop; nobody edits them."""
    return {
        one.id: Record(one.id, attribute_json(one, "all") | {"attribute_id": one.id})
        for one in ATTRIBUTES.values()
    }

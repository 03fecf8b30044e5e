"""How Magento prints the lines of an order: a pair of items for a configurable, one item for the rest."""

from dataclasses import dataclass

from connectors.sandbox.magento import attributes
from connectors.sandbox.magento.lines import Amounts, Line
from connectors.sandbox.magento.money import euros
from connectors.sandbox.magento.order_taxes import itemized
from connectors.sandbox.magento.order_totals import both
from connectors.sandbox.magento.orders import Order
from connectors.sandbox.magento.people import moment
from connectors.sandbox.magento.refunds import Refunds
from connectors.sandbox.magento.replies import Json


@dataclass(frozen=True)
class ItemPrinter:
    """Prints the items of one order. `child_prices`: as Magento 2.3 did."""

    order: Order
    lines: list[Line]
    refunds: Refunds
    child_prices: bool = False

    def items(self) -> list[Json]:
        made: list[Json] = []
        for at, line in enumerate(self.lines):
            parent = self._item(line, is_shipped=self._is_shipped(at))
            made.append(parent)
            if line.is_pair:
                made.append(self._child(line, parent))
            for part in line.parts:
                inside = self._item(part, is_shipped=self._is_shipped(at))
                made.append(inside | {"parent_item_id": line.item_id, "parent_item": parent})
        return made

    def _is_shipped(self, at: int) -> bool:
        shipped = self.order.situation.shipped
        return shipped == "all" or (shipped == "some" and at == 0)

    def _item(self, line: Line, *, is_shipped: bool) -> Json:
        order, is_bundle = self.order, line.product.kind == "bundle"
        store = order.store.code
        item = self._common(line.item_id, line.product.id, line.bought.sku, line.product.kind)
        item |= _amounts(line, order)
        item |= {
            "name": line.product.name(store),
            "discount_percent": line.discount_percent,
            "is_virtual": int(line.product.kind == "virtual"),
            "row_weight": round(self._weight(line) * line.quantity, 4),
            **self._quantities(line, is_shipped=is_shipped and line.product.kind != "virtual"),
            **self._refunded(line),
        }
        if not is_bundle:
            item["tax_percent"] = line.tax_percent
        if line.product.kind != "virtual":
            item["weight"] = self._weight(line)
        if order.coupon:
            item["applied_rule_ids"] = "1"
        if order.situation.is_invoiced and not is_bundle:
            item["weee_tax_applied"] = "[]"
        item |= _product_option(line)
        item["extension_attributes"] = {
            "itemized_taxes": [] if is_bundle else [itemized(self.order, line)]
        }
        return item

    def _child(self, line: Line, parent: Json) -> Json:
        """Has the variant's own id, and none of the money."""
        bought, quantities = line.bought, self._quantities(line, is_shipped=False)
        item = self._common(line.child_id, bought.id, bought.sku, "simple")
        zeros = ("price", "row_invoiced", "row_total", "row_total_incl_tax", "tax_amount", "tax_invoiced",
                 "discount_amount", "discount_invoiced", "amount_refunded")  # fmt: skip
        item |= {name: 0 for zero in zeros for name in (zero, f"base_{zero}")}
        if self.child_prices:
            item |= {name: parent[name] for name in ("price", "base_price")}
        item |= {
            "name": bought.name(self.order.store.code),
            "base_cost": round(bought.price * 0.38 / 100, 4),
            "discount_percent": 0,
            "is_virtual": 0,
            "original_price": 0,
            "parent_item_id": line.item_id,
            **quantities,
            "qty_canceled": 0,
            "row_weight": 0,
            "tax_percent": 0,
            "weight": bought.weight,
        }
        if self.order.situation.is_invoiced:
            item |= both("discount_tax_compensation_invoiced", 0, 0)
        if "tax_refunded" in parent:
            item |= _refund_amounts(None, None)
        if "tax_canceled" in parent:
            item |= {"tax_canceled": 0, "discount_tax_compensation_canceled": 0}
        item["parent_item"] = parent
        item["extension_attributes"] = {"itemized_taxes": []}
        return item

    def _common(self, item_id: int, product_id: int, sku: str, kind: str) -> Json:
        created = moment(self.order.created_at)
        return {
            "created_at": created,
            "updated_at": created,
            "free_shipping": 0,
            "is_qty_decimal": 0,
            "item_id": item_id,
            "no_discount": 0,
            "order_id": self.order.id,
            "product_id": product_id,
            "product_type": kind,
            "quote_item_id": item_id + 7,
            "sku": sku,
            "store_id": self.order.store.id,
        }

    def _quantities(self, line: Line, *, is_shipped: bool) -> Json:
        situation = self.order.situation
        return {
            "qty_ordered": line.quantity,
            "qty_invoiced": line.quantity if situation.is_invoiced else 0,
            "qty_shipped": line.quantity if is_shipped else 0,
            "qty_canceled": line.quantity if situation.state == "canceled" else 0,
            "qty_refunded": self.refunds.quantity(line.item_id),
        }

    def _refunded(self, line: Line) -> Json:
        if self.order.situation.state == "canceled":
            made = both("amount_refunded", 0, 0)
            return made | {
                "tax_canceled": euros(line.order.tax),
                "discount_tax_compensation_canceled": euros(line.order.compensation),
            }
        quantity = self.refunds.quantity(line.item_id)
        if not quantity or line.parts:  # what a bundle costs is refunded with its parts
            return both("amount_refunded", 0, 0)
        order, base = (one.part(quantity, line.quantity) for one in (line.order, line.base))
        return both("amount_refunded", order.row, base.row) | _refund_amounts(order, base)

    def _weight(self, line: Line) -> float:
        return 0 if line.product.kind == "virtual" else line.product.weight


def _amounts(line: Line, of: Order) -> Json:
    """REST prints row totals without the discount, other than the database, invoices and refunds."""
    order, base = line.order, line.base
    is_bundle, is_invoiced = line.product.kind == "bundle", of.situation.is_invoiced
    made = both("price", order.price, base.price)
    made |= both("price_incl_tax", order.price_incl_tax, base.price_incl_tax)
    made |= both("row_total", order.row_after_discount, base.row_after_discount)
    made |= both(
        "row_total_incl_tax", order.row_incl_tax_after_discount, base.row_incl_tax_after_discount
    )
    made |= both("tax_amount", order.tax, base.tax)
    made |= both("discount_amount", order.discount, base.discount)
    original = base.price_incl_tax if is_bundle else line.bought.price
    made["base_original_price"] = euros(original)
    made["original_price"] = (
        round(original / 100 * of.store.rate, 4) if of.store.rate != 1 else euros(original)
    )
    done = is_invoiced and not is_bundle
    made |= both("row_invoiced", order.row if done else 0, base.row if done else 0)
    made |= both("tax_invoiced", order.tax if done else 0, base.tax if done else 0)
    made |= both("discount_invoiced", order.discount if done else 0, base.discount if done else 0)
    if not is_bundle:
        made |= both("discount_tax_compensation_amount", order.compensation, base.compensation)
    if is_invoiced:
        made |= both(
            "discount_tax_compensation_invoiced",
            order.compensation if done else 0,
            base.compensation if done else 0,
        )
    return made


def _refund_amounts(order: Amounts | None, base: Amounts | None) -> Json:
    made: Json = {}
    for name, of in (
        ("tax_refunded", "tax"),
        ("discount_refunded", "discount"),
        ("discount_tax_compensation_refunded", "compensation"),
    ):
        made |= both(name, getattr(order, of, 0), getattr(base, of, 0))
    return made


def _product_option(line: Line) -> Json:
    if line.is_pair:
        chosen = [
            {"option_id": str(attribute.id), "option_value": value}
            for attribute, value in (
                (attributes.COLOR, line.bought.color),
                (attributes.SIZE, line.bought.size),
            )
        ]
        return {"product_option": {"extension_attributes": {"configurable_item_options": chosen}}}
    if line.parts:
        chosen = [
            {"option_id": at, "option_qty": 1, "option_selections": [at]}
            for at in range(1, len(line.parts) + 1)
        ]
        return {"product_option": {"extension_attributes": {"bundle_options": chosen}}}
    return {}

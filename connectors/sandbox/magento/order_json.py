"""How Magento prints an order: its totals, addresses and payment, and its items twice over."""

import hashlib
from dataclasses import dataclass

from connectors.sandbox.magento import order_totals, refunds
from connectors.sandbox.magento.lines import Line
from connectors.sandbox.magento.order_items import ItemPrinter
from connectors.sandbox.magento.order_taxes import order_taxes
from connectors.sandbox.magento.order_totals import Sums, both
from connectors.sandbox.magento.orders import Order
from connectors.sandbox.magento.people import TOWNS, moment
from connectors.sandbox.magento.refunds import Refunds
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.shipping import Shipping, shipping

PAYMENTS = {"checkmo": "Check / Money order", "banktransfer": "Bank Transfer Payment"}


def sums_of(order: Order, lines: list[Line], sent: Shipping, given_back: Refunds) -> Sums:
    refunded = None
    if given_back.every:
        in_order, in_base = (
            order_totals.together(
                [
                    refunds.given(one, lines, sent, rate=order.store.rate, in_base=in_base)
                    for one in given_back.every
                ]
            )
            for in_base in (False, True)
        )
        refunded = in_order, in_base
    return Sums(
        order_totals.totals(lines, sent, in_base=False),
        order_totals.totals(lines, sent, in_base=True),
        refunded,
    )


@dataclass(frozen=True)
class OrderPrinter:
    """Prints one order. `child_prices`: as Magento 2.3 did."""

    order: Order
    lines: list[Line]
    child_prices: bool = False

    def items(self) -> list[Json]:
        given_back = refunds.refunds(self.order, self.lines)
        return ItemPrinter(self.order, self.lines, given_back, self.child_prices).items()

    def body(self) -> Json:
        order, lines = self.order, self.lines
        sent = shipping(order, lines)
        given_back = refunds.refunds(order, lines)
        sums = sums_of(order, lines, sent, given_back)
        is_paid = order.situation.is_invoiced
        body = self._head(sent) | order_totals.ordered(sums) | self._customer()
        if is_paid:
            body |= order_totals.invoiced(sums) | {"base_total_invoiced_cost": self._cost()}
        if order.situation.state == "canceled":
            body |= order_totals.canceled(sums)
        body |= order_totals.given_back(sums)
        due = (0, 0) if is_paid else (sums.order.grand, sums.base.grand)
        payment = self._payment(sums)
        items = ItemPrinter(order, lines, given_back, self.child_prices).items()
        return body | {
            **both("total_due", *due),
            "items": items,
            "billing_address": self._address("billing"),
            "payment": payment,
            "status_histories": self._histories(given_back),
            "extension_attributes": {
                "shipping_assignments": [{"shipping": self._shipping(sent, sums), "items": items}],
                "payment_additional_info": _payment_info(payment),
                "converting_from_quote": False,
                **order_taxes(order, lines, sums),
            },
        }

    def _head(self, sent: Shipping) -> Json:
        order, store = self.order, self.order.store
        head: Json = {
            "base_currency_code": "EUR",
            "base_to_global_rate": 1,
            "base_to_order_rate": store.rate,
            "billing_address_id": order.id * 2,
            "created_at": moment(order.created_at),
            "email_sent": 1,
            "entity_id": order.id,
            "global_currency_code": "EUR",
            "increment_id": order.number,
            "is_virtual": 0,
            "order_currency_code": store.currency,
            "protect_code": hashlib.sha256(order.number.encode()).hexdigest()[:32],
            "quote_id": order.id + 3,
            "remote_ip": f"192.0.2.{order.id % 250 + 1}",
            "shipping_description": sent.description,
            "state": order.situation.state,
            "status": order.situation.status,
            "store_currency_code": "EUR",
            "store_id": store.id,
            "store_name": store.full_name,
            "store_to_base_rate": 0,
            "store_to_order_rate": 0,
            "total_item_count": len(self.lines),
            "total_qty_ordered": sum(line.quantity for line in self.lines),
            "updated_at": moment(order.updated_at),
            "weight": round(sum(line.quantity * line.product.weight for line in self.lines), 4),
        }
        if order.coupon:
            head |= {"applied_rule_ids": "1", "coupon_code": "BIENVENUE"}
            head["discount_description"] = "Bienvenue"
        if order.situation.state == "holded":
            head |= {"hold_before_state": "new", "hold_before_status": "pending"}
        return head

    def _customer(self) -> Json:
        """Personal data, as any order carries it, whatever permission on customers is missing."""
        order, person = self.order, self.order.person
        body: Json = {
            "customer_email": person.email,
            "customer_firstname": person.first_name,
            "customer_group_id": person.group,
            "customer_is_guest": int(order.is_guest),
            "customer_lastname": person.last_name,
            "customer_note_notify": 1,
        }
        if not order.is_guest and not order.customer_gone:
            body["customer_id"] = person.id
        if person.gender:
            body |= {"customer_gender": person.gender, "customer_dob": f"{person.born} 00:00:00"}
            body["customer_taxvat"] = person.tax_number
        return body

    def _cost(self) -> float:
        pairs = [line for line in self.lines if line.is_pair]
        return round(sum(line.bought.price * 0.0038 * line.quantity for line in pairs), 4)

    def _address(self, kind: str) -> Json:
        order, person = self.order, self.order.person
        city, postcode, street = TOWNS[person.country]
        address: Json = {
            "address_type": kind,
            "city": city,
            "country_id": person.country,
            "email": person.email,
            "entity_id": order.id * 2 - (kind == "shipping"),
            "firstname": person.first_name,
            "lastname": person.last_name,
            "parent_id": order.id,
            "postcode": postcode,
            "street": [street, "2e étage"],
            "telephone": "+33 1 99 00 00 00",
        }
        return address if order.is_guest else address | {"region_id": 0}

    def _shipping(self, sent: Shipping, sums: Sums) -> Json:
        is_invoiced = self.order.situation.is_invoiced
        total = order_totals.shipping_total(sums, is_invoiced=is_invoiced)
        if sums.refunded:
            order, base = sums.refunded
            total |= both("shipping_refunded", order.shipping, base.shipping)
            total |= both("shipping_tax_refunded", order.shipping_tax, base.shipping_tax)
        if self.order.situation.state == "canceled":
            total |= both("shipping_canceled", sums.order.shipping, sums.base.shipping)
        return {"address": self._address("shipping"), "method": sent.method, "total": total}

    def _payment(self, sums: Sums) -> Json:
        method = "checkmo" if self.order.id % 2 else "banktransfer"
        payment = {
            "account_status": None,
            "additional_information": [PAYMENTS[method], None][: 1 + (method != "checkmo")],
            **both("amount_ordered", sums.order.grand, sums.base.grand),
            **both("shipping_amount", sums.order.shipping, sums.base.shipping),
            "cc_last4": None,
            "entity_id": self.order.id,
            "method": method,
            "parent_id": self.order.id,
        }
        if self.order.situation.is_invoiced:
            payment |= both("amount_paid", sums.order.grand, sums.base.grand)
            payment |= both("shipping_captured", sums.order.shipping, sums.base.shipping)
        if sums.refunded:
            order, base = sums.refunded
            payment |= both("amount_refunded", order.total, base.total)
            payment |= both("shipping_refunded", order.shipping, base.shipping)
        return payment

    def _histories(self, given_back: Refunds) -> list[Json]:
        return [
            {
                "comment": "Refunded offline.",
                "created_at": moment(self.order.updated_at),
                "entity_id": self.order.id * 2 + one.at,
                "entity_name": "creditmemo",
                "is_customer_notified": 0,
                "is_visible_on_front": 0,
                "parent_id": self.order.id,
                "status": self.order.situation.status,
            }
            for one in reversed(given_back.every)
        ]


def _payment_info(payment: Json) -> list[Json]:
    info = [{"key": "method_title", "value": PAYMENTS[payment["method"]]}]
    if payment["method"] != "checkmo":
        info.append({"key": "instructions", "value": "null"})
    return info

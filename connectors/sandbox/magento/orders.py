"""Plans the orders of a shop from a seed: who, when, in what state. What they bought is drawn when needed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from connectors.sandbox.magento import people
from connectors.sandbox.magento.catalogue import DAYS, Catalogue
from connectors.sandbox.magento.lines import COUPON_PERCENT, Basket, Line
from connectors.sandbox.magento.people import Person
from connectors.sandbox.magento.stores import STORES, Store
from connectors.sandbox.magento.tables import Columns

SAME_SECOND = 25  # orders changed by one mass action, in one second


class Situation(Enum):
    """(state, status, invoiced, shipped, refund). `some`: only the first line was shipped."""

    COMPLETE = ("complete", "complete", True, "all", "")
    REFUNDED_IN_PART = ("complete", "complete", True, "all", "one line")
    REFUNDED_TWICE = ("complete", "complete", True, "all", "two times")
    ADJUSTED = ("complete", "complete", True, "all", "adjustment")
    CLOSED = ("closed", "closed", True, "all", "everything")
    PROCESSING = ("processing", "processing", True, "", "")
    PARTLY_SHIPPED = ("processing", "processing", True, "some", "")
    PENDING = ("new", "pending", False, "", "")
    HOLDED = ("holded", "holded", False, "", "")
    CANCELED = ("canceled", "canceled", False, "", "")

    @property
    def state(self) -> str:
        return self.value[0]

    @property
    def status(self) -> str:
        return self.value[1]

    @property
    def is_invoiced(self) -> bool:
        return self.value[2]

    @property
    def shipped(self) -> str:
        return self.value[3]

    @property
    def refund(self) -> str:
        return self.value[4]


WEIGHTS = (46, 8, 3, 3, 8, 8, 6, 7, 4, 7)


@dataclass(frozen=True, kw_only=True)
class Order:
    """`customer_gone`: ordered with an account that was deleted since."""

    id: int
    number: str
    store: Store
    person: Person
    situation: Situation
    created_at: datetime
    updated_at: datetime
    is_guest: bool
    customer_gone: bool = False
    coupon: bool = False
    free_shipping: bool = False

    def at(self, days: float) -> datetime:
        """A moment in its life, never after its last change."""
        return min(self.updated_at, self.created_at + timedelta(days=days)).replace(microsecond=0)


@dataclass
class Planner:
    """Makes the orders of one shop one after the other."""

    seed: int
    count: int
    anchor: datetime
    customers: Sequence[Person]
    _numbers: dict[int, int]

    def order(self, number: int) -> Order:
        random_ = random.Random(self.seed * 1_000_003 + number)
        situation = self._situation(number, random_)
        created, updated = self._moments(number, situation, random_)
        is_guest = not self.customers or random_.random() < 0.35 or number == 1
        store = random_.choice(list(STORES.values()))
        person = people.guest(number, random_, store, created) if is_guest else None
        if person is None:
            person = random_.choice(self.customers)
            store = person.store
        # Each store numbers its own orders.
        self._numbers[store.id] = self._numbers.get(store.id, 0) + 1
        return Order(
            id=number,
            number=f"{store.prefix}{self._numbers[store.id]:09}",
            store=store,
            person=person,
            situation=situation,
            created_at=created,
            updated_at=updated,
            is_guest=is_guest,
            customer_gone=not is_guest and number % 97 == 13,
            coupon=random_.random() < 0.25,
            free_shipping=random_.random() < 0.1,
        )

    def _situation(self, number: int, random_: random.Random) -> Situation:
        every = list(Situation)
        if number <= len(every):
            return every[number - 1]  # even a small shop has one of each
        return random_.choices(every, WEIGHTS)[0]

    def _moments(
        self, number: int, situation: Situation, random_: random.Random
    ) -> tuple[datetime, datetime]:
        start = self.anchor - timedelta(days=DAYS)
        created = start + timedelta(days=DAYS * (number - random_.random()) / self.count)
        days = 0.3 if situation is Situation.PENDING else random_.uniform(1, 14)
        updated = min(created + timedelta(days=days), self.anchor)
        first = self.count * 4 // 5
        if first <= number < first + min(SAME_SECOND, self.count // 8):
            updated = max(start + timedelta(days=DAYS * 0.9), created)
            updated = updated.replace(hour=3, minute=0, second=0)
        return created.replace(microsecond=0), max(created, updated).replace(microsecond=0)


def basket(order: Order, seed: int, catalogue: Catalogue) -> list[Line]:
    """The lines of an order: the same ones every time."""
    random_ = random.Random(seed * 7_919 + order.id)
    discount = COUPON_PERCENT if order.coupon else 0
    filled = Basket(order.id, order.person.country, order.store.rate, discount)
    lines = []
    if catalogue.simples and random_.random() < 0.08:  # accessories and nothing to wear
        simple = random_.choice(catalogue.simples)
        return [filled.line(simple, simple, 1), *_others(order, filled, random_, catalogue)]
    count = min(len(catalogue.styles), random_.choice((1, 1, 2, 2, 3)))
    for style in random_.sample(catalogue.styles, count):
        bought = catalogue.by_id[random_.choice(style.children)]
        lines.append(filled.line(style, bought, random_.choice((1, 1, 1, 2, 3))))
    return lines + _others(order, filled, random_, catalogue)


def _others(
    order: Order, filled: Basket, random_: random.Random, catalogue: Catalogue
) -> list[Line]:
    """Now and then an accessory, a service, a bundle, or what the shop no longer has."""
    lines = []
    if catalogue.simples and random_.random() < 0.3:
        simple = random_.choice(catalogue.simples)
        lines.append(filled.line(simple, simple, random_.choice((1, 2))))
    service, bundle, gone = catalogue.first("virtual"), catalogue.first("bundle"), catalogue.gone
    if service and order.id % 20 == 15:
        lines.append(filled.line(service, service, 1))
    if bundle and order.id % 20 == 12:
        parts = [catalogue.by_sku[sku.lower()] for sku in bundle.extras[:2]]
        lines.append(filled.bundle(bundle, parts))
    if gone and order.id % 50 == 14:
        lines.append(filled.line(gone, gone, 1))
    return lines


def columns(order: Order) -> Columns:
    """What orders are most often filtered and sorted by; the rest is drawn when asked for."""
    return {
        "entity_id": order.id,
        "increment_id": order.number,
        "created_at": people.moment(order.created_at),
        "updated_at": people.moment(order.updated_at),
        "state": order.situation.state,
        "status": order.situation.status,
        "store_id": order.store.id,
        "customer_id": None if order.is_guest or order.customer_gone else order.person.id,
        "customer_is_guest": int(order.is_guest),
        "customer_email": order.person.email,
        "order_currency_code": order.store.currency,
    }

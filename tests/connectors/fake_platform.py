"""A platform for the tests of the engine: a real Connector over records in memory that change meanwhile.

Its pager is the Magento keyset, over an evaluator of its questions that is small enough to be seen to be
right. `PAGE_NUMBERS` is the pager that everybody writes first; tests use it to show that they catch a loss.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from connectors.asking import asking
from connectors.base import Connector, Extent, Page, Position, Probe, Resource, Row, Span
from connectors.datasets import CUSTOMERS, ORDERS, PRODUCTS, STOCK, Dataset
from connectors.errors import ConnectorError
from connectors.magento.keyset import Listing, walk
from connectors.magento.question import Criteria

KEYSET, PAGE_NUMBERS = "keyset", "page numbers"
NOTHING = Extent(first=0, last=0, total=0)


@dataclass(frozen=True)
class Record:
    id: int
    updated_at: datetime
    value: str

    @property
    def position(self) -> Position:
        return Position(self.updated_at, self.id)


@dataclass
class FakeShop:
    """`before_answer` runs before every answer, in the reading thread: it may change the shop, or raise."""

    page_size: int = 3
    pager: str = KEYSET
    records: dict[int, Record] = field(default_factory=dict)
    before_answer: Callable[[], None] = lambda: None
    refusals: dict[str, ConnectorError] = field(default_factory=dict)  # by resource, in a probe
    counts: dict[str, int] = field(default_factory=dict)  # by resource, in a probe
    scopes: list[str] = field(default_factory=lambda: [""])
    asked: list[Criteria] = field(default_factory=list)
    opened: int = 0
    threads: set[str] = field(default_factory=set)
    last_id: int = 0  # never given to another record
    spans: list[tuple[int, int | None]] = field(default_factory=list)  # each question by id
    lock: threading.RLock = field(default_factory=threading.RLock)  # several threads read by id
    counting: threading.Lock = field(default_factory=threading.Lock)
    at_once: int = 0  # questions by id
    most_at_once: int = 0

    def put(self, id: int, value: str, at: datetime | None = None) -> Record:
        """A record written now by the shop's clock, which is the test's."""
        moment = (at or timezone.now()).replace(microsecond=0)
        self.records[id] = Record(id, moment, value)
        self.last_id = max(self.last_id, id)
        return self.records[id]

    def remove(self, id: int) -> None:
        del self.records[id]

    def after(self, id: int, last: int | None) -> list[Record]:
        """The next page of a reading by id."""
        with asking(), self._counted(), self.lock:
            self.before_answer()
            self.threads.add(threading.current_thread().name)
            self.spans.append((id, last))
            found = sorted(n for n in self.records if id < n and (last is None or n <= last))
            return [self.records[n] for n in found[: self.page_size]]

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self.counting:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self.counting:
                self.at_once -= 1

    def answer(self, criteria: Criteria) -> Listing[Record]:
        self.before_answer()
        self.threads.add(threading.current_thread().name)
        self.asked.append(criteria)
        found = sorted(
            (record for record in self.records.values() if _matches(record, criteria)),
            key=lambda record: [getattr(record, _ATTRIBUTES[name]) for name in criteria.sort],
        )
        return Listing(found[: criteria.page_size], len(found), criteria.page_size)


_ATTRIBUTES = {"updated_at": "updated_at", "entity_id": "id"}
_CONDITIONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gteq": lambda a, b: a >= b,
    "lteq": lambda a, b: a <= b,
}


def _matches(record: Record, criteria: Criteria) -> bool:
    return all(
        _CONDITIONS[one.condition](getattr(record, _ATTRIBUTES[one.field]), _typed(one.value))
        for one in criteria.filters
    )


def _typed(value: str) -> int | datetime:
    return int(value) if value.isdigit() else datetime.fromisoformat(value).replace(tzinfo=UTC)


class FakeConnector(Connector):
    key = "fake"
    label = "Fake"
    form = forms.Form
    resources = (
        Resource(name="modules", label="Modules", path="modules"),
        Resource(
            name="orders",
            label="Orders",
            path="orders",
            dataset=ORDERS,
            cursor_field="updated_at",
            required=True,
        ),
        Resource(
            name="products",
            label="Products",
            path="products",
            dataset=PRODUCTS,
            cursor_field="updated_at",
            required=True,
            scoped=True,
        ),
        Resource(name="stock", label="Stock", path="stock", dataset=STOCK),
        Resource(
            name="customers",
            label="Customers",
            path="customers",
            dataset=CUSTOMERS,
            cursor_field="updated_at",
        ),
    )
    secret_names = ()
    shops: ClassVar[dict[int, FakeShop]] = {}
    numbers: ClassVar[Iterator[int]] = count(1)

    @classmethod
    def opens(cls, shop: FakeShop) -> dict[str, int]:
        """The configuration of a connection to this shop."""
        number = next(cls.numbers)
        cls.shops[number] = shop
        return {"shop": number}

    @property
    def shop(self) -> FakeShop:
        return self.shops[self.settings.config["shop"]]

    def close(self) -> None:
        self.shop.opened += 1

    def prove(self) -> None:
        self.shop.before_answer()

    def probe(self, resource: Resource) -> Probe:
        if error := self.shop.refusals.get(resource.name):
            return Probe(resource=resource.name, error=error, http_status=error.http_status)
        self.shop.before_answer()
        number = self.shop.counts.get(resource.name, 1)
        return Probe(resource=resource.name, count=number, http_status=200, request_id="r-1")

    def scopes(self, resource: Resource) -> list[str]:
        return self.shop.scopes if resource.scoped else [""]

    def pages(
        self, resource: Resource, *, since: Position | None, until: datetime, scope: str = ""
    ) -> Iterator[Page]:
        assert resource.dataset is not None
        pager = keyset_pages if self.shop.pager == KEYSET else numbered_pages
        for records, position, remaining in pager(self.shop, since, until):
            rows = [row_of(resource.dataset, record) for record in records]
            yield Page(rows=rows, fetched=len(records), position=position, remaining=remaining)


Pages = Iterator[tuple[list[Record], Position, int]]


def keyset_pages(shop: FakeShop, since: Position | None, until: datetime) -> Pages:
    batches = walk(
        shop.answer,
        lambda record: record.position,
        since=since,
        until=until,
        page_size=shop.page_size,
    )
    for batch in batches:
        yield batch.records, batch.position, batch.remaining


def numbered_pages(shop: FakeShop, since: Position | None, until: datetime) -> Pages:
    """Page 1, page 2, ... of a list that moves meanwhile: loses rows."""
    for number in count():
        shop.before_answer()
        found = sorted(record.position for record in shop.records.values())
        window = [p for p in found if p.at <= until and (since is None or p > since)]
        page = window[number * shop.page_size : (number + 1) * shop.page_size]
        if page:
            yield [shop.records[p.id] for p in page], page[-1], len(window)
        if len(page) < shop.page_size:
            return


def row_of(dataset: Dataset, record: Record) -> dict[str, Any]:
    """A record as a row of any dataset; the value stands in one of its text columns."""
    id, at = str(record.id), record.updated_at
    if dataset is ORDERS:
        return ORDERS.row(
            order_id=id,
            line_id=id,
            order_date=at,
            product_id=id,
            variant_id=id,
            quantity=Decimal(1),
            status=record.value,
            updated_at=at,
        )
    if dataset is PRODUCTS:
        return PRODUCTS.row(product_id=id, variant_id=id, title=record.value, updated_at=at)
    if dataset is STOCK:
        return STOCK.row(sku=id, location=record.value, quantity=Decimal(record.id))
    return CUSTOMERS.row(customer_ref=id, gender=record.value, updated_at=at)


class FakeNumberedConnector(FakeConnector):
    """The same shop; its orders and products can be read by id, and products are reconciled."""

    key = "numbered"
    resources = tuple(
        replace(
            resource,
            by_id=resource.name in {"orders", "products"},
            reconciled=resource.name == "products",
        )
        for resource in FakeConnector.resources
    )

    def extent(self, resource: Resource, *, scope: str = "") -> Extent:
        self.shop.before_answer()
        with self.shop.lock:
            ids = sorted(self.shop.records)
        return Extent(first=ids[0], last=ids[-1], total=len(ids)) if ids else NOTHING

    def by_id(self, resource: Resource, *, span: Span, scope: str = "") -> Iterator[Page]:
        assert resource.dataset is not None
        after = span.after
        while page := self.shop.after(after, span.last):
            after = page[-1].id
            yield Page(
                fetched=len(page),
                position=Position(page[-1].updated_at, after),
                later=partial(self.rows, resource.dataset, page),
            )

    def rows(self, dataset: Dataset, page: list[Record]) -> list[Row]:
        return [row_of(dataset, record) for record in page]

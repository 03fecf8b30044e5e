"""A few rows of what was pulled, to recognise the shop by: an allow-list of columns, nothing personal."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import pgettext_lazy

from connectors import catalogue, exporting
from connectors.arrivals import COUNTED
from connectors.base import Row
from connectors.datasets import DATASETS, ORDERS, PRODUCTS
from connectors.models import TABLES
from onboarding.models import Shop

VARIANTS = 20
ORDERS_SHOWN = 10
LINES_READ = 200  # enough for ten orders, bounded where one order has hundreds of lines

VARIANT_COLUMNS = ("sku", "title", "size_label", "color", "price", "currency", "active")
ORDER_COLUMNS = (
    "order_id",
    "order_date",
    "status",
    "sku",
    "size_label",
    "quantity",
    "price",
    "currency",
)
# Magento's own, as its administration calls them; a shop may have made others, which it knows by their name.
STATUSES = {
    "pending": pgettext_lazy("order", "Pending"),
    "pending_payment": pgettext_lazy("order", "Pending payment"),
    "payment_review": pgettext_lazy("order", "Payment review"),
    "fraud": pgettext_lazy("order", "Suspected fraud"),
    "processing": pgettext_lazy("order", "Processing"),
    "holded": pgettext_lazy("order", "On hold"),
    "complete": pgettext_lazy("order", "Complete"),
    "closed": pgettext_lazy("order", "Closed"),
    "canceled": pgettext_lazy("order", "Cancelled"),
}


@dataclass(frozen=True, kw_only=True)
class Count:
    """Rows of one dataset, under the name that a merchant uses."""

    dataset: str
    label: str
    rows: int


def counts(shop: Shop) -> list[Count]:
    """Rows per dataset that has any, deleted ones left out; of products the variants that are exported."""
    assert shop.connection is not None  # noqa: S101  # the page is there only with a connection
    found = []
    for name, dataset in DATASETS.items():
        rows = TABLES[name].objects.filter(connection=shop.connection, deleted_at=None)
        if dataset.scoped:
            rows = rows.filter(scope=catalogue.stored_scope(shop.connection, shop.store))
        if name == PRODUCTS.name:
            rows = rows.exclude(is_parent=True)
        if number := rows.count():
            label = str(COUNTED[name] % {"rows": number})
            found.append(Count(dataset=name, label=label, rows=number))
    return found


def variants(shop: Shop) -> list[Row]:
    """The first twenty variants, joined with their products, in the shop's store view."""
    assert shop.connection is not None  # noqa: S101  # the page is there only with a connection
    rows = exporting.read(shop.connection, PRODUCTS, scope=shop.store)
    return [_only(row, VARIANT_COLUMNS) for row in islice(rows, VARIANTS)]


def order_lines(shop: Shop) -> list[Row]:
    """The lines of the ten orders that arrived last."""
    assert shop.connection is not None  # noqa: S101  # the page is there only with a connection
    newest = TABLES[ORDERS.name].objects.filter(connection=shop.connection, deleted_at=None)
    lines = list(newest.order_by("-pk").values(*ORDER_COLUMNS)[:LINES_READ])
    return list(_of_first_orders(lines))


def _of_first_orders(lines: list[Row]) -> Iterator[Row]:
    wanted: set[str] = set()
    for line in lines:
        if line["order_id"] not in wanted and len(wanted) == ORDERS_SHOWN:
            return
        wanted.add(line["order_id"])
        yield {**line, "status": STATUSES.get(line["status"], line["status"])}


def _only(row: Row, columns: tuple[str, ...]) -> Row:
    return {name: row.get(name) for name in columns}

"""What arrived of each dataset: how much, how fresh, and how much of it is from which month."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, F, Func, Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from connectors.datasets import CUSTOMERS, DATASETS, ORDERS, PRODUCTS, RETURNS
from connectors.models import TABLES, Connection
from connectors.newest import read_to_the_end

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

# The moment by which a dataset's rows are counted per month; the others are states, not events.
DATED = {ORDERS.name: "order_date", RETURNS.name: "return_date", CUSTOMERS.name: "created_at"}

# What a merchant calls the rows of each dataset.
LABELS = {
    "products": _("variants of products"),
    "orders": _("order lines"),
    "returns": _("returned articles"),
    "return_reasons": _("reasons for returns"),
    "customers": _("customers, without names"),
    "stock": _("stock figures"),
    "dimensions": _("measured articles"),
}
# The same below a number of them: str(COUNTED[name] % {"rows": number}).
COUNTED = {
    "products": ngettext_lazy("variant of products", "variants of products", "rows"),
    "orders": ngettext_lazy("order line", "order lines", "rows"),
    "returns": ngettext_lazy("returned article", "returned articles", "rows"),
    "return_reasons": ngettext_lazy("reason for returns", "reasons for returns", "rows"),
    "customers": ngettext_lazy("customer, without a name", "customers, without names", "rows"),
    "stock": ngettext_lazy("stock figure", "stock figures", "rows"),
    "dimensions": ngettext_lazy("measured article", "measured articles", "rows"),
}


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """How much of a dataset there is. `looked_at`: when the shop was last read to the end for it."""

    rows: int
    looked_at: datetime | None
    newest: datetime | None  # the latest change by the shop's clock


class _Month(Func):
    """The month of a moment in UTC, made by the database itself."""

    output_field = CharField()
    template = "substr(%(expressions)s, 1, 7)"

    def as_postgresql(
        self, compiler: "SQLCompiler", connection: "BaseDatabaseWrapper", **context: Any
    ) -> tuple[str, Any]:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM')"
        return self.as_sql(compiler, connection, template=template, **context)


def arrivals(connection: Connection, scope: str) -> dict[str, Arrival]:
    """By dataset; of products the variants are counted. `scope`: a store view that was pulled."""
    looked_at = _looked_at(connection)
    found = {}
    for name, dataset in DATASETS.items():
        rows = TABLES[name].objects.filter(
            connection=connection, scope=scope if dataset.scoped else "", deleted_at=None
        )
        if dataset is PRODUCTS:
            rows = rows.exclude(is_parent=True)
        seen = rows.aggregate(
            rows=Count("pk"), newest=Max("remote_updated_at"), seen=Max("seen_at")
        )
        found[name] = Arrival(
            rows=seen["rows"], newest=seen["newest"], looked_at=looked_at.get(name, seen["seen"])
        )
    return found


def volumes(connection: Connection) -> dict[str, dict[str, int]]:
    """By dataset the rows per month that has any, in order of the months: {"orders": {"2026-01": 12}}."""
    return {name: _months(connection, name, moment) for name, moment in DATED.items()}


def _months(connection: Connection, name: str, moment: str) -> dict[str, int]:
    rows = TABLES[name].objects.filter(
        connection=connection, scope="", deleted_at=None, **{f"{moment}__isnull": False}
    )
    counted = rows.annotate(month=_Month(F(moment))).values("month").annotate(rows=Count("pk"))
    return dict(counted.order_by("month").values_list("month", "rows"))


def _looked_at(connection: Connection) -> dict[str, datetime]:
    """By dataset, when the one of its resources that was complete longest ago was last complete."""
    datasets = {r.name: r.dataset for r in connection.connector_class.resources if r.dataset}
    found: dict[str, datetime] = {}
    for resource, done in read_to_the_end(connection):
        dataset = datasets.get(resource)
        if dataset:
            found[dataset.name] = min(done, found.get(dataset.name, done))
    return found

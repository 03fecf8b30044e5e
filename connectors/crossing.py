"""Whether what a file's rows name is known: orders of returns, variants of orders, sizes of both.

Asked of the stored tables in few large questions. Nothing is asked of a table that is empty: what it will
hold may come tomorrow. These are warnings: the rows are taken, the readiness of the data counts them again.
But for lines of orders that would take the place of another order's: such a file is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from connectors.datasets import ORDERS, PRODUCTS, RETURNS, Dataset
from connectors.files.checks import Checked
from connectors.files.problems import Problem, shown
from connectors.files.refusals import RefusedError
from connectors.files.texts import NULL, copied
from connectors.models import TABLES, Connection

AT_ONCE = 10_000  # values of one question
REMEMBERED = 50_000
MOST_SIZES = 5_000


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`column` of `dataset` names a `key` of `target`. `unless`: another column says it better."""

    dataset: Dataset
    column: str
    target: Dataset
    key: str
    code: str
    unless: str = ""
    at_once: int = AT_ONCE


RULES = (
    Rule(
        dataset=RETURNS,
        column="order_line_id",
        target=ORDERS,
        key="line_id",
        code="unknown_order_line",
    ),
    # There is no index on the order: fewer, larger questions, each read once through the lines.
    Rule(
        dataset=RETURNS,
        column="order_id",
        target=ORDERS,
        key="order_id",
        code="unknown_order",
        unless="order_line_id",
        at_once=100_000,
    ),
    *(
        Rule(
            dataset=dataset,
            column="variant_id",
            target=PRODUCTS,
            key="variant_id",
            code="unknown_variant",
        )
        for dataset in (ORDERS, RETURNS)
    ),
)


@dataclass
class _Asked:
    """One rule of one file: what waits to be asked, and what is known."""

    rule: Rule
    rows: QuerySet[Any]
    heading: str
    known: dict[str, bool] = field(default_factory=dict)
    waiting: dict[str, list[int]] = field(default_factory=dict)

    def add(self, values: Sequence[str], numbers: Sequence[int]) -> Iterator[Problem]:
        for value, number in zip(values, numbers, strict=True):
            if value == NULL:
                continue
            is_known = self.known.get(value)
            if is_known is None:
                self.waiting.setdefault(value, []).append(number)
            elif not is_known:
                yield self._problem(value, number)
        if len(self.waiting) >= self.rule.at_once:
            yield from self.ask()

    def ask(self) -> Iterator[Problem]:
        """What waits; in the order of the rows."""
        found = set(
            self.rows.filter(**{f"{self.rule.key}__in": sorted(self.waiting)})
            .values_list(self.rule.key, flat=True)
            .distinct()
        )
        if len(self.known) > REMEMBERED:
            self.known.clear()
        wrong = []
        for value, numbers in self.waiting.items():
            self.known[value] = value in found
            if value not in found:
                wrong += [(number, value) for number in numbers]
        self.waiting.clear()
        for number, value in sorted(wrong):
            yield self._problem(value, number)

    def _problem(self, value: str, number: int) -> Problem:
        return Problem(row=number, column=self.heading, value=shown(value), code=self.rule.code)


@dataclass
class _Lines:
    """Which order the lines of a file have: one that another order has already would take it from there."""

    rows: QuerySet[Any]
    heading: str
    orders: dict[str, str] = field(default_factory=dict)

    def add(self, lines: Sequence[str], orders: Sequence[str]) -> None:
        """Raises RefusedError, as ask() does."""
        self.orders.update(zip(lines, orders, strict=True))
        if len(self.orders) >= AT_ONCE:
            self.ask()

    def ask(self) -> None:
        found = self.rows.filter(line_id__in=sorted(self.orders))
        for line, other in found.values_list("line_id", "order_id").iterator():
            if copied(other) != self.orders[line]:
                said = {"line": shown(line), "order": shown(self.orders[line])}
                raise RefusedError("other_order", column=self.heading, other=shown(other), **said)
        self.orders.clear()


class Crossing:
    """Of one file. `headings`: what the file calls our columns."""

    def __init__(
        self, connection: Connection, dataset: Dataset, scope: str, headings: dict[str, str]
    ) -> None:
        self._asked = [
            _Asked(rule, rows, headings[rule.column])
            for rule in RULES
            if rule.dataset is dataset and rule.column in headings and rule.unless not in headings
            if (rows := _rows(connection, rule.target, scope)).exists()
        ]
        self._sizes = _sizes(connection, dataset, scope)
        self._headings = headings
        stored = _rows(connection, ORDERS, scope)
        self._lines = (
            _Lines(stored, headings["line_id"]) if dataset is ORDERS and stored.exists() else None
        )

    def look(self, checked: Checked) -> list[Problem]:
        """The warnings that are certain by now; others come with a later batch, or at the end.

        Raises RefusedError where a line is of another order than the one that is stored.
        """
        if self._lines:
            self._lines.add(checked.values["line_id"], checked.values["order_id"])
        found = [
            problem
            for asked in self._asked
            for problem in asked.add(checked.values[asked.rule.column], checked.numbers)
        ]
        return [*found, *self._unknown_sizes(checked)]

    def rest(self) -> list[Problem]:
        """What was not asked yet. Raises as look() does."""
        if self._lines:
            self._lines.ask()
        return [problem for asked in self._asked for problem in asked.ask()]

    def _unknown_sizes(self, checked: Checked) -> Iterator[Problem]:
        sizes = checked.values.get("size_label")
        if not self._sizes or sizes is None or self._sizes.issuperset(sizes):
            return
        for size, number in zip(sizes, checked.numbers, strict=True):
            if size not in self._sizes:
                heading = self._headings["size_label"]
                yield Problem(row=number, column=heading, value=shown(size), code="unknown_size")


def _rows(connection: Connection, dataset: Dataset, scope: str) -> QuerySet[Any]:
    """Of products those of one store view, in which every variant stands."""
    rows: QuerySet[Any] = TABLES[dataset.name].objects.filter(
        connection=connection, deleted_at=None
    )
    return rows.filter(scope=scope) if dataset.scoped else rows.filter(scope="")


def _sizes(connection: Connection, dataset: Dataset, scope: str) -> frozenset[str]:
    """Every size label of the catalogue; none where there are too many to be labels, or none at all."""
    if dataset not in (ORDERS, RETURNS):
        return frozenset()
    labels = _rows(connection, PRODUCTS, scope).exclude(size_label=None).order_by()
    found = set(labels.values_list("size_label", flat=True).distinct()[: MOST_SIZES + 1])
    return frozenset({*found, NULL}) if 0 < len(found) <= MOST_SIZES else frozenset()

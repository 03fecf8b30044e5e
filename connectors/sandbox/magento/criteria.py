"""Reads searchCriteria out of a query, as leniently and as strictly as Magento does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.magento import replies
from connectors.sandbox.magento.phpquery import PhpArray, PhpValue, rows
from connectors.sandbox.magento.replies import Json

NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
LARGEST = 2.0**63


@dataclass(frozen=True)
class Filter:
    field: str
    value: str | None
    condition: str = "eq"


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """Groups are joined by AND, the filters in a group by OR. page_size None or 0: everything."""

    groups: tuple[tuple[Filter, ...], ...] = ()
    sorts: tuple[Sort, ...] = ()
    page_size: int | None = None
    page: int | None = None

    def echo(self) -> Json:
        """How an answer repeats them: what was not asked for is left out."""
        told: Json = {
            "filter_groups": [
                {
                    "filters": [
                        {"field": one.field, "value": one.value, "condition_type": one.condition}
                        for one in group
                    ]
                }
                for group in self.groups
            ]
        }
        if self.sorts:
            told["sort_orders"] = [
                {"field": sort.field, "direction": "DESC" if sort.descending else "ASC"}
                for sort in self.sorts
            ]
        if self.page_size is not None:
            told["page_size"] = self.page_size
        if self.page is not None:
            told["current_page"] = self.page
        return told


def of(params: PhpArray, *, is_required: bool = True) -> Criteria:
    """The criteria of a parsed query. Raises Refusal."""
    given = params.get("searchCriteria", params.get("search_criteria"))
    if given is None:
        if is_required:
            raise replies.required("searchCriteria")
        return Criteria()
    if not isinstance(given, dict):
        return Criteria()  # `searchCriteria=` and `searchCriteria=all` alike
    read: dict[str, Any] = {}
    for name, value in given.items():
        key = _camel(name)
        match key:
            case "filterGroups":
                read["groups"] = tuple(_group(group) for group in rows(value))
            case "sortOrders":
                read["sorts"] = tuple(_sorts(value))
            case "pageSize":
                read["page_size"] = _int(value, key)
            case "currentPage":
                read["page"] = _int(value, key)
            case _:
                raise replies.unsupported(key[:1].upper() + key[1:])
    return Criteria(**read)


def _group(group: PhpArray) -> tuple[Filter, ...]:
    filters = {_camel(name): value for name, value in group.items()}.get("filters")
    return tuple(_filter(one) for one in rows(filters))


def _filter(given: PhpArray) -> Filter:
    read = {_camel(name): value for name, value in given.items()}
    value, condition = read.get("value"), read.get("conditionType")
    if isinstance(value, dict):  # value[0]=a&value[1]=b
        value = ",".join(str(one) for one in value.values())
    return Filter(
        str(read.get("field", "")), value, condition if isinstance(condition, str) else "eq"
    )


def _sorts(value: PhpValue) -> Iterator[Sort]:
    for given in rows(value):
        # Without a direction, Magento sorts downwards.
        field, direction = given.get("field"), given.get("direction", "DESC")
        if str(direction).upper() not in ("ASC", "DESC"):
            raise replies.Refusal(
                400,
                "The sort order has to be specified as %1 for ascending order or %2 for descending order.",
                ["ASC", "DESC"],
            )
        if isinstance(field, str):
            yield Sort(field, str(direction).upper() == "DESC")


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _int(value: PhpValue, field: str) -> int:
    text = value if isinstance(value, str) else "Array"
    if not NUMBER.fullmatch(text):
        raise replies.not_an_int(text, field)
    # As PHP does, what no whole number can hold becomes 0.
    number = float(text)
    return int(number) if abs(number) < LARGEST else 0

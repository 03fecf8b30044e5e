"""Orders of a simulated Magento by the hundred thousand, encoded beforehand: serving them costs little.

Some hundred orders are drawn from the sandbox and encoded; every other order is one of those with its own
ids and times. The server then costs the same for one order as for 200,000, and is not what is measured.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import msgspec

from connectors.sandbox.magento import fields, phpquery
from connectors.sandbox.magento.criteria import Criteria, Filter
from connectors.sandbox.magento.lines import ITEMS_PER_ORDER
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.shop import SandboxShop

DRAWN = 500  # of which those with two to four lines are taken
ANCHOR = datetime(2026, 6, 1, tzinfo=UTC)
BEGINNING = datetime(2024, 6, 1, tzinfo=UTC)
STEP = timedelta(seconds=60)  # between the last changes of two orders
FORMAT = "%Y-%m-%d %H:%M:%S"
# Stand in the encoded orders where each order has a value of its own.
PLACE = re.compile(rb'"@(\w+)@"')


def small_shop() -> SandboxShop:
    """What is beside the orders: products, labels, store views, integrations; and the orders to draw from."""
    return SandboxShop(seed=7, orders=DRAWN, anchor=ANCHOR)


@dataclass
class ManyOrders:
    """Orders 1 to `count`, each changed a minute after the one before.

    `filtered`: the `fields` parameter of a request is followed; if not, every order is sent whole.
    """

    shop: SandboxShop
    count: int
    filtered: bool = False

    def warm(self) -> None:
        """Draw and encode now: it takes a quarter second, which whoever asks first would be charged with."""
        self._templates("")

    def page(self, query: str, criteria: Criteria) -> bytes:
        """The body of an answer. Raises ValueError for a search that no contestant sends."""
        numbers = self._found(criteria)
        size, page = criteria.page_size or len(numbers), criteria.page or 1
        wanted = str(phpquery.parse(query).get("fields") or "") if self.filtered else ""
        items = [self._order(number, wanted) for number in numbers[(page - 1) * size : page * size]]
        return b'{"items":[%b],"search_criteria":%b,"total_count":%d}' % (
            b",".join(items), msgspec.json.encode(criteria.echo()), len(numbers),
        )  # fmt: skip

    def _found(self, criteria: Criteria) -> Sequence[int]:
        """The numbers of the orders that fit. One order is after another in its id and in its time alike."""
        first, last = 1, self.count
        for (one,) in criteria.groups:
            number, is_exact = _number(one)
            match one.condition:
                case "eq":
                    first, last = max(first, number), min(last, number if is_exact else 0)
                case "gteq":
                    first = max(first, number + (not is_exact))
                case "gt":
                    first = max(first, number + 1)
                case "lteq":
                    last = min(last, number)
                case _:
                    raise ValueError(f"filtered by {one.condition}")
        found = range(first, last + 1)
        return found[::-1] if criteria.sorts and criteria.sorts[0].descending else found

    def _order(self, number: int, wanted: str) -> bytes:
        parts = self._templates(wanted)[number % len(self._drawn)]
        moment = (BEGINNING + number * STEP).strftime(FORMAT)
        values = {b"order": b"%d" % number, b"moment": b'"%b"' % moment.encode()}
        made = list(parts)
        for at in range(1, len(parts), 2):
            name = parts[at]
            made[at] = values.get(name) or b"%d" % (number * ITEMS_PER_ORDER + int(name))
        return b"".join(made)

    def _templates(self, wanted: str) -> list[list[bytes]]:
        if wanted not in self._made:
            tree = fields.parse(wanted) if wanted else None
            branch = tree.get("items") if tree else None
            self._made[wanted] = [
                PLACE.split(msgspec.json.encode(fields.keep(body, branch) if branch else body))
                for body in self._drawn
            ]
        return self._made[wanted]

    @cached_property
    def _made(self) -> dict[str, list[list[bytes]]]:
        return {}

    @cached_property
    def _drawn(self) -> list[Json]:
        listed = self.shop.search("orders", "searchCriteria=")["items"]
        return [_with_places(body) for body in listed if 2 <= len(body["items"]) <= 4]


def _number(one: Filter) -> tuple[int, bool]:
    """The last order up to the value of a filter, and whether it is that value exactly."""
    if one.field == "entity_id":
        return int(str(one.value)), True
    if one.field != "updated_at":
        raise ValueError(f"filtered by {one.field}")
    moment = datetime.strptime(str(one.value), FORMAT).replace(tzinfo=UTC)
    steps, rest = divmod(moment - BEGINNING, STEP)
    return steps, not rest


def _with_places(body: Json) -> Json:
    """An order without what it says two and three times over, and with places for what is its own.

    Magento repeats the lines below the shipping, and the parent within its child: 20 kB an order. The
    comparison was agreed for orders of about 7 kB.
    """
    first = body["entity_id"] * ITEMS_PER_ORDER
    extension = {**body["extension_attributes"], "shipping_assignments": []}
    return {
        **body,
        "entity_id": "@order@",
        "updated_at": "@moment@",
        "created_at": "@moment@",
        "extension_attributes": extension,
        "items": [dict(_item_with_places(item, first)) for item in body["items"]],
    }


def _item_with_places(item: Json, first: int) -> Iterator[tuple[str, object]]:
    for name, value in item.items():
        if name in ("item_id", "parent_item_id"):
            yield name, f"@{value - first}@"
        elif name == "order_id":
            yield name, "@order@"
        elif name not in ("parent_item", "extension_attributes"):
            yield name, value

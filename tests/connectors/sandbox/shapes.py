"""Learns the shape of recorded answers, and finds where another answer departs from it.

A shape knows which types stood at each place, which keys were always there, and which ever were. Objects that
name their own kind (an order's status, an item's product type) are learnt apart.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

FEW = 30  # objects of a kind, below which what all of them have may be chance
TYPES = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}


def type_of(value: Any) -> str:
    return "null" if value is None else TYPES[type(value)]


def kind_of(value: dict[str, Any]) -> str:
    """What an object says it is, where that decides which keys it has."""
    if "product_type" in value:
        return f"{value['product_type']}{' in another' if 'parent_item_id' in value else ''}"
    if "increment_id" in value and "status" in value:
        refunded = " refunded" if "total_refunded" in value else ""
        return f"{value['status']}{refunded}"
    return str(value.get("type_id", ""))


@dataclass
class Shape:
    types: set[str] = field(default_factory=set)
    member: "Shape | None" = None  # of a list
    kinds: Counter[str] = field(default_factory=Counter)  # objects seen, by kind
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)  # (kind, key)
    keys: dict[str, "Shape"] = field(default_factory=dict)

    def learn(self, value: Any) -> None:
        self.types.add(type_of(value))
        if isinstance(value, list):
            for one in value:
                self.member = self.member or Shape()
                self.member.learn(one)
        elif isinstance(value, dict):
            kind = kind_of(value)
            self.kinds[kind] += 1
            for key, one in value.items():
                self.seen[kind, key] += 1
                self.keys.setdefault(key, Shape()).learn(one)

    def departures(self, value: Any, where: str = "") -> Iterator[str]:
        """Where a value has a type, lacks a key, or has one, that no recorded answer did."""
        if type_of(value) not in self.types:
            yield f"{where or 'the answer'} is {type_of(value)}, not {' or '.join(sorted(self.types))}"
            return
        if isinstance(value, list) and self.member:
            for one in value:
                yield from self.member.departures(one, f"{where}[]")
        elif isinstance(value, dict):
            yield from self._of_object(value, where)

    def _of_object(self, value: dict[str, Any], where: str) -> Iterator[str]:
        kind = kind_of(value)
        always = {key for key in self.keys if self._is_always_there(kind, key)}
        named = f"{where} ({kind})" if kind else where
        for key in sorted(always - set(value)):
            yield f"{named} lacks {key}"
        for key in sorted(set(value) - set(self.keys)):
            yield f"{named} has {key}"
        for key in sorted(set(value) & set(self.keys)):
            yield from self.keys[key].departures(value[key], f"{where}.{key}")

    def _is_always_there(self, kind: str, key: str) -> bool:
        """In every object of its kind; where those were few, in all others too."""
        if self.kinds[kind] >= FEW:
            return self.seen[kind, key] == self.kinds[kind]
        times = sum(times for (_, seen), times in self.seen.items() if seen == key)
        return times == sum(self.kinds.values())

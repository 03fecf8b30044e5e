"""Query strings as PHP reads them: names in brackets make arrays, the last of a repeated name wins."""

import re
from typing import TypeAlias
from urllib.parse import unquote_plus

PhpArray: TypeAlias = dict[str, "PhpValue"]
PhpValue: TypeAlias = "str | PhpArray"

NAME = re.compile(r"([^\[]+)((?:\[[^\]]*\])*)")


def parse(query: str) -> PhpArray:
    """`a[b][]=1&c=2` gives {"a": {"b": {"0": "1"}}, "c": "2"}."""
    found: PhpArray = {}
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        match = NAME.match(unquote_plus(name))
        if match:
            # PHP turns what could not stand in a variable's name into an underscore.
            first = match[1].strip().replace(".", "_").replace(" ", "_")
            _put(found, [first, *re.findall(r"\[([^\]]*)\]", match[2])], unquote_plus(value))
    return found


def _put(array: PhpArray, names: list[str], value: str) -> None:
    name = names[0]
    if name == "":
        name = str(max((int(key) for key in array if key.isdecimal()), default=-1) + 1)
    if len(names) == 1:
        array[name] = value
        return
    inner = array.get(name)
    if not isinstance(inner, dict):
        inner = array[name] = {}
    _put(inner, names[1:], value)


def rows(value: "PhpValue | None") -> list[PhpArray]:
    """The arrays within an array, in the order they came."""
    if not isinstance(value, dict):
        return []
    return [row for row in value.values() if isinstance(row, dict)]

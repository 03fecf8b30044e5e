"""Typed decoding of what the tables name and of nothing else, so that personal data is never even read.

The types are made from the tables of dialect.py, so that a corrected path needs no code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.wshop.dialect import Endpoint
from connectors.wshop.paging import Batch, Record

Scalar = str | int | float | bool | None
# A text may come in several languages, an attribute with several values; PHP writes an empty object as [].
Translations = Scalar | dict[str, Scalar] | list[Scalar]
TRANSLATED = frozenset({"title", "description", "label", "attribute_values"})

Tree = dict[str, Any]  # key of the shop -> Tree, or the type of a value
Read = Callable[[Any], Any]


class MissingIdError(ValueError):
    """A record without the value that its table calls id."""


@dataclass(frozen=True)
class Shape:
    """The type of one endpoint's answer, and how to read our values from it."""

    decoder: "msgspec.json.Decoder[Any]"
    records: Read
    total: Read
    next: Read
    fields: Mapping[str, Read]
    line_fields: Mapping[str, Read]

    def batch(self, body: bytes | bytearray) -> Batch:
        """An answer by our names. Raises msgspec.MsgspecError, MissingIdError."""
        decoded = self.decoder.decode(body.removeprefix(b"\xef\xbb\xbf"))
        records = self.records(decoded) or []
        # PHP writes a list with gaps as an object.
        listed = list(records.values()) if isinstance(records, dict) else records
        total, following = self.total(decoded), self.next(decoded)
        return Batch(
            records=[self._record(record) for record in listed],
            total=None if total is None else int(total),
            next=None if following in {None, "", False} else str(following),
        )

    def _record(self, decoded: Any) -> Record:
        values = {name: read(decoded) for name, read in self.fields.items()}
        if values.get("id") in {None, ""}:
            raise MissingIdError("a record without id")
        if self.line_fields:
            values["lines"] = _lines(
                {name: read(decoded) for name, read in self.line_fields.items()}
            )
        return values


def one_value(body: bytes | bytearray, path: str) -> Any:
    """The text or number at a path of an answer. Raises msgspec.MsgspecError."""
    tree: Tree = {}
    _grow(tree, path, Scalar)
    return _reader(path)(
        msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=_struct(tree))
    )


def _lines(columns: Mapping[str, list[Any] | None]) -> list[Record]:
    """Lines from the lists of their values, which are equally long."""
    return [
        dict(zip(columns, values, strict=True))
        for values in zip(*(column or [] for column in columns.values()), strict=True)
    ]


def shape(endpoint: Endpoint) -> Shape:
    """The shape of an endpoint, from its table."""
    fields = {name: path for name, path in endpoint.fields.items() if path}
    lines = {
        name: f"{endpoint.lines}[].{path}" for name, path in endpoint.line_fields.items() if path
    }
    tree: Tree = {}
    for name, path in (*fields.items(), *lines.items()):
        _grow(tree, path, Translations if name in TRANSLATED else Scalar)
    record = _struct(tree)
    root: Tree = {}
    _grow(root, endpoint.records, list[record] | dict[str, record] | None)  # type: ignore[valid-type]  # made above
    _grow(root, endpoint.paging.total, int | None)
    _grow(root, endpoint.paging.next, Scalar)
    return Shape(
        # Not strict: PHP gives numbers as text.
        decoder=msgspec.json.Decoder(_struct(root), strict=False),
        records=_reader(endpoint.records),
        total=_reader(endpoint.paging.total),
        next=_reader(endpoint.paging.next),
        fields={name: _reader(path) for name, path in fields.items()},
        line_fields={name: _reader(path) for name, path in lines.items()},
    )


def _grow(tree: Tree, path: str, leaf: Any) -> None:
    """Put a leaf at its path. Raises ValueError where another path of the table ends on the way."""
    if not path:
        return
    *way, last = path.split(".")
    for key in way:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise ValueError(f"{path}: {key} is already a value of the table")
    if isinstance(tree.get(last), dict):
        raise ValueError(f"{path} is already an object of the table")
    tree[last] = leaf


def _struct(tree: Tree) -> Any:
    """A type that decodes the keys of the tree and skips every other."""
    fields: list[tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    for key, branch in tree.items():
        kind = _struct(branch) if isinstance(branch, dict) else branch
        if key.endswith("[]"):
            kind = list[kind] | None  # type: ignore[valid-type]  # made above
        elif isinstance(branch, dict):
            kind = kind | tuple[()] | None
        fields.append((_attribute(key), kind, None))
        names[_attribute(key)] = key.removesuffix("[]")
    return msgspec.defstruct("Part", fields, rename=names, frozen=True)


def _attribute(key: str) -> str:
    """A valid Python name for a key of the shop; two keys never share one."""
    return "k" + "".join(
        char if char.isascii() and char.isalnum() else f"_{ord(char):x}_" for char in key
    )


def _reader(path: str) -> Read:
    """A function that follows the path; gives None where something on the way is missing."""
    keys = path.split(".") if path else []
    chain = [(_attribute(key), key.endswith("[]")) for key in keys]
    return lambda decoded: _follow(decoded, chain) if chain else None


def _follow(value: Any, chain: list[tuple[str, bool]]) -> Any:
    for index, (attribute, many) in enumerate(chain):
        if value is None or value == ():
            return None
        value = getattr(value, attribute)
        if many:
            rest = chain[index + 1 :]
            return [_follow(one, rest) for one in value or ()]
    return value

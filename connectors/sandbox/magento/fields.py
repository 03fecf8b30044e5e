"""The `fields` parameter: keeps the named fields of an answer, with Magento's quirks.

`items[sku,extension_attributes[website_ids]],total_count`. What is not well-formed, or names nothing, gives
[]; a filter inside an empty list gives null.
"""

import re
from typing import Any, TypeAlias

Tree: TypeAlias = dict[str, "Tree | None"]

WELL_FORMED = re.compile(r"[\w\[\],]+")
TOKENS = re.compile(r"\w+|[\[\],]")


def parse(text: str) -> Tree | None:
    """The wanted fields; None inside means all of it. None for what Magento cannot read."""
    if not WELL_FORMED.fullmatch(text) or text.count("[") != text.count("]"):
        return None
    tokens = TOKENS.findall(text)
    tree, rest = _branch(tokens, 0)
    return tree if rest == len(tokens) else None


def _branch(tokens: list[str], at: int) -> tuple[Tree, int]:
    tree: Tree = {}
    name = ""
    while at < len(tokens) and tokens[at] != "]":
        if tokens[at] == "[":
            tree[name], at = _branch(tokens, at + 1)
        elif tokens[at] != ",":
            name = tokens[at]
            tree[name] = None  # a name that comes again replaces what it had
        at += 1
    return tree, at


def keep(value: Any, tree: Tree) -> Any:
    """`value`, a dict or a list of dicts, with nothing but the fields of `tree`."""
    if isinstance(value, list):
        return [keep(one, tree) for one in value if isinstance(one, (dict, list))] or None
    kept = {}
    for name, one in value.items():
        if name in tree:
            branch = tree[name]
            inside = branch is not None and isinstance(one, (dict, list))
            kept[name] = keep(one, branch) if inside and branch is not None else one
    return kept or []

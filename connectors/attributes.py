"""What an attribute of a shop may stand for in our products: the roles that a person assigns.

A connection's configuration names the attributes by role, as {"size": ["size", "shoe_size"]}: the first that
has a value counts. A role with an empty list is played by none; one that is not named is proposed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The column of the products that each role fills.
COLUMNS = {
    "size": "size_label",
    "color": "color",
    "gender": "gender",
    "brand": "brand",
    "ean": "ean",
    "material": "material",
    "parent_reference": "parent_reference",
    "internal_reference": "internal_reference",
    "is_new": "is_new",
    "is_children": "is_children",
    "dimensions": "dimensions",
}
SEVERAL = ("size", "dimensions")  # shops with shoes and trousers have several sizes

Codes = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class ShopAttribute:
    """One attribute as the shop calls it, with some of the values that its products have."""

    code: str
    label: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What there is to choose from, and what we would choose."""

    attributes: tuple[ShopAttribute, ...]
    proposed: Mapping[str, list[str]]


def configured(config: Mapping[str, Any]) -> Codes:
    """The attribute codes that a connection's configuration names, by role."""
    given: Mapping[str, Any] = config.get("attributes") or {}
    return {
        role: [codes] if isinstance(codes, str) else [str(code) for code in codes]
        for role, codes in given.items()
        if codes is not None
    }

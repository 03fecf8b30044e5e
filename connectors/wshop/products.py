"""WSHOP's products as rows of our datasets, one per variant.

What a value is called by WSHOP stands in dialect.py; which of a shop's own attributes plays which role
stands in the connection's configuration.
"""

from collections.abc import Mapping
from typing import Any

from connectors.base import Row
from connectors.datasets import PRODUCTS
from connectors.wshop import people, values
from connectors.wshop.context import Context, label, moment, number, read, text
from connectors.wshop.paging import Record

# Attribute codes by role where the configuration names none.
ROLES: dict[str, list[str]] = {
    "color": ["color", "colour", "couleur", "coloris"],
    "gender": ["gender", "genre", "sexe"],
    "brand": ["brand", "marque"],
    "material": ["material", "matiere", "composition"],
    "parent_reference": ["parent_reference", "model_reference", "reference_modele"],
    "internal_reference": ["internal_reference", "reference_interne"],
    "is_children": ["is_children", "enfant"],
    "kleep_enabled": ["kleep_enabled"],
    "dimensions": [],
}


def product_rows(record: Record, context: Context) -> list[Row]:
    """One row per variant; a product without variants is its own."""
    product = text(record, "id")
    common = _product(record, context)
    attributes = _attributes(record, context)
    described = _described(record, attributes, context)
    variants = record.get("lines") or [{**record, "id": None}]
    if "lines" not in record:  # the table lists variants, each with its product's id
        product, variants = text(record, "product_id") or product, [record]
    return [
        PRODUCTS.row(
            product_id=product, **common, **described, **_variant(record, variant, product, context)
        )
        for variant in variants
    ]


def _product(record: Record, context: Context) -> Row:
    language = context.language
    return {
        "title": values.translated(record.get("title"), language),
        "description": values.plain(values.translated(record.get("description"), language)),
        "url": text(record, "url"),
        "images": [image for value in record.get("images") or [] if (image := values.text(value))],
        "category": label(record, "department", context),
        "is_new": read(record, "is_new", values.flag),
        "currency": text(record, "currency"),
        "updated_at": moment(record, "updated_at", context),
    }


def _variant(record: Record, variant: Record, product: str | None, context: Context) -> Row:
    price = number(variant, "price")
    return {
        "variant_id": text(variant, "id") or product,
        "sku": text(variant, "sku"),
        "ean": text(variant, "ean"),
        "size_label": label(variant, "size", context),
        "active": _both(read(record, "active", values.flag), read(variant, "active", values.flag)),
        "price": number(record, "price") if price is None else price,
        "is_parent": False,
    }


def _both(product: bool | None, variant: bool | None) -> bool | None:
    """Live only where neither is switched off; unknown where nobody says."""
    known = [one for one in (product, variant) if one is not None]
    return all(known) if known else None


def _attributes(record: Record, context: Context) -> dict[str, str]:
    """The product's attributes: code -> label; several values joined by a comma."""
    codes, given = record.get("attribute_codes") or [], record.get("attribute_values") or []
    named = ((values.text(code), value) for code, value in zip(codes, given, strict=False))
    return {code: said for code, value in named if code and (said := _said(code, value, context))}


def _said(code: str, value: Any, context: Context) -> str | None:
    if isinstance(value, list):
        return ", ".join(said for one in value if (said := _said(code, one, context))) or None
    options = context.options.get(code)
    if not options:
        return values.translated(value, context.language)
    # An id that is no option (any more) is no label.
    return options.get(values.text(value) or "")


def _described(record: Record, attributes: Mapping[str, str], context: Context) -> Row:
    """What the shop's own attributes say, by their role; where none does, the record's own value."""

    def role(name: str) -> str | None:
        codes = context.roles.get(name, ())
        return next((attributes[code] for code in codes if code in attributes), None)

    dimensions = {
        code: attributes[code] for code in context.roles.get("dimensions", ()) if code in attributes
    }
    shown, category = role("gender"), label(record, "department", context)
    is_children = _switch(role("is_children"))
    return {
        "gender": people.gender(shown, category),
        "brand": role("brand"),
        "color": role("color"),
        "material": role("material"),
        "parent_reference": role("parent_reference") or text(record, "parent_reference"),
        "internal_reference": role("internal_reference") or text(record, "internal_reference"),
        "is_children": people.is_children(shown, category) if is_children is None else is_children,
        "kleep_enabled": _switch(role("kleep_enabled")),
        "dimensions": dimensions or None,
    }


def _switch(said: str | None) -> bool | None:
    """A shop's own attribute as yes or no; None where its words are neither."""
    try:
        return values.flag(said)
    except ValueError:
        return None

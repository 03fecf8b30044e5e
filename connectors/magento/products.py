"""Magento's products as rows: parents and variants as they come, joined later by connectors.catalogue."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from connectors.base import Row
from connectors.datasets import PRODUCTS
from connectors.magento.context import Context, Place
from connectors.magento.shapes import CustomAttribute, Product, ProductExtension
from connectors.magento.values import plain_text, texts, utc

ENABLED = 1
NOT_VISIBLE_ALONE = 1
NO_PICTURE = "no_selection"
# Of these Magento prints 0, or nothing, for a price that depends on what is chosen.
WITHOUT_PRICE = {"configurable", "bundle", "grouped"}
# Roles that are columns of the same name.
LABELLED = ("ean", "brand", "color", "material", "parent_reference", "internal_reference")
YES = {"1", "yes", "true", "oui", "ja", "si", "sí", "sim"}
# Kleep's two words, for what shops call them; compared word by word.
GENDER_WORDS = {
    "female": (
        "female woman women femme femmes damen dame dam donna mujer mulher kobieta naiset"
        " girl girls fille filles mädchen レディース 여성"
    ),
    "male": (
        "male man men homme hommes herren herr herre uomo hombre homem mężczyzna miehet"
        " boy boys garçon garçons jungen メンズ 남성"
    ),
}
GENDERS = {word: gender for gender, words in GENDER_WORDS.items() for word in words.split()}
CHILDREN_WORDS = (
    "kids kid child children enfant enfants fille filles garçon garçons bébé baby babies junior"
    " kinder mädchen jungen bambino bambini bambina niño niña niños criança barn børn dzieci lapset"
    " girl girls boy boys キッズ 키즈"
)
CHILDREN = frozenset(CHILDREN_WORDS.split())

Attributes = Mapping[str, CustomAttribute]


def product_rows(product: Product, context: Context) -> list[Row]:
    """One row: a parent, a variant of one, or a product that is sold by itself."""
    extension = product.extension_attributes
    links = (
        extension.configurable_product_links if isinstance(extension, ProductExtension) else None
    )
    is_parent = product.type_id == "configurable" or bool(links)
    own = attributes_of(product)
    place = _place(product, own, context)
    number = str(product.id)
    row = PRODUCTS.row(
        product_id=number,
        variant_id=number,
        sku=product.sku,
        title=(product.name or "").strip() or None,
        description=_description(own),
        url=_url(product, own, context),
        images=_images(product, own, context),
        category=place.label if place else None,
        gender=_gender(own, place, context),
        active=_is_active(product, context),
        is_new=_is_new(own, context),
        is_children=_is_children(own, place, context),
        price=_price(product),
        currency=context.store.base_currency_code if context.store else None,
        kleep_enabled=_switch("kleep_enabled", own, context),
        dimensions=_dimensions(own, context),
        updated_at=utc(product.updated_at),
        is_parent=is_parent,
        children=[str(link) for link in links or []] if is_parent else None,
        **_labelled(own, context, is_parent=is_parent),
    )
    return [row]


def _labelled(own: Attributes, context: Context, *, is_parent: bool) -> Row:
    values = {role: label(role, own, context) for role in LABELLED}
    return {**values, "size_label": None if is_parent else label("size", own, context)}


def label(role: str, own: Attributes, context: Context) -> str | None:
    """What the shop shows for a role: the first of its attributes that has a value with a label."""
    for code in context.codes.get(role, []):
        shown = _shown(code, own, context)
        if shown:
            return shown
    return None


def _shown(code: str, own: Attributes, context: Context) -> str | None:
    """An attribute's value as the shop shows it; None where its option was deleted."""
    if code not in own:
        return None
    values = texts(own[code].value)
    options = context.labels.by_code.get(code)
    if options:
        values = [one for value in values for one in value.split(",")]
        return ", ".join(options[value] for value in values if value in options) or None
    return plain_text(", ".join(values)) or None


def _switch(role: str, own: Attributes, context: Context) -> bool | None:
    """A yes/no attribute; None where the product does not have it."""
    for code in context.codes.get(role, []):
        values = texts(own[code].value) if code in own else []
        if values:
            return values[0] == "1" or (_shown(code, own, context) or "").lower() in YES
    return None


def attributes_of(product: Product) -> Attributes:
    given = product.custom_attributes or []
    listed = given.values() if isinstance(given, dict) else given
    return {one.attribute_code: one for one in listed}


def _text(code: str, own: Attributes) -> str:
    values = texts(own[code].value) if code in own else []
    return values[0] if values else ""


def _description(own: Attributes) -> str | None:
    for code in ("description", "short_description"):
        shown = plain_text(_text(code, own))
        if shown:
            return shown
    return None


def _price(product: Product) -> Decimal | None:
    """The catalogue price: special prices and tier prices are offers."""
    return product.price if product.price or product.type_id not in WITHOUT_PRICE else None


def _url(product: Product, own: Attributes, context: Context) -> str | None:
    """The page's address; None for a variant, which has no page of its own."""
    key = _text("url_key", own)
    if not key or product.visibility == NOT_VISIBLE_ALONE:
        return None
    return f"{context.link_url}{key}{context.url_suffix}"


def _images(product: Product, own: Attributes, context: Context) -> list[str]:
    pictures = [
        picture
        for picture in product.media_gallery_entries or []
        if picture.file and not picture.disabled and picture.media_type in {None, "image"}
    ]
    files = [one.file or "" for one in sorted(pictures, key=lambda picture: picture.position or 0)]
    single = _text("image", own)
    if not files and single and single != NO_PICTURE:
        files = [single]
    return [f"{context.media_url}catalog/product/{file.lstrip('/')}" for file in files]


def _place(product: Product, own: Attributes, context: Context) -> Place | None:
    """The deepest category that the product is linked to; the earliest linked of equally deep ones."""
    extension = product.extension_attributes
    links = extension.category_links if isinstance(extension, ProductExtension) else None
    if links:
        ordered = sorted(links, key=lambda link: (link.position or 0, link.category_id))
        numbers = [link.category_id for link in ordered]
    else:
        ids = texts(own["category_ids"].value) if "category_ids" in own else []
        numbers = [int(number) for number in ids if number.isdecimal()]
    places = [context.categories[number] for number in numbers if number in context.categories]
    return max(places, key=lambda place: place.level, default=None)


def _words(*labels: str | None) -> set[str]:
    return {word for one in labels if one for word in re.split(r"[\W_]+", one.lower()) if word}


def _gender(own: Attributes, place: Place | None, context: Context) -> str | None:
    """Kleep's word where the shop's label or its categories name one; else the shop's own label."""
    shown = label("gender", own, context)
    for words in (_words(shown), _words(*(place.path if place else ()))):
        found = {GENDERS[word] for word in words if word in GENDERS}
        if len(found) == 1:
            return found.pop()
        if found:
            return "unisex"
        if shown:
            return shown
    return None


def _is_children(own: Attributes, place: Place | None, context: Context) -> bool:
    given = _switch("is_children", own, context)
    if given is not None:
        return given
    path = place.path if place else ()
    return bool(CHILDREN & _words(label("gender", own, context), *path))


def _is_new(own: Attributes, context: Context) -> bool:
    """The shop's own switch; else Magento's "Set Product as New From ... To"."""
    given = _switch("is_new", own, context)
    if given is not None:
        return given
    since, until = utc(_text("news_from_date", own)), utc(_text("news_to_date", own))
    today = datetime.now(UTC).date()
    return (since is not None or until is not None) and (
        (since is None or since.date() <= today) and (until is None or today <= until.date())
    )


def _is_active(product: Product, context: Context) -> bool:
    """Enabled, and offered on this store view's website."""
    extension = product.extension_attributes
    websites = extension.website_ids if isinstance(extension, ProductExtension) else None
    website = context.store.website_id if context.store else None
    is_offered = websites is None or website is None or website in websites
    return product.status == ENABLED and is_offered


def _dimensions(own: Attributes, context: Context) -> dict[str, str] | None:
    shown = {code: _shown(code, own, context) for code in context.codes.get("dimensions", [])}
    return {code: value for code, value in shown.items() if value} or None

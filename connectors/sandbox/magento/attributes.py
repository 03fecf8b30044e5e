"""The product attributes of the simulated shops: sizes, colours, and how each store view calls them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.sandbox.magento.replies import Json

Labels = Mapping[str, str]  # by store view code; "all" is the administration's


@dataclass(frozen=True)
class Attribute:
    """`options`: their labels by id. `kind` is the frontend input."""

    id: int
    code: str
    label: str
    kind: str = "text"
    scope: str = "store"
    is_user_defined: bool = False
    labels: Mapping[int, str] = field(default_factory=dict)  # of the attribute, by store id
    options: Mapping[int, Labels] = field(default_factory=dict)
    backend: str = "varchar"

    def option_list(self, store: str) -> list[Json]:
        """As a form offers them: the first chooses nothing. Empty for what has no options."""
        if self.kind not in ("select", "multiselect"):
            return []
        options = [
            {"label": labels.get(store, labels["all"]), "value": str(number)}
            for number, labels in self.options.items()
        ]
        return [{"label": " ", "value": ""}, *options]


def _same(*names: str) -> list[Labels]:
    return [{"all": name} for name in names]


def _numbered(first: int, labels: list[Labels]) -> dict[int, Labels]:
    return dict(enumerate(labels, start=first))


LETTERS = ("XS", "S", "M", "L", "XL", "XXL")
NUMBERS = ("34", "36", "38", "40", "42", "44", "46")
COLORS: list[Labels] = [
    {"all": "Black", "fr": "Noir", "en": "Black", "de": "Schwarz"},
    {"all": "White", "fr": "Blanc", "en": "White", "de": "Weiß"},
    {"all": "Navy", "fr": "Bleu marine", "en": "Navy", "de": "Marineblau"},
    {"all": "Terracotta", "fr": "Terre cuite", "en": "Terracotta", "de": "Terrakotta"},
    {"all": "Off-white", "fr": "Écru", "en": "Off-white", "de": "Ecru"},
    {"all": "Sage", "fr": "Vert sauge", "en": "Sage", "de": "Salbei"},
]
GENDERS: list[Labels] = [
    {"all": "Women", "fr": "Femme", "en": "Women", "de": "Damen"},
    {"all": "Men", "fr": "Homme", "en": "Men", "de": "Herren"},
]
BRANDS = ("Atelier Lumen", "Maison Brume", "Nordsee & Sohn")
SEASONS = ("SS25", "AW25", "SS26", "AW26")

SIZE = Attribute(
    137, "size", "Size", "select", "global", True, {1: "Taille", 2: "Size", 3: "Größe"},
    _numbered(4, _same(*LETTERS, *NUMBERS)), "int",
)  # fmt: skip
COLOR = Attribute(93, "color", "Color", "select", "global", True, {}, _numbered(30, COLORS), "int")
BRAND = Attribute(
    138, "brand", "Brand", "select", "global", True, {}, _numbered(40, _same(*BRANDS)), "int"
)
SEASON = Attribute(
    139,
    "season",
    "Season",
    "multiselect",
    "global",
    True,
    {},
    _numbered(50, _same(*SEASONS)),
    "text",
)
GENDER = Attribute(
    141, "gender", "Gender", "select", "global", True, {1: "Genre"}, _numbered(60, GENDERS), "int"
)

ATTRIBUTES = {
    attribute.code: attribute
    for attribute in (
        Attribute(73, "name", "Product Name"),
        Attribute(74, "sku", "SKU", scope="global", backend="static"),
        Attribute(75, "description", "Description", "textarea", backend="text"),
        Attribute(76, "short_description", "Short Description", "textarea", backend="text"),
        Attribute(77, "price", "Price", "price", "website", backend="decimal"),
        Attribute(78, "special_price", "Special Price", "price", "website", backend="decimal"),
        Attribute(81, "cost", "Cost", "price", "global", True, backend="decimal"),
        Attribute(82, "weight", "Weight", "weight", "global", backend="decimal"),
        Attribute(83, "manufacturer", "Manufacturer", "select", "global", True, backend="int"),
        Attribute(87, "image", "Base", "media_image"),
        COLOR,
        Attribute(97, "status", "Enable Product", "select", "website", backend="int"),
        Attribute(99, "visibility", "Visibility", "select", backend="int"),
        Attribute(119, "url_key", "URL Key"),
        SIZE, BRAND, SEASON, GENDER,
        Attribute(140, "material", "Material", "text", "store", True),
        Attribute(142, "ean", "EAN", "text", "global", True),
    )
}  # fmt: skip


def label(attribute: Attribute, option: int, store: str) -> str:
    labels = attribute.options[option]
    return labels.get(store, labels["all"])


def option(attribute: Attribute, name: str) -> int:
    """The id of the option that the administration calls so. Raises KeyError."""
    return {labels["all"]: number for number, labels in attribute.options.items()}[name]


def attribute_json(attribute: Attribute, store: str) -> Json:
    of_choice = attribute.kind in ("select", "multiselect")
    body: Json = {
        "extension_attributes": {"is_pagebuilder_enabled": False},
        "is_wysiwyg_enabled": attribute.backend == "text" and attribute.kind == "textarea",
        "is_html_allowed_on_front": attribute.backend == "text" and attribute.kind == "textarea",
        **_storefront(attribute),
        "is_visible": True,
        "scope": attribute.scope,
        "attribute_id": attribute.id,
        "attribute_code": attribute.code,
        "frontend_input": attribute.kind,
        "entity_type_id": "4",
        "is_required": attribute.code in ("name", "sku", "price"),
        "options": attribute.option_list(store),
        "is_user_defined": attribute.is_user_defined,
        "default_frontend_label": attribute.label,
        "frontend_labels": [
            {"store_id": number, "label": text} for number, text in attribute.labels.items()
        ],
        "backend_type": attribute.backend,
    }
    if of_choice:
        body["source_model"] = "Magento\\Eav\\Model\\Entity\\Attribute\\Source\\Table"
        body["default_value"] = ""
    body["is_unique"] = "1" if attribute.code == "sku" else "0"
    body["validation_rules"] = []
    return body


def _storefront(attribute: Attribute) -> Json:
    return {
        "used_for_sort_by": attribute.code in ("name", "price"),
        "is_filterable": attribute.code == "color",
        "is_filterable_in_search": False,
        "is_used_in_grid": attribute.code == "color",
        "is_visible_in_grid": False,
        "is_filterable_in_grid": attribute.code == "color",
        "position": 0,
        "apply_to": ["simple", "virtual", "configurable"] if attribute.code == "color" else [],
        "is_searchable": "1" if attribute.code in ("name", "sku", "color") else "0",
        "is_visible_in_advanced_search": "0",
        "is_comparable": "0",
        "is_used_for_promo_rules": "0",
        "is_visible_on_front": "0",
        "used_in_product_listing": "1" if attribute.code == "name" else "0",
    }

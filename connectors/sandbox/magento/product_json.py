"""How Magento prints a product: in a list, alone, and reduced as a configurable's child."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.sandbox.magento import attributes, categories
from connectors.sandbox.magento.attributes import COLOR, SIZE
from connectors.sandbox.magento.catalogue import Product, slug
from connectors.sandbox.magento.money import euros
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.stores import STORES
from connectors.sandbox.magento.tables import Columns

# What a child of /configurable-products/:sku/children still has.
REDUCED = (
    "required_options", "has_options", "tax_class_id", "category_ids", "size", "color", "url_key",
    "special_price", "msrp_display_actual_price_type",
)  # fmt: skip
FALSE_SETTINGS = ("is_qty_decimal", "show_default_notification_message")


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def decimal(cents: int) -> str:
    return f"{cents / 100:.6f}"


def columns(product: Product) -> Columns:
    """What products can be filtered and sorted by."""
    custom = dict(_custom_attributes(product, "all"))
    return {
        **custom,
        "entity_id": product.id,
        "sku": product.sku,
        "name": product.names["all"],
        "type_id": product.kind,
        "attribute_set_id": 4,
        "price": product.price / 100,
        "status": product.status,
        "visibility": product.visibility,
        "created_at": moment(product.created_at),
        "updated_at": moment(product.updated_at),
        "category_id": sorted({way for one in product.categories for way in categories.path(one)}),
        "website_id": list(product.websites),
        "store_id": [one.id for one in STORES.values() if one.website_id in product.websites],
    }


def product_json(product: Product, store: str, catalogue: Mapping[int, Product]) -> Json:
    """As a list has it: without stock."""
    body = _head(product, store)
    body["extension_attributes"] = {
        "website_ids": list(product.websites),
        **_category_links(product),
        **_axes(product, catalogue),
    }
    return body | {
        "product_links": _links(product),
        "options": [],
        "media_gallery_entries": pictures(product),
        "tier_prices": [],
        "custom_attributes": _custom_list(_custom_attributes(product, store)),
    }


def child_json(product: Product, store: str) -> Json:
    kept = [(code, value) for code, value in _custom_attributes(product, store) if code in REDUCED]
    return _head(product, store) | {
        "product_links": [],
        "media_gallery_entries": [],
        "tier_prices": [],
        "custom_attributes": _custom_list(kept),
    }


def _head(product: Product, store: str) -> Json:
    head: Json = {
        "id": product.id,
        "sku": product.sku,
        "name": product.name(store),
        "attribute_set_id": 4,
    }
    if product.kind != "grouped":
        head["price"] = euros(product.price)
    head |= {
        "status": product.status,
        "visibility": product.visibility,
        "type_id": product.kind,
        "created_at": moment(product.created_at),
        "updated_at": moment(product.updated_at),
    }
    if product.kind not in ("virtual", "grouped", "bundle"):
        head["weight"] = product.weight
    return head


def _category_links(product: Product) -> Json:
    links = [{"position": at, "category_id": str(one)} for at, one in enumerate(product.categories)]
    return {"category_links": links} if links else {}


def axes(product: Product, catalogue: Mapping[int, Product]) -> list[Json]:
    """The attributes that tell a configurable's variants apart."""
    children = [catalogue[one] for one in product.children]
    return [
        {
            "id": product.id * 2 + at,
            "attribute_id": str(attribute.id),
            "label": attribute.label,
            "position": at,
            "values": [
                {"value_index": value}
                for value in dict.fromkeys(getattr(one, attribute.code) for one in children)
            ],
            "product_id": product.id,
        }
        for at, attribute in enumerate((COLOR, SIZE))
    ]


def _axes(product: Product, catalogue: Mapping[int, Product]) -> Json:
    if product.kind != "configurable":
        return {}
    return {
        "configurable_product_options": axes(product, catalogue),
        "configurable_product_links": list(product.children),
    }


def _links(product: Product) -> list[Json]:
    if product.kind != "grouped":
        return []
    return [
        {
            "sku": product.sku,
            "link_type": "associated",
            "linked_product_sku": sku,
            "linked_product_type": "simple",
            "position": at,
            "extension_attributes": {"qty": 1},
        }
        for at, sku in enumerate(product.extras)
    ]


def pictures(product: Product) -> list[Json]:
    if product.kind != "configurable":
        return []
    name = slug(product.sku)
    return [
        {
            "id": product.id * 2 + at,
            "media_type": "image",
            "label": None,
            "position": at + 1,
            "disabled": False,
            "types": ["image", "small_image", "thumbnail"] if at == 0 else [],
            "file": f"/{name[0]}/{name[1]}/{name}_{at}.jpg",
        }
        for at in range(2)
    ]


def _custom_list(values: Iterable[tuple[str, Any]]) -> list[Json]:
    return [{"attribute_code": code, "value": value} for code, value in values]


def _custom_attributes(product: Product, store: str) -> list[tuple[str, Any]]:
    """Values are texts, ids included; a multiselect is one text with commas."""
    values: list[tuple[str, Any]] = []
    if product.kind == "configurable":
        file = pictures(product)[0]["file"]
        values += [(code, file) for code in ("image", "small_image", "thumbnail")]
    if product.special_price:
        values += [
            ("special_price", decimal(product.special_price)),
            ("special_from_date", moment(product.created_at)),
        ]
    values.append(("options_container", "container2"))
    if product.size:
        values.append(("cost", decimal(product.price * 38 // 100)))
    name = product.name(store)
    values += [
        ("url_key", slug(name) or f"p-{product.id}"),
        ("msrp_display_actual_price_type", "0"),
        ("required_options", "0"),
        ("has_options", "0"),
        ("tax_class_id", "2"),
        ("category_ids", [str(one) for one in product.categories]),
    ]
    return values + _facts(product, store)


def _facts(product: Product, store: str) -> list[tuple[str, Any]]:
    ids = {
        "size": product.size,
        "color": product.color,
        "gender": product.gender,
        "brand": product.brand,
    }
    values: list[tuple[str, Any]] = [(code, str(value)) for code, value in ids.items() if value]
    if product.seasons:
        values.append(("season", ",".join(map(str, product.seasons))))
    if product.material:
        garment = attributes.label(attributes.GENDER, product.gender, store)
        values += [
            ("material", product.material),
            ("short_description", garment),
            ("description", f"<p>{product.name(store)} «&nbsp;{garment}&nbsp;»</p>"),
        ]
    if product.ean:
        values.append(("ean", product.ean))
    return values


def stock_item(product_id: int, quantity: int, *, is_composite: bool) -> Json:
    """The default source's stock. A configurable has none of its own, yet is in stock."""
    return {
        "item_id": product_id,
        "product_id": product_id,
        "stock_id": 1,
        "qty": quantity,
        "is_in_stock": is_composite or quantity > 0,
        **dict.fromkeys(FALSE_SETTINGS, False),
        "use_config_min_qty": True,
        "min_qty": 0,
        "use_config_min_sale_qty": 1,
        "min_sale_qty": 1,
        "use_config_max_sale_qty": True,
        "max_sale_qty": 10000,
        "use_config_backorders": True,
        "backorders": 0,
        "use_config_notify_stock_qty": True,
        "notify_stock_qty": 1,
        "use_config_qty_increments": True,
        "qty_increments": 0,
        "use_config_enable_qty_inc": True,
        "enable_qty_increments": False,
        "use_config_manage_stock": True,
        "manage_stock": True,
        "low_stock_date": None,
        "is_decimal_divided": False,
        "stock_status_changed_auto": 0,
    }

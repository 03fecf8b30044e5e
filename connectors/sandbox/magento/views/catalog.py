"""Products, their attributes and categories."""

from collections import Counter
from typing import Any

from connectors.sandbox.magento import categories, product_json, replies
from connectors.sandbox.magento.attributes import ATTRIBUTES, attribute_json
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.routing import Call, route
from connectors.sandbox.magento.tables import Record

PRODUCTS = "Magento_Catalog::products"
ATTRIBUTE = "Magento_Catalog::attributes_attributes"
CATEGORY = "Magento_Catalog::categories"
STOCK_FIELD = "Magento_CatalogInventory::cataloginventory"
TYPES = ("simple", "virtual", "downloadable", "bundle", "grouped", "configurable")


@route("products", PRODUCTS)
def products(call: Call) -> Any:
    return call.shop.page("products", call)


@route("products/:sku", PRODUCTS)
def product(call: Call) -> Any:
    record = by_sku(call)
    body = dict(call.shop.tables["products"].body(record, call.store))
    if call.who and call.who.may([STOCK_FIELD]):
        stock = call.shop.stock_item(record.key)
        body["extension_attributes"] = {**body.get("extension_attributes", {}), "stock_item": stock}
    return body


def by_sku(call: Call) -> Record:
    """SKUs are compared as the database does, without minding case. Raises Refusal."""
    record = call.shop.product_record(call.variables["sku"])
    if record is None:
        raise replies.no_product()
    return record


@route("products/types", PRODUCTS)
def types(_call: Call) -> Any:
    return [{"name": name, "label": f"{name.title()} Product"} for name in TYPES]


@route("products/:sku/media", "Magento_Catalog::catalog")
def media(call: Call) -> Any:
    record = by_sku(call)
    return call.shop.tables["products"].body(record, call.store)["media_gallery_entries"]


@route("configurable-products/:sku/children", PRODUCTS)
def children(call: Call) -> Any:
    """Reduced products; [] for what is not configurable."""
    record, known = by_sku(call), call.shop.catalogue.by_id
    listed = call.shop.tables["products"].records
    numbers = known[record.key].children if record.key in known else ()
    return [product_json.child_json(known[one], call.store) for one in numbers if one in listed]


@route("configurable-products/:sku/options/all", PRODUCTS)
def options_all(call: Call) -> Any:
    record, known = by_sku(call), call.shop.catalogue.by_id
    return product_json.axes(known[record.key], known)


@route("products/attributes", ATTRIBUTE)
def attributes(call: Call) -> Any:
    return call.shop.page("attributes", call)


@route("products/attributes/:code", ATTRIBUTE)
def attribute(call: Call) -> Any:
    return attribute_json(_attribute(call), call.store)


@route("products/attributes/:code/options", ATTRIBUTE)
def attribute_options(call: Call) -> Any:
    return _attribute(call).option_list(call.store)


def _attribute(call: Call) -> Any:
    code = call.variables["code"]
    if code not in ATTRIBUTES:
        raise replies.Refusal(
            404,
            'The attribute with a "%1" attributeCode doesn\'t exist. Verify the attribute and try again.',
            [code],
        )
    return ATTRIBUTES[code]


@route("products/attribute-sets/sets/list", "Magento_Catalog::sets")
def attribute_sets(call: Call) -> Any:
    default = {
        "attribute_set_id": 4,
        "attribute_set_name": "Default",
        "sort_order": 1,
        "entity_type_id": 4,
    }
    return call.shop.fixed_list(call, [default])


@route("products/attribute-sets/:id/attributes", "Magento_Catalog::sets")
def attributes_of_set(call: Call) -> Any:
    if call.number("id") != 4:
        raise replies.no_such("attributeSetId", call.number("id"))
    return [attribute_json(one, call.store) for one in ATTRIBUTES.values()]


@route("categories", CATEGORY)
def category_tree(call: Call) -> Any:
    """From the root of everything in the administration's scope, else from the store's own root."""
    counts: Counter[int] = Counter()
    for record in call.shop.tables["products"].records.values():
        counts.update(record.columns.get("category_id", ()))
    return categories.tree(1 if call.store == "all" else 2, call.store, dict(counts))


@route("categories/list", CATEGORY)
def category_list(call: Call) -> Any:
    every = [_category(call, number) for number in categories.CATEGORIES]
    return call.shop.fixed_list(call, every)


@route("categories/:id", CATEGORY)
def category(call: Call) -> Any:
    return _category(call, call.number("id"))


def _category(call: Call, number: int) -> Json:
    if number not in categories.CATEGORIES:
        raise replies.no_such("id", number)
    return categories.category_json(number, call.store, product_json.moment(call.shop.opened_at))


@route("categories/:id/products", CATEGORY)
def category_products(call: Call) -> Any:
    number = str(call.number("id"))
    found: list[Json] = []
    for record in call.shop.tables["products"].records.values():
        if number in record.columns.get("category_ids", ()):
            found.append(
                {"sku": record.columns["sku"], "position": len(found), "category_id": number}
            )
    return found

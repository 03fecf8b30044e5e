"""Stock: of one SKU, and by source."""

import random
from typing import Any

from connectors.sandbox.magento import conditions, product_json, replies, stock
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.routing import Call, route
from connectors.sandbox.magento.stores import WEBSITES
from connectors.sandbox.magento.tables import Record

CATALOG_STOCK = "Magento_Catalog::catalog_inventory"
SOURCE = "Magento_InventoryApi::source"
STOCK = "Magento_InventoryApi::stock"
SALES = "Magento_InventorySalesApi::stock"


def _record(call: Call) -> Record:
    sku = call.variables["sku"]
    record = call.shop.product_record(sku)
    if record is None:
        raise replies.Refusal(404, 'The Product with the "%1" SKU doesn\'t exist.', [sku])
    return record


@route("stockItems/lowStock", CATALOG_STOCK)
def low_stock(call: Call) -> Any:
    """In no order; a single row where no page size is given. Reads no searchCriteria."""
    missing = [name for name in ("scopeId", "qty") if not call.params.get(name)]
    if missing:
        raise replies.required(missing[0])
    most = conditions.number(str(call.params["qty"]))
    listed = [item for item in _stock_items(call) if item["qty"] <= most]
    if call.shop.switches.unsorted:
        random.shuffle(listed)
    page, size = _whole(call, "currentPage"), _whole(call, "pageSize")
    return {
        "items": listed[(page - 1) * size : page * size],
        "search_criteria": {
            "mapper_name": "stock",
            "criteria_list": [],
            "filters": [],
            "limit": [],
        },
        "total_count": len(listed),
    }


def _whole(call: Call, name: str) -> int:
    return int(min(max(conditions.number(str(call.params.get(name) or "1")), 1), 10**9))


def _stock_items(call: Call) -> list[Json]:
    with call.shop.lock:
        rows = [one.columns for one in call.shop.tables["source_items"].records.values()]
        products = list(call.shop.tables["products"].records.values())
    quantities = {row["sku"]: row["quantity"] for row in rows if row["source_code"] == "default"}
    return [
        product_json.stock_item(
            one.key,
            quantities.get(one.columns["sku"], 0),
            is_composite=one.columns.get("type_id") == "configurable",
        )
        for one in products
    ]


@route("stockItems/:sku", CATALOG_STOCK)
def stock_item(call: Call) -> Any:
    return call.shop.stock_item(_record(call).key)


@route("stockStatuses/:sku", CATALOG_STOCK)
def stock_status(call: Call) -> Any:
    record = _record(call)
    item = call.shop.stock_item(record.key)
    return {
        "product_id": record.key,
        "stock_id": 1,
        "qty": item["qty"],
        "stock_status": int(item["is_in_stock"]),
        "stock_item": item,
    }


@route("inventory/sources", SOURCE)
def sources(call: Call) -> Any:
    return call.shop.fixed_list(call, stock.sources(), is_required=False)


@route("inventory/source-items", SOURCE)
def source_items(call: Call) -> Any:
    return call.shop.page("source_items", call)


@route("inventory/stocks", STOCK)
def stocks(call: Call) -> Any:
    return call.shop.fixed_list(call, stock.stocks(), is_required=False)


@route("inventory/stocks/:id", STOCK)
def one_stock(call: Call) -> Any:
    if call.number("id") not in (1, 2):
        raise replies.no_such("id", call.number("id"))
    return stock.stock(call.number("id"))


@route("inventory/stock-source-links", "Magento_InventoryApi::stock_source_link")
def stock_source_links(call: Call) -> Any:
    return call.shop.fixed_list(call, stock.links())


@route("inventory/stock-resolver/:type/:code", SALES)
def stock_resolver(call: Call) -> Any:
    for number, website in WEBSITES.items():
        if number and website["code"] == call.variables["code"]:
            return stock.stock(number)
    raise replies.Refusal(404, "No linked stock found")


@route("inventory/get-product-salable-quantity/:sku/:stock", SALES)
def salable_quantity(call: Call) -> Any:
    return call.shop.salable(_record(call).columns["sku"], call.number("stock"))


@route("inventory/is-product-salable/:sku/:stock", SALES)
def is_salable(call: Call) -> Any:
    return call.shop.salable(_record(call).columns["sku"], call.number("stock")) > 0

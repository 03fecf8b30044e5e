"""Stores, currencies, taxes and modules."""

from typing import Any

from connectors.sandbox.magento import replies, stores
from connectors.sandbox.magento.integrations import ALWAYS
from connectors.sandbox.magento.routing import Call, route

BACKEND = "Magento_Backend::store"
MODULES = (
    "Magento_Store", "Magento_Config", "Magento_Directory", "Magento_Theme", "Magento_Backend",
    "Magento_Eav", "Magento_Customer", "Magento_Indexer", "Magento_Integration", "Magento_Catalog",
    "Magento_CatalogInventory", "Magento_CatalogRule", "Magento_Sales", "Magento_Checkout",
    "Magento_ConfigurableProduct", "Magento_GroupedProduct", "Magento_Bundle", "Magento_Downloadable",
    "Magento_Inventory", "Magento_InventoryApi", "Magento_InventorySales", "Magento_InventorySalesApi",
    "Magento_InventoryCatalog", "Magento_Csp", "Magento_OfflinePayments", "Magento_OfflineShipping",
    "Magento_SalesRule", "Magento_Shipping", "Magento_Swatches", "Magento_Tax", "Magento_Webapi",
    "Magento_WebapiAsync",
)  # fmt: skip
COMMERCE_MODULES = ("Magento_Enterprise", "Magento_CustomerSegment", "Magento_Rma")


@route("store/storeViews", BACKEND)
def store_views(_call: Call) -> Any:
    return stores.store_views()


@route("store/websites", BACKEND)
def websites(_call: Call) -> Any:
    return list(stores.WEBSITES.values())


@route("store/storeGroups", BACKEND)
def store_groups(_call: Call) -> Any:
    return stores.GROUPS


@route("store/storeConfigs", BACKEND)
def store_configs(call: Call) -> Any:
    wanted = call.params.get("storeCodes")
    codes = list(wanted.values()) if isinstance(wanted, dict) else list(stores.CODES)
    for code in codes:
        if code not in stores.CODES:
            message = "The store that was requested wasn't found. Verify the store and try again."
            raise replies.Refusal(404, message)
    return [stores.store_config(stores.CODES[str(code)], call.base_url) for code in codes]


@route("directory/currency")
def currency(call: Call) -> Any:
    return stores.currency(call.store)


@route("taxRates/search", "Magento_Tax::manage_tax")
def tax_rates(call: Call) -> Any:
    return call.shop.fixed_list(call, stores.tax_rates())


@route("modules", ALWAYS)
def modules(call: Call) -> Any:
    if "fields" in call.params:
        raise replies.internal_error()
    return [*MODULES, *(COMMERCE_MODULES if call.shop.is_commerce else ())]

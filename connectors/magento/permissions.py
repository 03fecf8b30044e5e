"""Magento's permissions as its administration shows them: the names of the tree in an integration's tab API.

Kleep's guide prints some ids that exist in no Magento; they stand in `printed` beside the real one, so that
a merchant who looks for them finds what to tick instead.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.base import Permission

PRODUCTS = Permission(
    id="Magento_Catalog::products",
    path=_("Catalog > Inventory > Products"),
    printed=("Magento_Catalog::products",),
)
CATEGORIES = Permission(
    id="Magento_Catalog::categories",
    path=_("Catalog > Inventory > Categories"),
    printed=("Magento_Catalog::categories",),
)
ATTRIBUTES = Permission(
    id="Magento_Catalog::attributes_attributes", path=_("Stores > Attributes > Product")
)
ORDERS = Permission(
    id="Magento_Sales::actions_view",
    path=_("Sales > Operations > Orders > Actions > View"),
    printed=("Magento_Sales::sales", "Magento_Sales::actions_view"),
)
CREDIT_MEMOS = Permission(
    id="Magento_Sales::sales_creditmemo",
    path=_("Sales > Operations > Credit Memos"),
    printed=("Magento_Sales::sales", "Magento_Sales::creditmemo"),
)
RETURNS = Permission(
    id="Magento_Rma::magento_rma",
    path=_("Sales > Operations > Returns"),
    printed=("Magento_Rma::rma", "Magento_Rma::magento_rma", "Vendor_Module::returns"),
)
RETURN_ATTRIBUTES = Permission(
    id="Magento_Rma::rma_attribute",
    path=_("Stores > Attributes > Returns"),
    printed=("Magento_Rma::rma", "Magento_Rma::rma_attributes"),
)
STOCK_ITEMS = Permission(
    id="Magento_Catalog::catalog_inventory",
    path=_("Catalog > Inventory"),
    printed=("Magento_CatalogInventory::cataloginventory", "Magento_Config::config"),
)
STORES = Permission(
    id="Magento_Backend::store",
    path=_("Stores > Settings > All Stores"),
    printed=("Magento_Store::store",),
)
SOURCES = Permission(
    id="Magento_InventoryApi::source",
    path=_("Stores > Inventory > Sources"),
    printed=("Magento_Inventory::inventory",),
)
CUSTOMERS = Permission(
    id="Magento_Customer::customer",
    path=pgettext_lazy("Magento's box", "Customers"),  # not the kind of data
    printed=("Magento_Customer::customer",),
)
# Granted to every active integration, so a refusal means that the integration is not active.
ALWAYS = Permission(id="Magento_Backend::admin", path=_("granted to every active integration"))

# Ids that other releases name for the same routes.
_OTHERS = (
    Permission(
        id="Magento_CatalogInventory::cataloginventory",
        path=_("Stores > Settings > Configuration > Inventory Section"),
    ),
    Permission(id="Magento_InventoryApi::inventory", path=_("Stores > Inventory")),
    Permission(id="Magento_InventoryApi::stock", path=_("Stores > Inventory > Stocks")),
    Permission(id="Magento_Customer::manage", path=_("Customers > All Customers")),
)
BY_ID: dict[str, Permission] = {
    one.id: one
    for one in (
        PRODUCTS,
        CATEGORIES,
        ATTRIBUTES,
        ORDERS,
        CREDIT_MEMOS,
        RETURNS,
        RETURN_ATTRIBUTES,
        STOCK_ITEMS,
        STORES,
        SOURCES,
        CUSTOMERS,
        ALWAYS,
        *_OTHERS,
    )
}


def paths(ids: str) -> str:
    """Where the boxes of these ids are ("A::b, C::d", as Magento names them); else the ids."""
    known = (BY_ID.get(one.strip()) for one in ids.split(","))
    found = [str(one.path) for one in known if one]
    return ", ".join(found) or ids

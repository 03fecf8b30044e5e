"""Who may ask: the integrations of a simulated shop, their credentials and their permissions."""

import hashlib
import string
from collections.abc import Iterable
from dataclasses import dataclass, field

ALPHABET = string.digits + string.ascii_lowercase
ALWAYS = "Magento_Backend::admin"

# Everything that reading products, stock, customers, orders and refunds needs, and nothing that writes.
READ = frozenset(
    {
        "Magento_Backend::store",
        "Magento_Catalog::products",
        "Magento_Catalog::categories",
        "Magento_Catalog::attributes_attributes",
        "Magento_Catalog::catalog_inventory",
        "Magento_CatalogInventory::cataloginventory",
        "Magento_InventoryApi::source",
        "Magento_InventoryApi::stock",
        "Magento_InventorySalesApi::stock",
        "Magento_Customer::customer",
        "Magento_Customer::manage",
        "Magento_Customer::group",
        "Magento_Sales::actions_view",
        "Magento_Sales::sales_creditmemo",
        "Magento_Sales::sales_invoice",
        "Magento_Sales::shipment",
        "Magento_Rma::magento_rma",
        "Magento_Rma::rma_attribute",
    }
)
MINIMUM = READ - {
    "Magento_Customer::group",
    "Magento_Sales::sales_invoice",
    "Magento_Sales::shipment",
    "Magento_Catalog::catalog_inventory",
    "Magento_InventorySalesApi::stock",
}
SALES = {name for name in READ if name.startswith("Magento_Sales::")}
RETURNS = {name for name in READ if name.startswith("Magento_Rma::")}


@dataclass
class Integration:
    """`resources` None: all of them. `id` is its consumer's."""

    name: str
    id: int
    consumer_key: str
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)
    resources: frozenset[str] | None = None
    active: bool = True
    revoked: bool = False

    def may(self, resources: Iterable[str]) -> bool:
        held = self.resources
        return self.active and (
            held is None or all(one == ALWAYS or one in held for one in resources)
        )


def secret(source: str, *names: str) -> str:
    """32 characters that the same source and names always give: a demo keeps its credentials."""
    number = int.from_bytes(hashlib.sha256("\0".join([source, *names]).encode()).digest())
    digits = []
    for _ in range(32):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)


def integration(
    source: str, name: str, number: int, resources: frozenset[str] | None = None
) -> Integration:
    return Integration(
        name,
        number,
        secret(source, name, "consumer_key"),
        secret(source, name, "consumer_secret"),
        secret(source, name, "access_token"),
        secret(source, name, "access_token_secret"),
        resources,
    )


def presets(source: str) -> dict[str, Integration]:
    """One integration for each thing a merchant may have got right or wrong, by name.

    `source`: what all credentials are derived from.
    """
    granted: dict[str, frozenset[str] | None] = {
        "full": None,
        "read": READ,
        "min-read": MINIMUM,
        "no-sales": READ - SALES,
        "no-customers": READ - {"Magento_Customer::customer", "Magento_Customer::manage"},
        "no-attributes": READ - {"Magento_Catalog::attributes_attributes"},
        "no-returns": READ - RETURNS,
        "nothing": frozenset(),
        "inactive": READ,
        "revoked": READ,
    }
    made = {
        name: integration(source, name, number, resources)
        for number, (name, resources) in enumerate(granted.items(), start=1)
    }
    made["inactive"].active = False
    made["revoked"].revoked = True
    return made

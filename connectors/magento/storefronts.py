"""The store views behind one integration: those that are read, those that there are, and one more."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.base import StoreView
from connectors.errors import AddressError
from connectors.magento import address
from connectors.magento.address import StoreAddress
from connectors.magento.shapes import StoreConfig

# Magento's own, behind every shop: nobody sells in it.
ADMIN = "admin"


def views(stores: Iterable[StoreConfig]) -> list[StoreView]:
    return [
        StoreView(
            code=one.code,
            url=str(one.secure_base_url or one.base_url or ""),
            language=str(one.locale or ""),
        )
        for one in stores
        if one.code != ADMIN
    ]


def including(config: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The configuration that also reads the store view of that code."""
    stores = list(config.get("stores") or [])
    if any(one.get("store") == code for one in stores):
        return dict(config)
    base = stores[0]["base"] if stores else str(config.get("url", ""))
    return {**config, "stores": [*stores, {"base": base, "store": code}]}


def scopes_of(config: Mapping[str, Any]) -> dict[str, StoreAddress]:
    """The configured store views by scope: the store code, or the host where a second one has none.

    Raises AddressError where the configuration names no usable address.
    """
    given = config.get("stores") or [
        {"base": one.base, "store": one.store} for one in address.parse_all(config.get("url", ""))
    ]
    found: dict[str, StoreAddress] = {}
    for one in given:
        store = StoreAddress(str(one["base"]).rstrip("/"), str(one.get("store") or ""))
        scope = store.store
        if scope in found:
            scope = store.base.partition("://")[2][-64:]
        found.setdefault(scope, store)
    if not found:
        raise AddressError
    return found

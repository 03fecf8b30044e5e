"""The store views behind one integration, and how another one is read with it."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.base import StoreView
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

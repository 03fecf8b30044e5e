"""What every reference is given: the shop, where to land, how rows are to look. Standard library alone."""

import hashlib
import hmac
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

PAGE_SIZE = 300
COLUMNS = (
    "order_id", "line_id", "order_date", "status", "customer_ref", "product_id", "variant_id", "sku",
    "size_label", "quantity", "quantity_cancelled", "quantity_refunded", "price", "currency", "country",
    "store", "updated_at",
)  # fmt: skip

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """The one argument of every reference: a file of JSON."""

    url: str
    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str
    database: str  # a libpq connection string, or the path of an SQLite file
    pseudonym_key: str
    tenant: str
    folder: str  # for whatever a reference wants to keep

    @classmethod
    def read(cls) -> "Asked":
        return cls(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))

    def pseudonym(self, email: str | None) -> str | None:
        typed = (email or "").strip().lower()
        message = f"{self.tenant}\n{typed}".encode()
        return (
            hmac.new(self.pseudonym_key.encode(), message, hashlib.sha256).hexdigest()
            if typed
            else None
        )


def orders_query(page: int) -> str:
    """One page of all orders. Blanks as %20, or Magento refuses the signature."""
    return urlencode(
        {
            "searchCriteria[sortOrders][0][field]": "updated_at",
            "searchCriteria[sortOrders][0][direction]": "ASC",
            "searchCriteria[pageSize]": PAGE_SIZE,
            "searchCriteria[currentPage]": page,
        },
        quote_via=quote,
    )


SIZES_PATH = "products/attributes?" + urlencode(
    {
        "searchCriteria[filterGroups][0][filters][0][field]": "attribute_code",
        "searchCriteria[filterGroups][0][filters][0][value]": "size",
    },
    quote_via=quote,
)
STORES_PATH = "store/storeConfigs"


@dataclass(frozen=True)
class Shop:
    """The labels that rows carry, from the answers of SIZES_PATH and STORES_PATH."""

    size_attribute: str
    sizes: dict[str, str]
    stores: dict[int, str]

    @classmethod
    def of(cls, sizes: Json, stores: list[Json]) -> "Shop":
        attribute = sizes["items"][0]
        labels = {option["value"]: option["label"].strip() for option in attribute["options"]}
        return cls(
            str(attribute["attribute_id"]), labels, {one["id"]: one["code"] for one in stores}
        )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lines(order: Json, shop: Shop, asked: Asked) -> list[Json]:
    """The rows of an order as json gives it: one per line that a shopper would count."""
    items = order["items"]
    by_id = {item["item_id"]: item for item in items}
    child_of = {item["parent_item_id"]: item for item in items if "parent_item_id" in item}
    common = {
        "order_id": str(order["entity_id"]),
        "order_date": moment(order["created_at"]),
        "status": order["status"],
        "customer_ref": asked.pseudonym(order.get("customer_email")),
        "currency": order["order_currency_code"],
        "country": order["billing_address"]["country_id"],
        "store": shop.stores[order["store_id"]],
        "updated_at": moment(order["updated_at"]),
    }
    return [
        common
        | _line(
            item,
            child_of.get(item["item_id"]),
            is_part=item.get("parent_item_id") in by_id,
            shop=shop,
        )
        for item in items
        if by_id.get(item.get("parent_item_id"), {}).get("product_type") != "configurable"
    ]


def _line(item: Json, child: Json | None, *, is_part: bool, shop: Shop) -> Json:
    is_pair = item["product_type"] == "configurable"
    variant = child if is_pair and child else item
    return {
        "line_id": str(item["item_id"]),
        "product_id": str(item["product_id"]),
        "variant_id": str(variant["product_id"]),
        "sku": item["sku"],
        "size_label": _size(item, shop) if is_pair else None,
        "quantity": Decimal(str(item["qty_ordered"])),
        "quantity_cancelled": Decimal(str(item["qty_canceled"])),
        "quantity_refunded": Decimal(str(item["qty_refunded"])),
        "price": Decimal(0) if is_part else Decimal(str(item["price"])),
    }


def _size(item: Json, shop: Shop) -> str | None:
    chosen = item["product_option"]["extension_attributes"]["configurable_item_options"]
    return next(
        (
            shop.sizes.get(str(one["option_value"]))
            for one in chosen
            if one["option_id"] == shop.size_attribute
        ),
        None,
    )

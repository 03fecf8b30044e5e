"""The bare pipeline: http.client, typed structs, COPY to a temporary table, INSERT ... ON CONFLICT.

No limits, no retries, no lease, no counters, no resuming: what the work itself costs.
"""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
import psycopg

from tests.benchmarks.references.asked import (
    COLUMNS,
    PAGE_SIZE,
    SIZES_PATH,
    STORES_PATH,
    Asked,
    Shop,
    moment,
    orders_query,
)

NONE = Decimal(0)


class Option(msgspec.Struct):
    option_id: str
    option_value: int


class Extension(msgspec.Struct):
    configurable_item_options: list[Option] = []


class ProductOption(msgspec.Struct):
    extension_attributes: Extension


class Item(msgspec.Struct):
    item_id: int
    sku: str
    product_id: int
    product_type: str
    price: Decimal
    qty_ordered: Decimal
    qty_canceled: Decimal
    qty_refunded: Decimal
    parent_item_id: int | None = None
    product_option: ProductOption | None = None


class Address(msgspec.Struct):
    country_id: str


class Order(msgspec.Struct):
    entity_id: int
    updated_at: str
    created_at: str
    status: str
    store_id: int
    order_currency_code: str
    billing_address: Address
    items: list[Item]
    customer_email: str | None = None


class Orders(msgspec.Struct):
    items: list[Order]
    total_count: int


class Client:
    """One connection to the shop, every request signed."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.base = urlsplit(asked.url)
        self.http = http.client.HTTPConnection(self.base.netloc)

    def get(self, path: str) -> bytes:
        target = f"/rest/V1/{path}"
        headers = {"Authorization": self._signed(target), "Accept": "application/json"}
        self.http.request("GET", target, headers=headers)
        response = self.http.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {body[:200]!r}")
        return body

    def _signed(self, target: str) -> str:
        path, _, query = target.partition("?")
        oauth = {
            "oauth_consumer_key": self.asked.consumer_key,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
            "oauth_token": self.asked.access_token,
            "oauth_version": "1.0",
        }
        pairs = sorted(
            (_quoted(name), _quoted(value)) for name, value in [*oauth.items(), *parse_qsl(query)]
        )
        joined = "&".join(f"{name}={value}" for name, value in pairs)
        base = "&".join(["GET", _quoted(f"http://{self.base.netloc}{path}"), _quoted(joined)])
        key = f"{self.asked.consumer_secret}&{self.asked.access_token_secret}"
        digest = hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()
        oauth["oauth_signature"] = base64.b64encode(digest).decode()
        return "OAuth " + ", ".join(f'{name}="{_quoted(value)}"' for name, value in oauth.items())


def _quoted(text: str) -> str:
    return quote(text, safe="~")


def pages(client: Client) -> Iterator[list[Order]]:
    decoder = msgspec.json.Decoder(Orders)
    page = 0
    while True:
        page += 1
        listed = decoder.decode(client.get(f"orders?{orders_query(page)}"))
        yield listed.items
        if page * PAGE_SIZE >= listed.total_count:
            return


def rows(orders: list[Order], shop: Shop, asked: Asked) -> Iterator[tuple[Any, ...]]:
    """In the order of COLUMNS."""
    sizes, attribute = shop.sizes, shop.size_attribute
    for order in orders:
        by_id = {item.item_id: item for item in order.items}
        child_of = {item.parent_item_id: item for item in order.items}
        made: datetime = moment(order.created_at)
        changed: datetime = moment(order.updated_at)
        customer, store = asked.pseudonym(order.customer_email), shop.stores[order.store_id]
        for item in order.items:
            parent = by_id.get(item.parent_item_id)  # type: ignore[arg-type]  # None is in no order
            if parent is not None and parent.product_type == "configurable":
                continue
            variant, size = item, None
            if item.product_type == "configurable" and item.product_option:
                variant = child_of.get(item.item_id, item)
                for one in item.product_option.extension_attributes.configurable_item_options:
                    if one.option_id == attribute:
                        size = sizes.get(str(one.option_value))
            yield (
                str(order.entity_id), str(item.item_id), made, order.status, customer,
                str(item.product_id), str(variant.product_id), item.sku, size,
                item.qty_ordered, item.qty_canceled, item.qty_refunded,
                NONE if parent else item.price, order.order_currency_code,
                order.billing_address.country_id, store, changed,
            )  # fmt: skip


def main() -> None:
    asked = Asked.read()
    client = Client(asked)
    shop = Shop.of(json.loads(client.get(SIZES_PATH)), json.loads(client.get(STORES_PATH)))
    names = ", ".join(COLUMNS)
    changes = [f"{name} = excluded.{name}" for name in COLUMNS if name != "line_id"]
    with psycopg.connect(asked.database) as database, database.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE incoming AS SELECT * FROM order_lines WITH NO DATA")
        database.commit()
        for orders in pages(client):
            with cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
                for row in rows(orders, shop, asked):
                    copy.write_row(row)
            cursor.execute(
                f"INSERT INTO order_lines ({names}) SELECT {names} FROM incoming"
                f" ON CONFLICT (line_id) DO UPDATE SET {', '.join(changes)}"
            )
            cursor.execute("TRUNCATE incoming")
            database.commit()


if __name__ == "__main__":
    main()

"""Every route of Magento that Kleep asks for: what it needs, how it is tested and, where it is pulled, read.

A resource that is to be pulled is one more entry with a Feed. Everything else follows from the entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from msgspec import Raw

from connectors.base import Resource, Row
from connectors.datasets import CUSTOMERS, ORDERS, PRODUCTS
from connectors.magento import mapping, permissions, products, shapes
from connectors.magento.address import StoreAddress
from connectors.magento.client import Client
from connectors.magento.context import Context
from connectors.magento.failures import RecordNotFoundError
from connectors.magento.question import Criteria

ONE = Criteria(page_size=1)
NO_SUCH_SKU = "kleep-permission-test"


@dataclass(frozen=True)
class Found:
    """What a test found: how many records (None: this route does not say), and the answer's own facts."""

    count: int | None
    http_status: int | None
    request_id: str


Ask = Callable[[Client, StoreAddress], Found]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """How the records of a list route become rows. Sorted and filtered by updated_at and entity_id."""

    record: type[Any]
    id_of: Callable[[Any], int]
    to_rows: Callable[[Any, Context], list[Row]]
    fields: str = ""  # what the shop is asked to send; blank: everything


@dataclass(frozen=True, kw_only=True)
class MagentoResource(Resource):
    ask: Ask
    feed: Feed | None = None


def listed(path: str) -> Ask:
    """Counts a list route without having a single record sent."""

    def ask(client: Client, address: StoreAddress) -> Found:
        answered, answer = client.get(
            address, path, shapes.Counted, criteria=ONE, fields="total_count"
        )
        return Found(answered.total_count, answer.status, answer.request_id)

    return ask


def bare(path: str) -> Ask:
    """Counts a route that answers with a bare list."""

    def ask(client: Client, address: StoreAddress) -> Found:
        answered, answer = client.get(address, path, list[Raw])
        return Found(len(answered), answer.status, answer.request_id)

    return ask


def ask_stock_items(client: Client, address: StoreAddress) -> Found:
    """The route wants a SKU in its path, where Magento cannot verify every SKU. One that no shop has tells
    as much: Magento looks at the permission first and at the SKU after."""
    try:
        _nothing, answer = client.get(address, f"stockItems/{NO_SUCH_SKU}", Raw)
    except RecordNotFoundError:
        return Found(None, None, "")
    return Found(None, answer.status, answer.request_id)


def ask_credit_memo(client: Client, address: StoreAddress) -> Found:
    """One credit memo by its id: the first that the list gives."""
    memos, answer = client.get(
        address,
        "creditmemos",
        shapes.List[shapes.Identified],
        criteria=ONE,
        fields="items[entity_id],total_count",
    )
    if not memos.items:
        return Found(0, answer.status, answer.request_id)
    number = memos.items[0].entity_id
    _memo, answer = client.get(address, f"creditmemo/{number}", shapes.Identified)
    return Found(memos.total_count, answer.status, answer.request_id)


RESOURCES: tuple[MagentoResource, ...] = (
    MagentoResource(
        name="modules",
        label=_("Connection to Magento"),
        path="modules",
        ask=bare("modules"),
    ),
    MagentoResource(
        name="products",
        label=_("Products"),
        path="products",
        dataset=PRODUCTS,
        cursor_field="updated_at",
        required=True,
        permission=permissions.PRODUCTS,
        scoped=True,
        ask=listed("products"),
        feed=Feed(
            record=shapes.Product,
            id_of=lambda product: product.id,
            to_rows=products.product_rows,
        ),
    ),
    MagentoResource(
        name="attributes",
        label=_("Labels of sizes and colours"),
        path="products/attributes",
        required=True,
        permission=permissions.ATTRIBUTES,
        ask=listed("products/attributes"),
    ),
    MagentoResource(
        name="categories",
        label=_("Categories"),
        path="categories",
        required=True,
        permission=permissions.CATEGORIES,
        ask=listed("categories/list"),
    ),
    MagentoResource(
        name="orders",
        label=_("Orders"),
        path="orders",
        dataset=ORDERS,
        cursor_field="updated_at",
        required=True,
        permission=permissions.ORDERS,
        ask=listed("orders"),
        feed=Feed(
            record=shapes.Order,
            id_of=lambda order: order.entity_id,
            to_rows=mapping.order_rows,
            fields=shapes.ORDER_FIELDS,
        ),
    ),
    MagentoResource(
        name="returns",
        label=_("Returns"),
        path="returns",
        permission=permissions.RETURNS,
        ask=listed("returns"),
    ),
    MagentoResource(
        name="returnsAttributeMetadata",
        label=_("Reasons of returns"),
        path="returnsAttributeMetadata",
        permission=permissions.RETURN_ATTRIBUTES,
        ask=bare("returnsAttributeMetadata"),
    ),
    MagentoResource(
        name="returnsItemAttributeMetadata",
        label=_("Attributes of returned items"),
        path="returnsItemAttributeMetadata",
        permission=permissions.RETURN_ATTRIBUTES,
        ask=bare("returnsItemAttributeMetadata"),
    ),
    MagentoResource(
        name="creditmemos",
        label=_("Credit memos"),
        path="creditmemos",
        permission=permissions.CREDIT_MEMOS,
        ask=listed("creditmemos"),
    ),
    MagentoResource(
        name="creditmemo",
        label=_("A single credit memo"),
        path="creditmemo/:id",
        permission=permissions.CREDIT_MEMOS,
        ask=ask_credit_memo,
    ),
    MagentoResource(
        name="stockItems",
        label=_("Stock of one product"),
        path="stockItems/:sku",
        permission=permissions.STOCK_ITEMS,
        ask=ask_stock_items,
    ),
    MagentoResource(
        name="store",
        label=_("Store views"),
        path="store/storeConfigs",
        permission=permissions.STORES,
        ask=bare("store/storeConfigs"),
    ),
    MagentoResource(
        name="inventory",
        label=_("Stock by source"),
        path="inventory/source-items",
        permission=permissions.SOURCES,
        ask=listed("inventory/source-items"),
    ),
    MagentoResource(
        name="customers",
        label=_("Customers"),
        path="customers/search",
        dataset=CUSTOMERS,
        cursor_field="updated_at",
        permission=permissions.CUSTOMERS,
        ask=listed("customers/search"),
        feed=Feed(
            record=shapes.Customer,
            id_of=lambda customer: customer.id,
            to_rows=mapping.customer_rows,
            fields=shapes.CUSTOMER_FIELDS,
        ),
    ),
)

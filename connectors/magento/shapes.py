"""The fields that we read of Magento's answers, and no others: decoding is the allow-list.

Magento leaves out what is null, gives [] for an empty object, and null for an empty list where `fields` is
used; hence the unions. Money and quantities are numbers, read exactly. Times are UTC without a zone.
"""

from decimal import Decimal
from typing import Generic, TypeVar

from msgspec import Raw, Struct

T = TypeVar("T")

NOTHING = Decimal(0)
# What PHP makes of an empty object.
Empty = list[Raw] | None


class List(Struct, Generic[T]):
    """A page of a list route. Without a count it is no answer of Magento's, whatever else it is."""

    total_count: int
    items: list[T] | None = None


# --- orders: so many that the garbage collector is told to leave them alone; none can be in a cycle ---


class Option(Struct, gc=False):
    """`option_id`: id of the attribute; `option_value`: id of the option that was chosen."""

    option_id: int
    option_value: int | None = None


class OptionExtension(Struct, gc=False):
    configurable_item_options: list[Option] | None = None


class ProductOption(Struct, gc=False):
    extension_attributes: OptionExtension | Empty = None


class OrderItem(Struct, gc=False):
    item_id: int
    sku: str | None = None
    product_id: int | None = None
    product_type: str | None = None
    parent_item_id: int | None = None
    price: Decimal | None = None
    qty_ordered: Decimal | None = None
    qty_canceled: Decimal | None = None
    qty_refunded: Decimal | None = None
    product_option: ProductOption | Empty = None


class OrderAddress(Struct, gc=False):
    country_id: str | None = None


class Order(Struct, gc=False):
    """`customer_email` only becomes a pseudonym; it is not stored."""

    entity_id: int
    updated_at: str | None = None
    created_at: str | None = None
    status: str | None = None
    state: str | None = None
    store_id: int | None = None
    customer_email: str | None = None
    order_currency_code: str | None = None
    billing_address: OrderAddress | Empty = None
    items: list[OrderItem] | None = None


ORDER_FIELDS = (
    "items[entity_id,updated_at,created_at,status,state,store_id,customer_email,order_currency_code,"
    "billing_address[country_id],items[item_id,sku,product_id,product_type,parent_item_id,price,"
    "qty_ordered,qty_canceled,qty_refunded,"
    "product_option[extension_attributes[configurable_item_options]]]],total_count"
)


# --- products ---


class CustomAttribute(Struct):
    """`value` stays undecoded until a mapping asks for it."""

    attribute_code: str
    value: Raw = Raw(b"null")


class CategoryLink(Struct):
    category_id: int
    position: int | None = None


class ProductExtension(Struct):
    website_ids: list[int] | None = None
    category_links: list[CategoryLink] | None = None
    configurable_product_links: list[int] | None = None


class Picture(Struct):
    file: str | None = None
    media_type: str | None = None
    position: int | None = None
    disabled: bool | None = None


class Product(Struct):
    id: int
    updated_at: str | None = None
    sku: str | None = None
    name: str | None = None
    price: Decimal | None = None
    status: int | None = None
    visibility: int | None = None
    type_id: str | None = None
    extension_attributes: ProductExtension | Empty = None
    media_gallery_entries: list[Picture] | None = None
    custom_attributes: list[CustomAttribute] | dict[str, CustomAttribute] | None = None


# --- customers ---


class CustomerAddress(Struct):
    country_id: str | None = None
    default_billing: bool | None = None


class Customer(Struct):
    """`email` only becomes a pseudonym and `dob` a year; neither is stored."""

    id: int
    updated_at: str | None = None
    created_at: str | None = None
    email: str | None = None
    gender: int | None = None
    dob: str | None = None
    addresses: list[CustomerAddress] | None = None


CUSTOMER_FIELDS = (
    "items[id,updated_at,created_at,email,gender,dob,addresses[country_id,default_billing]],"
    "total_count"
)


# --- what labels and addresses come from ---


class AttributeOption(Struct):
    label: str | None = None
    value: str | int | None = None


class StoreLabel(Struct):
    label: str | None = None


class Attribute(Struct):
    attribute_id: int
    attribute_code: str
    frontend_input: str | None = None
    default_frontend_label: str | None = None
    frontend_labels: list[StoreLabel] | None = None
    options: list[AttributeOption] | None = None


class Category(Struct):
    id: int
    name: str | None = None
    level: int = 0
    is_active: bool | None = None
    children_data: list["Category"] | None = None


class StoreConfig(Struct):
    id: int
    code: str
    website_id: int | None = None
    locale: str | None = None
    base_currency_code: str | None = None
    base_url: str | None = None
    base_link_url: str | None = None
    base_media_url: str | None = None
    secure_base_url: str | None = None
    secure_base_link_url: str | None = None
    secure_base_media_url: str | None = None


class Counted(Struct):
    """A list of which only the count is wanted."""

    total_count: int


class Identified(Struct):
    entity_id: int

"""Magento's orders and customers as rows of our datasets. Personal data ends here: see shapes.py."""

from connectors.base import Row
from connectors.datasets import CUSTOMERS, ORDERS
from connectors.magento.context import Context
from connectors.magento.shapes import (
    NOTHING,
    Customer,
    OptionExtension,
    Order,
    OrderAddress,
    OrderItem,
    ProductOption,
)
from connectors.magento.values import utc, year

CONFIGURABLE = "configurable"
GENDERS = {1: "male", 2: "female"}  # 3: not specified


def order_rows(order: Order, context: Context) -> list[Row]:
    """One row per line that a shopper would count.

    A configurable purchase is two items: the parent has the money, the quantities and the options, the child
    has the variant's product id. A bundle's parts are rows of their own, their money is the bundle's.
    """
    items = order.items or []
    by_id = {item.item_id: item for item in items}
    child_of = {item.parent_item_id: item for item in items if item.parent_item_id is not None}
    common = ORDERS.row(**_common(order, context))  # checked once, not for every line
    rows = []
    for item in items:
        parent = None if item.parent_item_id is None else by_id.get(item.parent_item_id)
        if parent is None or parent.product_type != CONFIGURABLE:
            rows.append({**common, **_line(item, parent, child_of.get(item.item_id), context)})
    return rows


def _common(order: Order, context: Context) -> Row:
    address = order.billing_address
    store = order.store_id
    return {
        "order_id": str(order.entity_id),
        "order_date": utc(order.created_at),
        "status": order.status or order.state,
        "customer_ref": customer_ref(order.customer_email, context),
        "currency": order.order_currency_code,
        "country": address.country_id if isinstance(address, OrderAddress) else None,
        "store": context.store_codes.get(store) if store is not None else None,
        "updated_at": utc(order.updated_at),
    }


def _line(
    item: OrderItem, parent: OrderItem | None, child: OrderItem | None, context: Context
) -> Row:
    """`parent`: the bundle that it is a part of, where that is in the same order."""
    is_configurable = item.product_type == CONFIGURABLE
    variant = child if is_configurable else item
    return {
        "line_id": str(item.item_id),
        "product_id": _id(item.product_id),
        "variant_id": _id(variant.product_id) if variant else None,
        "sku": item.sku,
        "size_label": size_label(item, context) if is_configurable else None,
        "quantity": item.qty_ordered or NOTHING,
        "quantity_cancelled": item.qty_canceled or NOTHING,
        "quantity_refunded": item.qty_refunded or NOTHING,
        # Without its parent in this order nothing says whose money it is: its own stands.
        "price": item.price if parent is None else NOTHING,
    }


def size_label(item: OrderItem, context: Context) -> str | None:
    """The size that was chosen; None where the option was deleted since, or the product has no size."""
    option = item.product_option
    extension = option.extension_attributes if isinstance(option, ProductOption) else None
    chosen = extension.configurable_item_options if isinstance(extension, OptionExtension) else None
    if not chosen:
        return None
    sizes = context.codes.get("size", [])
    for one in chosen:
        code = context.labels.codes.get(one.option_id)
        if code in sizes:
            return context.labels.by_code[code].get(str(one.option_value))
    return None


def customer_rows(customer: Customer, context: Context) -> list[Row]:
    """One row; none for a customer without an e-mail address, who could not be joined to orders."""
    reference = customer_ref(customer.email, context)
    if not reference:
        return []
    addresses = customer.addresses or []
    billing = next((one for one in addresses if one.default_billing), None)
    address = billing or next(iter(addresses), None)
    row = CUSTOMERS.row(
        customer_ref=reference,
        created_at=utc(customer.created_at),
        gender=GENDERS.get(customer.gender or 0),
        birth_year=year(customer.dob),
        country=address.country_id if address else None,
        updated_at=utc(customer.updated_at),
    )
    return [row]


def customer_ref(email: str | None, context: Context) -> str | None:
    """The same for an order and for the account, however the address was typed."""
    typed = (email or "").strip().lower()
    return context.pseudonym(typed) if typed else None


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)

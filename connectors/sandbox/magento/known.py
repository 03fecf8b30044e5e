"""The columns that each table has, whether or not a record fills them: filters may name them."""

from connectors.sandbox.magento.attributes import ATTRIBUTES

DOCUMENT = frozenset(
    {"entity_id", "increment_id", "store_id", "created_at", "updated_at", "order_id"}
)
AMOUNTS = frozenset(
    {
        "grand_total",
        "subtotal",
        "tax_amount",
        "discount_amount",
        "shipping_amount",
        "order_currency_code",
    }
)
FLAT_KNOWN = {
    "orders": (DOCUMENT - {"order_id"})
    | AMOUNTS
    | {
        "state", "status", "customer_id", "customer_is_guest", "customer_email", "customer_firstname",
        "customer_lastname", "customer_group_id", "customer_gender", "customer_dob", "coupon_code",
        "quote_id", "remote_ip", "total_paid", "total_due", "total_refunded", "total_qty_ordered",
        "total_item_count", "billing_address_id", "protect_code", "is_virtual", "weight",
        "base_currency_code", "store_name", "base_grand_total", "hold_before_status", "hold_before_state",
    },
    "order_items": frozenset(
        {
            "item_id", "order_id", "parent_item_id", "product_id", "sku", "name", "product_type",
            "qty_ordered", "qty_refunded", "qty_canceled", "qty_invoiced", "qty_shipped", "price",
            "created_at", "updated_at", "store_id",
        }
    ),
    "creditmemos": DOCUMENT | AMOUNTS | {"state", "adjustment", "adjustment_positive", "adjustment_negative"},
    "invoices": DOCUMENT | AMOUNTS | {"state", "total_qty"},
    "shipments": DOCUMENT | {"total_qty"},
    "returns": frozenset(
        {
            "entity_id", "increment_id", "order_id", "order_increment_id", "store_id", "customer_id",
            "date_requested", "status",
        }
    ),
    "source_items": frozenset({"source_item_id", "sku", "source_code", "quantity", "status"}),
}  # fmt: skip
EAV_KNOWN = {
    "products": frozenset(ATTRIBUTES)
    | {
        "entity_id", "type_id", "attribute_set_id", "created_at", "updated_at", "category_id",
        "website_id", "store_id", "store", "category_ids", "tax_class_id",
    },
    "customers": frozenset(
        {
            "entity_id", "email", "firstname", "lastname", "middlename", "group_id", "store_id",
            "website_id", "created_at", "updated_at", "gender", "dob", "created_in", "taxvat",
        }
    ),
}  # fmt: skip

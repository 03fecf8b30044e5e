"""WSHOP's orders, returns and reasons as rows of our datasets. Personal data ends here: see shapes.py."""

from connectors.base import Row
from connectors.datasets import ORDERS, RETURN_REASONS, RETURNS
from connectors.wshop import values
from connectors.wshop.context import Context, label, lines, moment, number, text
from connectors.wshop.paging import Record


def order_rows(record: Record, context: Context) -> list[Row]:
    """One row per line; none for an order without lines."""
    order = text(record, "order_id") or text(record, "id")
    customer = text(record, "customer")
    common = {
        "order_id": order,
        "order_date": moment(record, "created_at", context),
        "status": text(record, "status"),
        "customer_ref": context.pseudonym(customer) if customer else None,
        "currency": text(record, "currency"),
        "country": text(record, "country"),
        "store": text(record, "store"),
        "updated_at": moment(record, "updated_at", context),
    }
    return [
        ORDERS.row(
            **common,
            line_id=text(line, "id") or f"{order}-{place}",
            product_id=text(line, "product_id"),
            variant_id=text(line, "variant_id"),
            sku=text(line, "sku"),
            size_label=label(line, "size", context),
            quantity=number(line, "quantity"),
            quantity_cancelled=number(line, "quantity_cancelled"),
            quantity_refunded=number(line, "quantity_refunded"),
            price=number(line, "price"),
        )
        for place, line in enumerate(lines(record), start=1)
    ]


def return_rows(record: Record, context: Context) -> list[Row]:
    """One row per line; none for a return without lines."""
    common = {
        "return_id": text(record, "return_id") or text(record, "id"),
        "return_date": moment(record, "created_at", context),
        "order_id": text(record, "order_id"),
        "status": text(record, "status"),
        "source": "rma",
        "updated_at": moment(record, "updated_at", context),
    }
    return [
        RETURNS.row(
            **common,
            line_id=text(line, "id") or text(line, "order_line_id") or str(place),
            order_line_id=text(line, "order_line_id"),
            product_id=text(line, "product_id"),
            variant_id=text(line, "variant_id"),
            sku=text(line, "sku"),
            quantity=number(line, "quantity"),
            reason_code=text(line, "reason"),
            reason_label=label(line, "reason", context),
            comment=values.anonymous(text(line, "comment")),
        )
        for place, line in enumerate(lines(record), start=1)
    ]


def reason_rows(record: Record, context: Context) -> list[Row]:
    """One row per language of its label."""
    code = text(record, "id")
    labels = values.translations(record.get("label"), context.language)
    return [
        RETURN_REASONS.row(code=code, label=label, language=language)
        for language, label in labels.items()
    ]

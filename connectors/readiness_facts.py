"""What stands in the tables of one connection, counted by the database: few queries, no rows loaded.

A variant's product is found as catalogue.py finds it, so that the counts are those of the export.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection as database
from django.db import transaction

from connectors import arrivals, catalogue
from connectors.arrivals import Arrival
from connectors.datasets import ORDERS, PRODUCTS, RETURNS, Column, Inherit, Type
from connectors.models import TABLES, Connection, ProductLink

# Datasets whose columns are counted one by one, and which columns.
COVERED: dict[str, tuple[Column, ...]] = {
    PRODUCTS.name: tuple(column for column in PRODUCTS.columns if column.required),
    ORDERS.name: tuple(c for c in ORDERS.columns if c.required or c.name == "size_label"),
    RETURNS.name: tuple(
        c for c in RETURNS.columns if c.required or c.name in ("order_line_id", "reason_code")
    ),
}
NAMES = {name: table._meta.db_table for name, table in TABLES.items()}
# Variants that an export has, each with the product that it belongs to, if it belongs to one. Per database:
# PostgreSQL joins the links whole, SQLite looks each variant's up, by an index that it must be told; the
# other way round takes minutes.
LINKED = """
    l.connection_id = %(connection)s AND l.scope = %(scope)s
    AND p.connection_id = l.connection_id AND p.scope = l.scope AND p.variant_id = l.product_id
    AND p.is_parent AND p.deleted_at IS NULL
"""
LIVE = """
    v.connection_id = %(connection)s AND v.scope = %(scope)s
    AND v.deleted_at IS NULL AND v.is_parent IS NOT TRUE
"""
LINKS = ProductLink._meta.db_table
BY_VARIANT = ProductLink._meta.indexes[0].name
VARIANTS = {
    "postgresql": f"""
        SELECT v.*, m.product_id AS parent_id FROM {NAMES["products"]} v LEFT JOIN (
            SELECT DISTINCT ON (l.variant_id) l.variant_id, l.product_id
            FROM {LINKS} l CROSS JOIN {NAMES["products"]} p WHERE {LINKED}
            ORDER BY l.variant_id, length(l.product_id), l.product_id
        ) m ON m.variant_id = v.variant_id WHERE {LIVE}""",
    "sqlite": f"""
        SELECT v.*, (
            SELECT l.product_id
            FROM {LINKS} l INDEXED BY {BY_VARIANT} CROSS JOIN {NAMES["products"]} p
            WHERE {LINKED} AND l.variant_id = v.variant_id
            ORDER BY length(l.product_id), l.product_id LIMIT 1
        ) AS parent_id FROM {NAMES["products"]} v WHERE {LIVE}""",
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Months are "2026-01"; `filled` counts, by dataset and column, the rows that have a value."""

    variants: int = 0
    variants_without_size: int = 0
    products: int = 0
    products_with_one_variant: int = 0
    order_lines: int = 0
    order_lines_unknown: int = 0
    returns: int = 0
    returns_matched: int = 0
    returns_with_reason: int = 0
    volumes: dict[str, dict[str, int]] = field(default_factory=dict)
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    filled: dict[str, dict[str, int]] = field(default_factory=dict)


def collect(connection: Connection, scope: str = "") -> Facts:
    """Count everything. `scope` as in catalogue.canonical()."""
    scope = catalogue.stored_scope(connection, scope)
    products, single = _products(connection, scope)
    variants, filled_products = _variants(connection, scope)
    lines, unknown, filled_orders = _order_lines(connection, scope)
    returns, matched, reasons, filled_returns = _returns(connection)
    return Facts(
        variants=variants,
        variants_without_size=variants - filled_products["size_label"],
        products=products,
        products_with_one_variant=single,
        order_lines=lines,
        order_lines_unknown=unknown,
        returns=returns,
        returns_matched=matched,
        returns_with_reason=reasons,
        volumes=arrivals.volumes(connection),
        arrivals=arrivals.arrivals(connection, scope),
        filled={
            PRODUCTS.name: filled_products,
            ORDERS.name: filled_orders,
            RETURNS.name: filled_returns,
        },
    )


def _products(connection: Connection, scope: str) -> tuple[int, int]:
    """(products, those with one variant only)"""
    [(products, single)] = _ask(
        f"""SELECT count(*), coalesce(sum(CASE WHEN n = 1 THEN 1 ELSE 0 END), 0) FROM (
            SELECT count(*) AS n FROM ({VARIANTS[database.vendor]}) s GROUP BY coalesce(parent_id, product_id)
        ) g""",
        connection,
        scope,
    )
    return products, single


def _variants(connection: Connection, scope: str) -> tuple[int, dict[str, int]]:
    columns = COVERED[PRODUCTS.name]
    sums = ", ".join(_sum(_filled_or_inherited(column)) for column in columns)
    [(count, *filled)] = _ask(
        f"""SELECT count(*), {sums} FROM ({VARIANTS[database.vendor]}) v
        LEFT JOIN {NAMES["products"]} p
        ON p.connection_id = v.connection_id AND p.scope = v.scope AND p.variant_id = v.parent_id""",
        connection,
        scope,
    )
    return count, _named(columns, filled)


def _order_lines(connection: Connection, scope: str) -> tuple[int, int, dict[str, int]]:
    """(lines, those of an unknown product, filled): by what was bought, which is few, not by line.

    A product is known where an export has its variant, or another variant of it.
    """
    columns = [column for column in COVERED[ORDERS.name] if column.name != "size_label"]
    inner = ", ".join(f"{_sum(_filled('o', c))} AS has_{c.name}" for c in columns)
    outer = ", ".join(f"coalesce(sum(has_{column.name}), 0)" for column in columns)
    size = ORDERS.columns[[c.name for c in ORDERS.columns].index("size_label")]
    [(lines, unknown, sized, *filled)] = _ask(
        f"""SELECT coalesce(sum(n), 0),
            coalesce(sum(CASE WHEN (v.variant_id IS NULL OR v.deleted_at IS NOT NULL)
                AND NOT coalesce(o.product_id IN (
                    SELECT coalesce(parent_id, product_id) FROM ({VARIANTS[database.vendor]}) s
                ), FALSE) THEN n ELSE 0 END), 0),
            coalesce(sum(CASE WHEN {_filled("v", size)} THEN n ELSE has_size END), 0), {outer}
        FROM (
            SELECT product_id, variant_id, count(*) AS n, {_sum(_filled("o", size))} AS has_size, {inner}
            FROM {NAMES["orders"]} o
            WHERE connection_id = %(connection)s AND scope = '' AND deleted_at IS NULL
            GROUP BY product_id, variant_id
        ) o
        LEFT JOIN {NAMES["products"]} v ON v.connection_id = %(connection)s AND v.scope = %(scope)s
            AND v.variant_id = o.variant_id AND v.is_parent IS NOT TRUE""",
        connection,
        scope,
    )
    return lines, unknown, {**_named(columns, filled), size.name: sized}


def _returns(connection: Connection) -> tuple[int, int, int, dict[str, int]]:
    """(lines, matched to an order line, with a reason, filled).

    By the order line that the return names; where it names none, by its order and variant.
    """
    columns = COVERED[RETURNS.name]
    sums = ", ".join(_sum(_filled("r", column)) for column in columns)
    mine = "connection_id = %(connection)s AND scope = '' AND deleted_at IS NULL"
    unnamed = "coalesce(order_line_id, '') = ''"
    by_order = f"""{unnamed} AND (r.order_id, r.variant_id) IN (
        SELECT order_id, variant_id FROM {NAMES["orders"]} WHERE {mine} AND order_id IN (
            SELECT order_id FROM {NAMES["returns"]} WHERE {mine} AND {unnamed}))"""
    [(lines, matched, reasons, *filled)] = _ask(
        f"""SELECT count(*), {_sum(f"o.line_id IS NOT NULL OR {by_order}")},
            {_sum("coalesce(r.reason_code, '') <> '' OR coalesce(r.reason_label, '') <> ''")}, {sums}
        FROM (SELECT * FROM {NAMES["returns"]} WHERE {mine}) r
        LEFT JOIN {NAMES["orders"]} o ON o.connection_id = %(connection)s AND o.scope = ''
            AND o.deleted_at IS NULL AND o.line_id = r.order_line_id""",
        connection,
    )
    return lines, matched, reasons, _named(columns, filled)


def _filled(alias: str, column: Column) -> str:
    name = "remote_updated_at" if column.name == "updated_at" else column.name
    match column.type:
        case Type.TEXT:
            return f"coalesce({alias}.{name}, '') <> ''"
        case Type.LIST | Type.OBJECT:
            return f"coalesce(CAST({alias}.{name} AS text), '[]') NOT IN ('[]', '{{}}', 'null')"
        case _:
            return f"{alias}.{name} IS NOT NULL"


def _filled_or_inherited(column: Column) -> str:
    """Whether the exported row of variant v and its product p has a value: see catalogue.joined."""
    own = _filled("v", column)
    return own if column.inherit is Inherit.NEVER else f"{own} OR {_filled('p', column)}"


def _sum(condition: str) -> str:
    return f"coalesce(sum(CASE WHEN {condition} THEN 1 ELSE 0 END), 0)"


def _named(columns: Sequence[Column], values: Sequence[int]) -> dict[str, int]:
    return {column.name: int(value) for column, value in zip(columns, values, strict=True)}


def _ask(sql: str, connection: Connection, scope: str = "") -> list[tuple[Any, ...]]:
    key = Connection._meta.pk.get_db_prep_value(connection.pk, database)
    with transaction.atomic(), database.cursor() as cursor:
        if database.vendor == "postgresql":
            # A table that has just been filled has no statistics yet: PostgreSQL then takes the whole of a
            # shop for one row, and compares everything with everything.
            cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
        cursor.execute(sql, {"connection": key, "scope": scope})
        # PostgreSQL adds up whole numbers to a decimal one.
        return [
            tuple(int(value) if isinstance(value, Decimal) else value for value in row)
            for row in cursor.fetchall()
        ]

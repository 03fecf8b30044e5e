"""The template for the dimensions of a shop's articles: its own variants, with what is known already."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import get_language

from connectors import catalogue
from connectors.base import Row
from connectors.catalogue import MEASURES
from connectors.datasets import DIMENSIONS
from onboarding.models import Shop

NAMES = [column.name for column in DIMENSIONS.columns]
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else


def lines(shop: Shop) -> Iterator[str]:
    """CSV as the spreadsheets of the reader's language open it; validation takes either delimiter."""
    delimiter = ";" if get_language() == "fr" else ","
    yield BYTE_ORDER_MARK + _line(NAMES, delimiter)
    if shop.connection is None:
        return
    for row in catalogue.variants(shop.connection, shop.store):
        if row["sku"]:
            yield _line(_cells(row), delimiter)


def _cells(row: Row) -> list[str]:
    known = row["dimensions"] or {}
    described = [str(row[name] or "") for name in ("title", "size_label")]
    return [row["sku"], *map(_as_text, described), *(known.get(name, "") for name in MEASURES)]


def _as_text(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value


def _line(cells: list[str], delimiter: str) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return written.getvalue()

"""The CSV template and the filled sample of a dataset, made from its declaration."""

import csv
import io
import re

from connectors.datasets import Dataset

ROWS = 3
# With the key, what differs between two rows of a sample.
OWN = ("variant_id", "sku", "ean", "size_label")
BOM = "\ufeff"  # without it spreadsheet programs take UTF-8 for something else


def template(dataset: Dataset) -> str:
    """The header alone, in the order of the declaration."""
    return _csv(dataset, [])


def sample(dataset: Dataset) -> str:
    """The header and a few rows, made of the examples."""
    own = {*dataset.key, *OWN} - {column.name for column in dataset.columns if column.choices}
    rows = [
        [
            _later(column.example, number) if column.name in own else column.example
            for column in dataset.columns
        ]
        for number in range(ROWS)
    ]
    return _csv(dataset, rows)


def _csv(dataset: Dataset, rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    out.write(BOM)
    writer = csv.writer(out)
    writer.writerow([column.name for column in dataset.columns])
    writer.writerows(rows)
    return out.getvalue()


def _later(value: str, number: int) -> str:
    """The value with its last number counted on, as wide as it was."""
    found = re.fullmatch(r"(.*?)(\d+)", value, re.DOTALL)
    if not found:
        return f"{value}{number + 1}" if number else value
    return f"{found[1]}{int(found[2]) + number:0{len(found[2])}d}"

"""The datasets as a page for people, made from their declaration."""

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from connectors.datasets import DATASETS, Column, Dataset, Type

INTRODUCTION = """\
# Datasets

What the portal pulls, takes in as files and exports. Made from `connectors/datasets.py` by
`manage.py describe_datasets > docs/datasets.md`: change the declaration, not this page.

Only the columns marked **Kleep** are documented by Kleep (the required columns of its product template).
Every other column and table is **our assumption**, to be confirmed with Kleep, and can be changed in that one
place. "Required" says that a row is of little use without it; an export writes such a row all the same, and
leaves the cell empty.

Identifiers are text: leading zeros count. Times are ISO 8601 in UTC. Rows that the shop has deleted are left
out. Names, e-mail and postal addresses, telephone numbers, IP addresses and payment data are never stored.
"""

NOTATION = {
    Type.TEXT: (_("text"), _("string"), "string"),
    Type.INTEGER: (_("digits"), _("number"), "int64"),
    Type.DECIMAL: (_("digits, point, no trailing zeros"), _("number"), "decimal128(18, 4)"),
    Type.BOOLEAN: (_("`true` or `false`"), _("`true` or `false`"), "bool"),
    Type.DATE_TIME: ("ISO 8601, `+00:00`", _("string, ISO 8601"), "timestamp[us, UTC]"),
    Type.LIST: (_("JSON text"), _("array of strings"), "list<string>"),
    Type.OBJECT: (_("JSON text"), _("object of strings"), "map<string, string>"),
}


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    for dataset in DATASETS.values():
        yield from _dataset(dataset)
    yield "## How a type is written\n"
    yield "| type | csv | jsonl | parquet |"
    yield "|---|---|---|---|"
    for type, (csv, jsonl, parquet) in NOTATION.items():
        yield f"| {type} | {csv} | {jsonl} | {parquet} |"
    yield "\nNo value is an empty cell in csv and null elsewhere."
    yield "csv: UTF-8, header, comma, CRLF, quotes doubled (RFC 4180)."
    yield ""


def _dataset(dataset: Dataset) -> Iterator[str]:
    yield f"## {dataset.name}\n"
    yield f"{dataset.description} Key: {', '.join(f'`{name}`' for name in dataset.key)}."
    if dataset.scoped:
        yield "Read once per store view: titles and labels are in its language."
    yield "\n| column | type | required | from | meaning | example |"
    yield "|---|---|---|---|---|---|"
    for column in dataset.columns:
        yield _column(column)
    yield ""


def _column(column: Column) -> str:
    required = "yes" if column.required else ""
    origin = "our assumption" if column.ours else "**Kleep**"
    meaning = column.description
    if column.choices:
        meaning += f" One of: {', '.join(column.choices)}."
    cells = (f"`{column.name}`", column.type, required, origin, meaning, column.example)
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"

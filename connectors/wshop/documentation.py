"""Writes docs/wshop.md out of the tables: `python -m connectors.wshop.documentation > docs/wshop.md`."""

import sys
from collections.abc import Iterator, Mapping

from connectors.wshop.dialect import DIALECT, Endpoint, Style
from connectors.wshop.products import ROLES

INTRODUCTION = """\
# WSHOP

Made from `connectors/wshop/dialect.py` by `python -m connectors.wshop.documentation > docs/wshop.md`:
change the table, not this page.

## What WSHOP documents

- Every call goes to `/api/v1/<resource>/<action>` with parameters in a JSON body.
- `authenticate` takes `email` and `password` of a Back Office user; every other call needs
  `Authorization: Bearer <token>`.
- Answers are `{"success": true, "data": [...]}` or `{"success": false, "error": {"message": "..."}}`;
  `success` is the test, not the HTTP status.
- The profile of the user decides which resources it may read.

## What is our assumption

**Everything below.** Verbs, paging, filters, names of fields, the format of dates, the place of the
token and the words of its errors are not documented publicly. Each endpoint has one table in
`dialect.py`; correcting an entry there is all that it takes. A shop that contradicts its table is not
believed: the pull stops with an error for staff whose detail names the entry to correct, and no record
is lost.
"""

READING = """\
## How lists are read

*Ordered* endpoints (with a filter and a sort): every page is asked for from the last `updated_at` seen,
and what was given already is left out. Page numbers serve only where one moment fills more than a page;
the page before is then read again after each page, so that a record that left it cannot draw an unread
one past us. Needed of the shop: the order that the table names, and that nothing appears before the
upper bound once that is past.

*Whole* endpoints: read from beginning to end, and again until a reading finds nothing new, where it
takes more than one page. A record is missed only if it slips away in two readings running; the next pull
finds it.

A short page is not taken for the last one, unless the shop's total says so or it gave longer ones
before: a shop may give fewer records than it is asked for.

Dates without a zone are ambiguous in the hour in which clocks are turned back: that hour is read again.

Sizes, departments, attributes and reasons are read once per pull that finds any record. Where the
profile does not allow one of them the pull stops, so that blanks never replace good labels; where this
WSHOP does not have it, the labels stay blank.
"""

SETTINGS = """\
## Settings of a shop

Keys of `config` in the document of `manage.py connect`:

| key | meaning |
|---|---|
| `url` | API URL, with or without `/api/v1` |
| `username` | e-mail address of the Back Office user with API access; sealed |
| `password` | its password; sealed |
| `language` | of titles and labels that come in several; default `fr` |
| `fields` | where a product's record has `internal_reference` and `parent_reference`, an object |
| `attributes` | which attribute codes play which role, an object |

For example `fields`: `{"parent_reference": "collection.code"}`, `attributes`: `{"dimensions": ["length"]}`.

The three questions of Kleep's guide are answered there: the brand's own reference is
`internal_reference`, what colour variants of one model have in common is `parent_reference`, and
dimensions that are in the catalogue are listed under `dimensions`.
"""


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield from _general()
    for name, endpoint in DIALECT.endpoints.items():
        yield from _endpoint(name, endpoint)
    yield READING
    yield SETTINGS
    yield "Roles and the codes that are looked for where a shop names none:\n"
    yield from _table(
        ("role", "attribute codes"), {role: ", ".join(codes) for role, codes in ROLES.items()}
    )


def _general() -> Iterator[str]:
    login = DIALECT.login
    yield "### Log-in and refusals\n"
    entries = {
        "spellings tried": ", ".join(f"`{path}`" for path in login.paths),
        "token": f"`{login.token}`",
    }
    words = {f"error words: {reason}": ", ".join(found) for reason, found in DIALECT.words}
    yield from _table(("entry", "assumed"), {**entries, **words})


def _endpoint(name: str, endpoint: Endpoint) -> Iterator[str]:
    yield f"### {name}: `{endpoint.path}`\n"
    yield from _table(("entry", "assumed"), dict(_entries(endpoint)))
    fields = {f"`{ours}`": f"`{theirs}`" for ours, theirs in endpoint.fields.items()}
    lines = {
        f"`{ours}` of a line": f"`{endpoint.lines}[].{theirs}`"
        for ours, theirs in endpoint.line_fields.items()
    }
    yield from _table(("our value", "path in a record"), {**fields, **lines})


def _entries(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    yield "verb", f"{endpoint.verb}, parameters in the {endpoint.parameters}"
    yield "list", f"`{endpoint.records}`"
    yield "paging", _paging(endpoint)
    yield "read", "ordered" if endpoint.ordered else "whole"
    if changes := endpoint.changes:
        bound = "inclusive" if changes.inclusive else "exclusive"
        yield "filter", f"`{changes.since}` ({bound}), `{changes.until}`"
        sort = ", ".join(f"`{name}`: `{value}`" for name, value in changes.sort.items())
        yield "sort", f"{sort}; ties by id: {'yes' if changes.ties_by_id else 'no'}"
    if "updated_at" in endpoint.fields:
        yield "dates", f"`{endpoint.dates.format}`, {endpoint.dates.zone}"
    if endpoint.needed:
        yield "never blank on a page", ", ".join(f"`{name}`" for name in endpoint.needed)
    for value, labels in endpoint.labels.items():
        yield f"`{value}`", f"an id whose label `{DIALECT.endpoints[labels].path}` has"


def _paging(endpoint: Endpoint) -> str:
    paging = endpoint.paging
    if paging.style is Style.NONE:
        return "none: one answer holds everything"
    asked = f"{paging.style}: `{paging.number}`, `{paging.size}` ({paging.limit})"
    return f"{asked}; total at `{paging.total}`, if told" if paging.total else asked


def _table(head: tuple[str, str], entries: Mapping[str, str]) -> Iterator[str]:
    yield f"| {head[0]} | {head[1]} |"
    yield "|---|---|"
    yield from (f"| {name} | {value} |" for name, value in entries.items())
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())

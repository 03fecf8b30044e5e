"""Answers lists: a page of a table, with its criteria repeated and only the fields that were asked for."""

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.sandbox.magento import criteria as criteria_
from connectors.sandbox.magento import fields, replies
from connectors.sandbox.magento.criteria import Criteria
from connectors.sandbox.magento.fields import Tree
from connectors.sandbox.magento.phpquery import PhpArray
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.tables import Record, Table

if TYPE_CHECKING:
    from connectors.sandbox.magento.shop import SandboxShop

# What limits set as the default where none is configured.
UNLIMITED = 999_999

WHOLE: Tree = {"items": None, "search_criteria": None, "total_count": None}


def found(
    shop: "SandboxShop", table: Table, params: PhpArray, *, is_required: bool = True
) -> tuple[Criteria, list[Record], int]:
    """The criteria as they were taken, one page of records, and how many there are. Raises Refusal."""
    criteria = _limited(shop, criteria_.of(params, is_required=is_required))
    with shop.lock:
        records, total = table.search(criteria, shop.switches)
    return criteria, records, total + shop.switches.total_offset


def _limited(shop: "SandboxShop", criteria: Criteria) -> Criteria:
    limit, size = shop.switches.input_limit, criteria.page_size
    if limit is not None and size is not None and size > limit:
        raise replies.Refusal(400, "Maximum SearchCriteria pageSize is %max", {"max": limit})
    if size is None and limit is not None:
        return replace(criteria, page_size=shop.switches.default_page_size or UNLIMITED)
    return criteria


def as_json(shop: "SandboxShop", table: Table, params: PhpArray, store: str) -> Json:
    """A page as a dict. What `fields` cannot make sense of gives {}."""
    criteria, records, total = found(shop, table, params, is_required=False)
    body = {
        "items": [_body(shop, table, record, store) for record in records],
        "search_criteria": criteria.echo(),
        "total_count": total,
    }
    wanted = params.get("fields")
    if not wanted:
        return body
    tree = fields.parse(str(wanted))
    kept = fields.keep(body, tree) if tree else []
    return kept if isinstance(kept, dict) else {}


def encoded(shop: "SandboxShop", table: Table, params: PhpArray, store: str) -> bytes:
    """A page as JSON, put together from records that are encoded once and kept."""
    criteria, records, total = found(shop, table, params)
    wanted = params.get("fields")
    tree = fields.parse(str(wanted)) if wanted else WHOLE
    parts = []
    for name in WHOLE if tree else ():
        if tree is None or name not in tree:
            continue
        branch = tree[name]
        if name == "items":
            value = _items(shop, table, records, store, branch)
        elif name == "search_criteria":
            echo = criteria.echo()
            value = replies.encode(fields.keep(echo, branch) if branch else echo)
        else:
            value = b"%d" % total
        parts.append(b'"%b":%b' % (name.encode(), value))
    return b"{%b}" % b",".join(parts) if parts else b"[]"


def _items(
    shop: "SandboxShop", table: Table, records: list[Record], store: str, branch: Tree | None
) -> bytes:
    if branch is not None and not records:
        return b"null"
    shape = (store, repr(branch), shop.switches.child_prices, shop.switches.empty_lists)

    def piece(record: Record) -> bytes:
        body = _body(shop, table, record, store)
        return replies.encode(fields.keep(body, branch) if branch is not None else body)

    pieces = [
        shop.fragments.get((record.version, shape), lambda: piece(record))  # noqa: B023 (called at once)
        for record in records
    ]
    return b"[%b]" % b",".join(pieces)


def _body(shop: "SandboxShop", table: Table, record: Record, store: str) -> Json:
    body = dict(table.body(record, store))
    if shop.switches.empty_lists and not body.get("extension_attributes"):
        body["extension_attributes"] = []
    return body


def fixed(shop: "SandboxShop", params: PhpArray, rows: list[Json], *, is_required: bool) -> Json:
    """A short list that nobody edits, searched as any other."""
    table = Table("fixed", key="row", known=frozenset(rows[0] if rows else ()))
    for at, row in enumerate(rows):
        table.add(Record(at, row, row))
    criteria, records, total = found(shop, table, params, is_required=is_required)
    items = [record.body for record in records]
    return {"items": items, "search_criteria": criteria.echo(), "total_count": total}

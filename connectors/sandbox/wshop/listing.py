"""One page of a list: filtered, sorted and cut as the endpoint's manner says."""

import base64
from datetime import datetime
from typing import Any

from connectors.sandbox.wshop.manner import Json, Manner

Record = dict[str, Any]


def page(records: list[Record], manner: Manner, given: Json) -> Json:
    """The envelope of a page. Raises ValueError where a parameter has a wrong format."""
    matching = _sorted([one for one in records if _matches(one, manner, given)], manner, given)
    start, size = _cut(manner, given)
    cut = matching[start : start + size] if manner.paging != "none" else matching
    said = [manner.said(record) for record in cut]
    envelope: Json = {"success": True, "data": {manner.wrap: said} if manner.wrap else said}
    if manner.tells_total:
        envelope["total"] = len(cut) if manner.counts_page else len(matching)
    if manner.paging == "cursor" and start + size < len(matching):
        envelope["next"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return envelope


def _matches(record: Record, manner: Manner, given: Json) -> bool:
    if "updated_at" not in record or not manner.obeys_filter:
        return True
    at = _held(record, manner)
    if given.get(manner.since) not in {None, ""}:
        bound = manner.read(given[manner.since])
        if at < bound or (manner.excludes_bound and at == bound):
            return False
    return given.get(manner.until) in {None, ""} or at <= manner.read(given[manner.until])


def _sorted(records: list[Record], manner: Manner, given: Json) -> list[Record]:
    if given.get("sort") != "updated_at,id" or not manner.obeys_sort:
        return records
    return sorted(records, key=lambda one: (_held(one, manner), one["id"]))


def _held(record: Record, manner: Manner) -> datetime:
    """updated_at as the shop's own column holds it: in its resolution, without a zone."""
    return manner.read(manner.written(record["updated_at"]))


def _cut(manner: Manner, given: Json) -> tuple[int, int]:
    """First record and size of the page."""
    size = min(int(given.get(manner.size, 20)), manner.most)
    if size < 1:
        raise ValueError("size")
    number = given.get(manner.number)
    if manner.paging == "cursor":
        return int(base64.urlsafe_b64decode(number)) if number else 0, size
    if manner.paging == "offset":
        return int(number or 0), size
    return (int(number or 1) - 1) * size, size

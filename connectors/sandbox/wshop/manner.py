"""How the simulated shop speaks at one endpoint: everything that WSHOP does not document can be turned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Manner:
    """The defaults are what docs/wshop.md assumes."""

    verb: str = "POST"
    reads: str = "body"  # or query
    paging: str = "page"  # or offset, cursor, none
    number: str = "page"
    size: str = "limit"
    most: int = 200  # records per page that the shop gives, however many are asked for
    tells_total: bool = True
    counts_page: bool = False  # what it tells as total is the page's own length
    since: str = "updated_from"
    until: str = "updated_to"
    excludes_bound: bool = False
    obeys_filter: bool = True
    obeys_sort: bool = True
    dates: str = "%Y-%m-%d %H:%M:%S"  # or iso, unix
    zone: str = "UTC"
    renamed: Mapping[str, str] = field(default_factory=dict)  # of any key in a record
    wrap: str = ""  # a key below data that holds the list

    def written(self, moment: datetime) -> str | int:
        if self.dates == "unix":
            return int(moment.timestamp())
        local = moment.astimezone(ZoneInfo(self.zone))
        return local.isoformat() if self.dates == "iso" else local.strftime(self.dates)

    def read(self, given: str | int) -> datetime:
        """Raises ValueError."""
        if self.dates == "unix":
            return datetime.fromtimestamp(int(given), UTC)
        if self.dates == "iso":
            moment = datetime.fromisoformat(str(given))
        else:
            moment = datetime.strptime(str(given), self.dates)  # noqa: DTZ007  # the zone follows
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.zone))).astimezone(
            UTC
        )

    def said(self, value: Any) -> Any:
        """A record as it leaves the shop: dates written, keys renamed, also inside lists."""
        if isinstance(value, datetime):
            return self.written(value)
        if isinstance(value, dict):
            return {self.renamed.get(key, key): self.said(one) for key, one in value.items()}
        return [self.said(one) for one in value] if isinstance(value, list) else value

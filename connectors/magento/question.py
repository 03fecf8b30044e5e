"""Builds the URLs of Magento's REST API so that its signature check accepts them.

Blanks go as %20, never as +; no index ever reaches 10; each name has a value and comes once. Magento
sorts and decodes a query in ways of its own before it verifies: other spellings give "signature invalid".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from connectors.magento.address import StoreAddress

MAX_INDEX = 9

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Filter:
    """One condition on one field. `condition` is one that Magento knows: it takes any other for eq."""

    field: str
    condition: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What to list. Filters are joined by AND; sorted by each field of `sort` in turn."""

    filters: tuple[Filter, ...] = ()
    sort: tuple[str, ...] = ()
    descending: bool = False
    page_size: int = 100
    page: int = 1

    def with_page_size(self, page_size: int) -> "Criteria":
        return replace(self, page_size=page_size)

    def params(self) -> Params:
        """The searchCriteria of the query. Raises ValueError where an index would reach 10."""
        if max(len(self.filters), len(self.sort)) > MAX_INDEX + 1:
            raise ValueError("Magento refuses the signature of an index of 10 and more")
        made = [
            (f"filterGroups][{at}][filters][0][{name}", value)
            for at, one in enumerate(self.filters)
            for name, value in (
                ("field", one.field),
                ("conditionType", one.condition),
                ("value", one.value),
            )
        ]
        for at, field in enumerate(self.sort):
            direction = "DESC" if self.descending else "ASC"
            made += [
                (f"sortOrders][{at}][field", field),
                (f"sortOrders][{at}][direction", direction),
            ]
        made += [("pageSize", str(self.page_size)), ("currentPage", str(self.page))]
        return tuple((f"searchCriteria[{name}]", value) for name, value in made)


def url(address: StoreAddress, path: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """The address of a route, e.g. path "orders", always through V1: reads do not go through async/V1."""
    store = f"{address.store}/" if address.store else ""
    query = urlencode(list(params), quote_via=quote, safe="")
    return f"{address.base}/rest/{store}V1/{path}" + (f"?{query}" if query else "")

"""How the routes of Magento are tested: each asked for next to nothing, never for a shopper's record."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Raw

from connectors.errors import NotAvailableError, UnexpectedAnswerError
from connectors.magento import custom, shapes
from connectors.magento.address import StoreAddress
from connectors.magento.client import Client
from connectors.magento.failures import RecordNotFoundError
from connectors.magento.question import Criteria, Params

ONE = Criteria(page_size=1)
STOCK_LIST = "stockItems/lowStock"
# The route gives what is low: below a quantity that nobody has, that is everything.
EVERYTHING = "99999999"
ADMIN_WEBSITE = "0"  # under which Magento keeps all quantities
NO_SUCH_SKU = "kleep-permission-test"


@dataclass(frozen=True)
class Found:
    """What a test found: how many records (None: this route does not say), and the answer's own facts."""

    count: int | None
    http_status: int | None
    request_id: str


Ask = Callable[[Client, StoreAddress], Found]


def stock_list_params(page: int, size: int) -> Params:
    """Without a page size the route gives a single row."""
    return (
        ("scopeId", ADMIN_WEBSITE),
        ("qty", EVERYTHING),
        ("currentPage", str(page)),
        ("pageSize", str(size)),
    )


def listed(path: str) -> Ask:
    """Counts a list route without having a single record sent."""

    def ask(client: Client, address: StoreAddress) -> Found:
        answered, answer = client.get(
            address, path, shapes.Counted, criteria=ONE, fields="total_count"
        )
        return Found(answered.total_count, answer.status, answer.request_id)

    return ask


def bare(path: str) -> Ask:
    """Counts a route that answers with a bare list."""

    def ask(client: Client, address: StoreAddress) -> Found:
        answered, answer = client.get(address, path, list[Raw])
        return Found(len(answered), answer.status, answer.request_id)

    return ask


def reached(path: str) -> Ask:
    """Whether a route answers; what it lists are no records of the shop."""

    def ask(client: Client, address: StoreAddress) -> Found:
        _answered, answer = client.get(address, path, list[Raw])
        return Found(None, answer.status, answer.request_id)

    return ask


def ask_stock_items(client: Client, address: StoreAddress) -> Found:
    """Counts the list of quantities; a shop without that list is asked for its permission alone.

    The other route wants a SKU in its path, where Magento cannot verify every SKU. One that no shop has tells
    as much: Magento looks at the permission first and at the SKU after.
    """
    params = stock_list_params(1, 1)
    try:
        counted, answer = client.get(
            address, STOCK_LIST, shapes.Counted, params=params, fields="total_count"
        )
    except (NotAvailableError, UnexpectedAnswerError):
        return _ask_permission(client, address)
    return Found(counted.total_count, answer.status, answer.request_id)


def _ask_permission(client: Client, address: StoreAddress) -> Found:
    try:
        _nothing, answer = client.get(address, f"stockItems/{NO_SUCH_SKU}", Raw)
    except RecordNotFoundError:
        return Found(None, None, "")
    return Found(None, answer.status, answer.request_id)


def ask_credit_memo(client: Client, address: StoreAddress) -> Found:
    """One credit memo by its id: the first that the list gives."""
    memos, answer = client.get(
        address,
        "creditmemos",
        shapes.List[shapes.Identified],
        criteria=ONE,
        fields="items[entity_id],total_count",
    )
    if not memos.items:
        return Found(0, answer.status, answer.request_id)
    number = memos.items[0].entity_id
    _memo, answer = client.get(address, f"creditmemo/{number}", shapes.Identified)
    return Found(1, answer.status, answer.request_id)


def ask_custom(route: custom.Route) -> Ask:
    """A route of the shop's own: one record of it, or all where it has no pages."""

    def ask(client: Client, address: StoreAddress) -> Found:
        criteria = ONE if route.key else None
        answered: custom.Answered
        answered, answer = client.get(address, route.path, custom.Answered, criteria=criteria)  # type: ignore[arg-type]  # a union is a shape, too
        return Found(custom.count(answered), answer.status, answer.request_id)

    return ask

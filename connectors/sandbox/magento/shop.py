"""A simulated Magento shop: its data, its integrations, its switches, and what tests may do to it."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.magento import answering, listing, phpquery, stock
from connectors.sandbox.magento.bulk import Bulks
from connectors.sandbox.magento.catalogue import DAYS, Catalogue
from connectors.sandbox.magento.collection import products
from connectors.sandbox.magento.conditions import folded
from connectors.sandbox.magento.editing import Editor
from connectors.sandbox.magento.filling import Tables
from connectors.sandbox.magento.fragments import Fragments
from connectors.sandbox.magento.integrations import Integration, presets
from connectors.sandbox.magento.oauth import Gatekeeper
from connectors.sandbox.magento.people import Person, customers
from connectors.sandbox.magento.product_json import moment, stock_item
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.routing import Call, Encoded
from connectors.sandbox.magento.switches import Switches
from connectors.sandbox.magento.tables import Record

FRAGMENT_BYTES = 96_000_000
LOGGED = 20_000  # requests


@dataclass(frozen=True)
class Logged:
    """`target` without any oauth_ parameter."""

    method: str
    target: str
    status: int


class SandboxShop:
    """One Magento. The same seed and anchor give the same shop; without an anchor its data is fresh.

    Made of `styles` garments (each in two colours and some sizes), `orders` and customers. `credentials`:
    what they are derived from, where the seed is not secret enough. `is_commerce`: Adobe Commerce, which
    has returns. Set `switches`, `clock` and `on_request` at any time.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        orders: int = 60,
        styles: int = 24,
        customers: int | None = None,
        anchor: datetime | None = None,
        credentials: str = "",
        is_commerce: bool = False,
    ) -> None:
        self.seed = seed
        self.is_commerce = is_commerce
        self._credentials = credentials or f"seed {seed}"
        self.order_count = orders
        self.style_count = styles
        self.customer_count = max(3, orders // 4) if customers is None else customers
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.anchor = anchor or self.clock().replace(microsecond=0)
        self.switches = Switches()
        self.lock = threading.RLock()
        # Called with each request before it is answered, outside the lock: a test may edit the shop.
        self.on_request: Callable[[Request], None] | None = None
        self.log: deque[Logged] = deque(maxlen=LOGGED)
        self._catalogue: Catalogue | None = None
        self.tables = Tables(self)
        self.edit = Editor(self)
        self.fragments = Fragments(FRAGMENT_BYTES)

    @classmethod
    def bare(
        cls,
        *,
        orders: Iterable[Json] = (),
        products: Iterable[Json] = (),
        customers: Iterable[Json] = (),
        creditmemos: Iterable[Json] = (),
        source_items: Iterable[Json] = (),
        seed: int = 7,
    ) -> "SandboxShop":
        """A shop of nothing but these rows, answered as they are given. Quick to make."""
        shop = cls(seed=seed, orders=0, styles=-1, customers=0)
        given = {
            "orders": orders,
            "products": products,
            "customers": customers,
            "creditmemos": creditmemos,
            "source_items": source_items,
        }
        for name, rows in given.items():
            shop.tables[name].load(rows)
        return shop

    # --- what it is made of ---

    @cached_property
    def integrations(self) -> dict[str, Integration]:
        return presets(self._credentials)

    @cached_property
    def gatekeeper(self) -> Gatekeeper:
        return Gatekeeper(self.integrations, self.switches, lambda: self.server_time().timestamp())

    @cached_property
    def bulks(self) -> Bulks:
        return Bulks()

    @property
    def catalogue(self) -> Catalogue:
        # Not a cached_property: up to Python 3.11 it holds a lock of its own around ours, and a request that
        # holds ours and comes here would wait for ever.
        with self.lock:
            if self._catalogue is None:
                is_furnished = self.style_count >= 0
                made = products(self.seed, self.style_count, self.anchor) if is_furnished else []
                self._catalogue = Catalogue(made)
            return self._catalogue

    @cached_property
    def people(self) -> Sequence[Person]:
        return customers(self.seed, self.customer_count, self.anchor)

    @property
    def opened_at(self) -> datetime:
        return self.anchor - timedelta(days=DAYS + 90)

    def server_time(self) -> datetime:
        """The shop's own idea of the time."""
        return self.clock() + timedelta(seconds=self.switches.clock_offset)

    def moment(self) -> str:
        return moment(self.server_time())

    # --- asking ---

    def answer(self, request: Request) -> Response:
        """Pure but for the log and the nonces: no network, no disk."""
        if self.on_request:
            self.on_request(request)
        response = answering.answer(self, request)
        self.log.append(Logged(request.method, _without_oauth(request.target), response.status))
        return response

    def search(self, table: str, query: str = "", store: str = "all") -> Json:
        """What a list answers to a query string, without HTTP and signatures. Raises Refusal."""
        return listing.as_json(self, self.tables[table], phpquery.parse(query), store)

    def page(self, table: str, call: Call) -> Encoded:
        return Encoded(listing.encoded(self, self.tables[table], call.params, call.store))

    def fixed_list(self, call: Call, rows: list[Json], *, is_required: bool = True) -> Json:
        return listing.fixed(self, call.params, rows, is_required=is_required)

    # --- products and their stock ---

    def product_record(self, sku: str) -> Record | None:
        """By SKU, without minding case, as the database compares."""
        wanted = folded(sku)
        with self.lock:
            every = self.tables["products"].records.values()
            return next((one for one in every if folded(str(one.columns["sku"])) == wanted), None)

    def stock_item(self, product_id: int) -> Json:
        record = self.tables["products"].records[product_id]
        quantity = self._quantity(record.columns["sku"], ("default",))
        kind = record.columns.get("type_id", "simple")
        return stock_item(product_id, quantity, is_composite=kind == "configurable")

    def salable(self, sku: str, stock_id: int) -> int:
        sources = tuple(source for number, source, _ in stock.LINKS if number == stock_id)
        return self._quantity(sku, sources)

    def _quantity(self, sku: str, sources: tuple[str, ...]) -> int:
        with self.lock:
            rows = [one.columns for one in self.tables["source_items"].records.values()]
        return sum(
            row["quantity"] for row in rows if row["sku"] == sku and row["source_code"] in sources
        )


def _without_oauth(target: str) -> str:
    path, mark, query = target.partition("?")
    kept = [piece for piece in query.split("&") if not piece.startswith("oauth_")]
    return path + mark + "&".join(kept)

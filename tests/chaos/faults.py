"""A simulated Magento at work that fails in every way we know, in an order that follows from its seed."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.exchange import Delivery, Request, Response
from connectors.sandbox.magento import replies
from connectors.sandbox.magento.faults import GZIP, bomb
from connectors.sandbox.magento.shop import SandboxShop

EDITED = ("orders", "products", "customers")
LASTING = 4  # requests for which credentials stay revoked and a clock stays wrong
# A shop's clock may lag by less than what two runs overlap; Magento itself refuses us from ten minutes on.
SHOPS_CLOCK = (-240, -30, 60, 1_800, 7_200)
OUR_CLOCK = (-7_200, -900, 240, 3_600, 90_000)
WRONG = (
    {"items": None, "total_count": 3},
    {"items": "none", "total_count": "many"},
    {"items": [{"entity_id": "x", "updated_at": "yesterday", "items": 7}], "total_count": 1},
    {"message": "OK"},
    [[]],
    "maintenance",
    None,
)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How bad it gets. Seconds, and the share of requests that fail until `faults` are spent."""

    faults: int
    share: float = 0.35
    edits: float = 0.5
    retry_after: int
    pause: float  # between the twenty pieces of an answer that comes slowly
    edits_in_wrong_time: bool  # they are read once that time has come, so somebody must skip to it


class FaultyShop:
    """Well until it `is_awake`. `our_clock`: moves the portal's clock by so many seconds, if it can."""

    def __init__(
        self,
        shop: SandboxShop,
        seed: int,
        manner: Manner,
        our_clock: Callable[[int], None] | None = None,
    ) -> None:
        self.shop, self.manner, self.our_clock = shop, manner, our_clock
        self.random = random.Random(seed)
        self.lock = threading.RLock()
        self.injected: Counter[str] = Counter()
        self.asked = 0
        self.is_awake = False
        self._deck: list[str] = []
        self._wrong_for = 0  # requests

    @property
    def is_at_it(self) -> bool:
        return self.is_awake and self.injected.total() < self.manner.faults

    def answer(self, request: Request) -> Response:
        with self.lock:
            self.asked += 1
            self._right_again()
            kind = self._next() if self.is_at_it else ""
            if self.is_at_it and self.random.random() < self.manner.edits:
                self._edit()
            if not kind:
                return self.shop.answer(request)
            self.injected[kind] += 1
            return FAULTS[kind](self, request)

    def rest(self) -> None:
        """From now on it is as well as a shop can be."""
        with self.lock:
            self.is_awake, self._wrong_for = False, 1
            self._right_again()

    def _next(self) -> str:
        """Of every kind one, in any order, and then again."""
        if self.random.random() >= self.manner.share:
            return ""
        if not self._deck:
            self._deck = [name for name in FAULTS if name != "our clock" or self.our_clock]
            self.random.shuffle(self._deck)
        return self._deck.pop()

    def _right_again(self) -> None:
        self._wrong_for = max(self._wrong_for - 1, 0)
        if not self._wrong_for:
            self.shop.integrations["read"].revoked = False
            self.shop.switches.clock_offset = 0
            if self.our_clock:
                self.our_clock(0)

    def stay_wrong(self) -> None:
        self._wrong_for = self.random.randint(1, LASTING)

    def _edit(self) -> None:
        """Something that people do in a shop. No edit makes a record older than it was."""
        if self.shop.switches.clock_offset and not self.manner.edits_in_wrong_time:
            return
        name = self.random.choice(EDITED)
        table = self.shop.tables[name]
        keys = sorted(table.records)
        kind = self.random.random()
        if kind < 0.5:
            key = self.random.choice(keys)
            at = max(self.shop.server_time(), _moment(table.records[key].columns["updated_at"]))
            self.shop.edit.touch(name, key, at, created_at="2026-01-01 00:00:00")
        elif kind < 0.8:
            row = {**table.body(table.records[self.random.choice(keys)], "all")}
            for field in ("id", "entity_id", "created_at", "updated_at"):
                row.pop(field, None)
            self.shop.edit.add(name, {**row, **_unique(name, self.random.randrange(10**9))})
        elif kind < 0.9 and len(keys) > 12:
            self.shop.edit.delete(name, self.random.choice(keys))
        else:
            stock = self.shop.tables["source_items"].records
            item = stock[self.random.choice(sorted(stock))].columns
            quantity = self.random.randrange(50)
            self.shop.edit.set_quantity(item["sku"], quantity, item["source_code"])


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def _unique(name: str, number: int) -> dict[str, Any]:
    """What two records may not share, for a copy."""
    match name:
        case "products":
            return {"sku": f"new-{number}"}
        case "customers":
            return {"email": f"new-{number}@example.org"}
        case _:
            return {"items": [{"item_id": number, "sku": "x", "product_id": 1, "qty_ordered": 1}]}


# --- the faults ---


def _delivered(response: Response, **how: Any) -> Response:
    return replace(response, delivery=Delivery(**how))


def _cut(shop: FaultyShop, request: Request) -> Response:
    response = shop.shop.answer(request)
    return _delivered(response, drop_after=len(response.body) // 2)


def _half(shop: FaultyShop, request: Request) -> Response:
    """Sent as if it were whole: no length gives it away."""
    whole = replace(shop.shop.answer(request), headers=replies.JSON_HEADERS)
    return replace(whole, body=b'{"items":[{"entity_id":1,"increment_id":"0000')


def _bomb(shop: FaultyShop, request: Request) -> Response:
    return replace(replies.raw_json(bomb()), headers=(*replies.JSON_HEADERS, GZIP))


def _revoked(shop: FaultyShop, request: Request) -> Response:
    shop.shop.integrations["read"].revoked = True
    shop.stay_wrong()
    return shop.shop.answer(request)


def _shops_clock(shop: FaultyShop, request: Request) -> Response:
    shop.shop.switches.clock_offset = shop.random.choice(SHOPS_CLOCK)
    shop.stay_wrong()
    return shop.shop.answer(request)


def _our_clock(shop: FaultyShop, request: Request) -> Response:
    assert shop.our_clock is not None
    shop.our_clock(shop.random.choice(OUR_CLOCK))
    shop.stay_wrong()
    return shop.shop.answer(request)


FAULTS: dict[str, Callable[[FaultyShop, Request], Response]] = {
    "429": lambda shop, _request: replies.too_many_requests(None),
    "429 with Retry-After": lambda shop, _request: replies.too_many_requests(
        shop.manner.retry_after
    ),
    "500": lambda shop, _request: replies.error_page(),
    "502": lambda shop, _request: replies.gateway_page(),
    "503 with a page of HTML": lambda shop, _request: replies.maintenance_page(),
    "200 with a log-in page": lambda shop, _request: replies.login_page(),
    "reset": lambda shop, request: _delivered(shop.shop.answer(request), reset=True),
    "cut in the body": _cut,
    "half of the JSON": _half,
    "bytes that come slowly": lambda shop, request: _delivered(
        shop.shop.answer(request), pause=shop.manner.pause
    ),
    "gzip bomb": _bomb,
    "wrong JSON": lambda shop, _request: replies.json_response(shop.random.choice(WRONG)),
    "credentials revoked for a while": _revoked,
    "the shop's clock": _shops_clock,
    "our clock": _our_clock,
}

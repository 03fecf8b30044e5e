"""WSHOP passes the contract of every platform, against the simulated shop."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import Connector, Settings
from connectors.sandbox.server import serve
from connectors.sandbox.wshop.shop import Asked, WshopSandbox
from connectors.sandbox.wshop.stock import Stock
from connectors.wshop.connector import WshopConnector
from connectors.wshop.dialect import Paging
from tests.connectors.wshop.shops import connected, corrected, pseudonym, rows
from tests.contract import PlatformContract, Playground


class WshopPlayground(Playground):
    pulled = "orders"
    record_id = "order_id"
    withheld = "orders"

    def __init__(self, shop: WshopSandbox, url: str) -> None:
        self.shop = shop
        self.url = url
        self.acts: list[tuple[int, Callable[[], None]]] = []
        self.asked = 0
        shop.before_answer = self._notice

    def connector(
        self,
        *,
        page_size: int = 10,
        wrong_credentials: bool = False,
        without_permission: bool = False,
        url: str = "",
    ) -> Connector:
        self.asked = 0
        user = self.shop.users[0]
        allowed = (
            user.profile - {"orders/get"} if without_permission else {*user.profile, "orders/get"}
        )
        user.profile = allowed
        password = "not-the-password" if wrong_credentials else user.password
        dialect = corrected("orders", paging=Paging(limit=page_size))
        platform = type("Small", (WshopConnector,), {"dialect": dialect, "pauses": (0, 0)})
        made: Connector = platform(
            Settings(
                config={"url": url or self.url},
                secrets={"username": user.email, "password": password},
                pseudonym=pseudonym,
            )
        )
        return made

    def secrets(self) -> list[str]:
        user = self.shop.users[0]
        return [user.password, user.email, "not-the-password", "eyJ"]

    def ids(self) -> set[str]:
        return {str(order["id"]) for order in self.shop.stock.records["orders"]}

    def edit(self, record: str) -> None:
        self.shop.stock.edit("orders", int(record), at=datetime.now(UTC))

    def before_page(self, number: int, act: Callable[[], None]) -> None:
        self.asked = 0
        self.acts.append((number, act))

    def fail(self) -> None:
        self.shop.switches.fail = True

    def repeat_first_page(self) -> None:
        self.shop.switches.repeats_page = True

    def _notice(self, asked: Asked) -> None:
        if asked.path != "orders/get":
            return
        self.asked += 1
        for number, act in self.acts:
            if number == self.asked:
                act()
        self.acts = [(number, act) for number, act in self.acts if number != self.asked]


@pytest.fixture
def shop() -> WshopSandbox:
    return WshopSandbox(Stock.made(orders=48))


class TestWshop(PlatformContract):
    @pytest.fixture
    def playground(self, shop: WshopSandbox) -> Iterator[WshopPlayground]:
        with serve(shop) as served:
            yield WshopPlayground(shop, served.url)

    def platform(self) -> type[Connector]:
        return WshopConnector

    def samples(self) -> dict[str, list[dict[str, Any]]]:
        with connected(WshopSandbox(Stock.made(orders=48))) as connector:
            pulled = [one.name for one in connector.resources if one.dataset is not None]
            return {name: rows(connector, name) for name in pulled}

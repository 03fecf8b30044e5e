"""Magento passes the contract of every platform, against the simulated shop that verifies signatures."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Connector, Settings
from connectors.magento.client import SECRET_NAMES
from connectors.magento.connector import MagentoConnector
from connectors.magento.resources import RESOURCES
from connectors.sandbox.exchange import Request
from connectors.sandbox.magento.integrations import Integration
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.connectors.magento.replay import pseudonym, pull, rows
from tests.connectors.magento.test_samples import sample, sample_shop
from tests.contract import PlatformContract, Playground

NO_LIST = ("returnsAttributeMetadata",)  # pulled, though no list route
PULLED = ("products", "orders", "customers", "creditmemos", "returns", *NO_LIST, "inventory")


class MagentoPlayground(Playground):
    pulled = "orders"
    record_id = "order_id"
    withheld = "orders"

    def __init__(self, shop: SandboxShop, url: str) -> None:
        self.shop = shop
        self.url = url
        self.acts: list[tuple[int, Callable[[], None]]] = []
        self.asked = 0
        shop.on_request = self._notice

    def connector(
        self,
        *,
        page_size: int = 10,
        wrong_credentials: bool = False,
        without_permission: bool = False,
        url: str = "",
    ) -> Connector:
        self.asked = 0
        who = self.shop.integrations["no-sales" if without_permission else "read"]
        secrets = credentials(who)
        if wrong_credentials:
            secrets["access_token_secret"] = "x" * 32
        config = {"url": url or self.url, "page_size": page_size}
        return MagentoConnector(Settings(config=config, secrets=secrets, pseudonym=pseudonym))

    def secrets(self) -> list[str]:
        # The consumer key is an identifier that travels in the clear; it must not be logged either.
        every = self.shop.integrations.values()
        return [value for who in every for value in credentials(who).values()] + ["x" * 32]

    def ids(self) -> set[str]:
        return {str(number) for number in self.shop.tables["orders"].records}

    def edit(self, record: str) -> None:
        self.shop.edit.touch("orders", int(record))

    def before_page(self, number: int, act: Callable[[], None]) -> None:
        self.asked = 0
        self.acts.append((number, act))

    def fail(self) -> None:
        self.shop.switches.error_page = True

    def repeat_first_page(self) -> None:
        self.shop.switches.stuck_page = True

    def _notice(self, request: Request) -> None:
        if "/V1/orders?" not in request.target:
            return
        self.asked += 1
        for number, act in self.acts:
            if number == self.asked:
                act()
        self.acts = [(number, act) for number, act in self.acts if number != self.asked]


def credentials(who: Integration) -> dict[str, str]:
    return {name: getattr(who, name) for name in SECRET_NAMES}


@pytest.fixture
def shop() -> SandboxShop:
    # Its last order changed an hour ago: what these tests edit is newer than everything else.
    return SandboxShop(orders=48, styles=6, anchor=datetime.now(UTC) - timedelta(hours=1))


class TestMagento(PlatformContract):
    @pytest.fixture
    def playground(self, shop: SandboxShop) -> Iterator[Playground]:
        with serve(shop) as served:
            yield MagentoPlayground(shop, served.url)

    def platform(self) -> type[Connector]:
        return MagentoConnector

    def samples(self) -> dict[str, list[dict[str, Any]]]:
        shop = sample_shop()
        shop.set("products", sample("products_page"))
        shop.listing("orders", [sample("order_bundle")])
        shop.set("customers/search", sample("customers_search"))
        shop.set("creditmemos", sample("creditmemos_page"))
        shop.set("returns", sample("returns_page"))
        shop.set("orders/items", sample("returned_lines_page"))
        shop.set("returnsAttributeMetadata", sample("return_attributes_fr"))
        shop.set("inventory/source-items", sample("source_items_page"))
        made = {
            one.name: rows(shop, one.name, "fr")
            for one in RESOURCES
            if one.feed or one.name in NO_LIST
        }
        # Its second question is another one to the route of products.
        shop.set("stockItems/lowStock", sample("stock_items_page"))
        shop.set("products", sample("product_skus_page"))
        return {**made, "stockItems": rows(shop, "stockItems", "fr")}


@pytest.mark.parametrize(
    "switches",
    [
        {"repeat_last_page": True, "child_prices": True, "empty_lists": True},
        {"unsorted": True},
        {"input_limit": 20},
        {"sha1_accepted": True},
        {"total_offset": 3},
    ],
    ids=lambda switches: "+".join(switches),
)
def test_older_releases_and_other_settings_give_the_same_rows(switches: dict[str, Any]) -> None:
    """Old answers to the same questions: last page repeated, [] for nothing, child prices, no order."""
    shop = SandboxShop(orders=48, styles=6, seed=3, is_commerce=True)
    with serve(shop) as served:
        playground = MagentoPlayground(shop, served.url)

        def every_row() -> dict[str, list[dict[str, Any]]]:
            with playground.connector(page_size=30) as connector:
                return {
                    name: [row for page in pull(connector, name) for row in page.rows]
                    for name in PULLED
                }

        modern = every_row()
        for name, value in switches.items():
            setattr(shop.switches, name, value)
        assert every_row() == modern
    assert len(modern["orders"]) > 48
    assert all(modern.values())


@pytest.mark.parametrize(
    ("who", "code"),
    [("inactive", "magento_inactive"), ("revoked", "magento_token_revoked")],
)
def test_integrations_that_do_not_work_are_told_apart(
    shop: SandboxShop, who: str, code: str
) -> None:
    with serve(shop) as served:
        settings = Settings(
            config={"url": served.url},
            secrets=credentials(shop.integrations[who]),
            pseudonym=pseudonym,
        )
        with MagentoConnector(settings) as connector:
            probes = [connector.probe(resource) for resource in connector.resources]
    codes = {one.error.code for one in probes if one.error}
    assert codes <= {code, "magento_returns_route", "magento_route"}
    assert code in codes


@pytest.mark.parametrize(
    ("switches", "code"),
    [
        ({"sha256_refused": True}, "magento_signature_method"),
        ({"clock_offset": -900}, "magento_clock"),
        ({"port_dropped": True}, "magento_signature"),
        ({"maintenance": True}, "magento_maintenance"),
        ({"gateway_status": 502}, "magento_gateway"),
        ({"gateway_status": 504}, "magento_gateway"),
        ({"error_page": True}, "magento_error_page"),
        ({"login_wall": True}, "magento_login_page"),
        ({"redirect_to": "https://elsewhere.example/"}, "redirected_elsewhere"),
        ({"rate_limited": 99, "retry_after": 60}, "magento_slow_down"),
        ({"failing": 99}, "magento_maintenance"),
        ({"truncated": True}, "magento_truncated"),
        ({"drop_after": 5}, "connection_dropped"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_every_way_of_a_shop_to_fail_has_its_own_sentence(
    shop: SandboxShop, switches: dict[str, Any], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    with serve(shop) as served:
        playground = MagentoPlayground(shop, served.url)
        for name, value in switches.items():
            setattr(shop.switches, name, value)
        with playground.connector() as connector:
            error = connector.probe(connector.resource("products")).error
    assert error is not None
    assert error.code == code
    assert error.message

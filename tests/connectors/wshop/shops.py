"""A simulated WSHOP and the connector that reads it, put together for the tests."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.base import Page, Position, Row, Settings
from connectors.sandbox.exchange import Request
from connectors.sandbox.server import serve
from connectors.sandbox.wshop.shop import WshopSandbox
from connectors.wshop.connector import WshopConnector
from connectors.wshop.dialect import DIALECT, Dialect, Endpoint
from connectors.wshop.paging import Batch, Query
from connectors.wshop.shapes import shape
from kleep_portal import crypto

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
TENANT = "11111111-1111-1111-1111-111111111111"


def pseudonym(value: str) -> str:
    return crypto.pseudonym(TENANT, value)


def corrected(name: str, **changes: Any) -> Dialect:
    """The table of one endpoint with some entries corrected."""
    endpoints = {**DIALECT.endpoints, name: replace(DIALECT.endpoints[name], **changes)}
    return replace(DIALECT, endpoints=endpoints)


@contextmanager
def connected(
    shop: WshopSandbox,
    *,
    config: Mapping[str, Any] | None = None,
    dialect: Dialect = DIALECT,
    password: str | None = None,
) -> Iterator[WshopConnector]:
    """The connector on a served shop, with the shop's first user."""
    user = shop.users[0]
    platform = type("Corrected", (WshopConnector,), {"dialect": dialect, "pauses": (0, 0)})
    with serve(shop) as address:
        settings = Settings(
            config={"url": address.url, **(config or {})},
            secrets={
                "username": user.email,
                "password": user.password if password is None else password,
            },
            pseudonym=pseudonym,
        )
        with platform(settings) as connector:
            yield connector


def pages(
    connector: WshopConnector,
    name: str,
    *,
    since: Position | None = None,
    until: datetime = UNTIL,
) -> list[Page]:
    return list(connector.pages(connector.resource(name), since=since, until=until))


def rows(connector: WshopConnector, name: str, **window: Any) -> list[Row]:
    return [row for page in pages(connector, name, **window) for row in page.rows]


class Direct:
    """The shop's lists without a network between: thousands of pulls in a minute."""

    def __init__(self, shop: WshopSandbox, endpoint: Endpoint) -> None:
        self.shop, self.endpoint, self.shape = shop, endpoint, shape(endpoint)
        user = shop.users[0]
        login = self._post("authenticate", {"email": user.email, "password": user.password})
        self._bearer = {"authorization": f"Bearer {login['data']['token']}"}

    def __call__(self, query: Query) -> Batch:
        return self.shape.batch(json.dumps(self._post(self.endpoint.path, query)).encode())

    def _post(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        headers = getattr(self, "_bearer", {})
        request = Request("POST", f"/api/v1/{path}", headers, json.dumps(document).encode())
        answered: dict[str, Any] = json.loads(self.shop.answer(request).body)
        assert answered["success"] is True, answered
        return answered

"""A shop on loopback that answers with given answers, route by route, to a real connector."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.base import Page, Resource, Settings
from connectors.magento.connector import MagentoConnector
from tests.connectors.wire import Wire, ok, serving

ROUTE = re.compile(r"/rest/(?:(?P<store>[a-z_]+)/)?V1/(?P<route>.+)")
JSON = "Content-Type: application/json; charset=utf-8"
UNTIL = datetime(2030, 1, 1, tzinfo=UTC)
SECRETS = {
    "consumer_key": "k" * 32,
    "consumer_secret": "s" * 32,
    "access_token": "t" * 32,
    "access_token_secret": "u" * 32,
}
MISSING = {"message": "Request does not match any route."}


class Shop:
    """Answers by (route, store code); a route's answer without a store code stands for every one."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Any] = {}

    def set(self, route: str, body: Any, store: str = "") -> None:
        self.answers[route, store] = body

    def listing(self, route: str, items: list[Any], store: str = "") -> None:
        self.set(route, {"items": items, "total_count": len(items)}, store)

    def answer(self, head: bytes) -> Iterable[bytes]:
        path = urlsplit(head.split(b" ", 2)[1].decode()).path
        found = ROUTE.fullmatch(path)
        route, store = (found["route"], found["store"] or "") if found else ("", "")
        body = self.answers.get((route, store), self.answers.get((route, "")))
        if body is None:
            return [ok(json.dumps(MISSING).encode(), JSON, status="404 Not Found")]
        return [ok(json.dumps(body, ensure_ascii=False).encode(), JSON)]


def pseudonym(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:16]


@contextmanager
def connected(
    shop: Shop, *, stores: tuple[str, ...] = ("",), **config: Any
) -> Iterator[tuple[MagentoConnector, Wire]]:
    """A connector that talks to the shop over HTTP."""
    with serving(shop.answer) as wire:
        base = f"http://127.0.0.1:{wire.port}"
        listed = [{"base": base, "store": store} for store in stores]
        settings = Settings(
            config={"url": base, "stores": listed, "type": "V1", **config},
            secrets=SECRETS,
            pseudonym=pseudonym,
        )
        with MagentoConnector(settings) as connector:
            yield connector, wire


def pull(connector: MagentoConnector, resource: Resource | str, scope: str = "") -> list[Page]:
    chosen = connector.resource(resource) if isinstance(resource, str) else resource
    return list(connector.pages(chosen, since=None, until=UNTIL, scope=scope))


def rows(shop: Shop, resource: str, scope: str = "", **config: Any) -> list[dict[str, Any]]:
    """What a pull of one resource stores."""
    with connected(shop, stores=(scope,), **config) as (connector, _wire):
        return [row for page in pull(connector, resource, scope) for row in page.rows]

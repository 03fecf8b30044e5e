"""Plays the failures that are switched on: in front of the shop, and to its answers on their way."""

import gzip
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from connectors.sandbox.exchange import Delivery, Request, Response
from connectors.sandbox.magento import replies

if TYPE_CHECKING:
    from connectors.sandbox.magento.shop import SandboxShop

SMALLEST_GZIP = 200  # bytes; what is shorter is not worth compressing
BOMB_MEMBERS = 128  # each of 16 MB, once unpacked


def in_front(shop: "SandboxShop", request: Request) -> Response | None:
    """What answers instead of Magento; None where nothing does."""
    switches = shop.switches
    with shop.lock:
        is_limited, is_failing = switches.spend("rate_limited"), switches.spend("failing")
    if is_limited:
        return replies.too_many_requests(switches.retry_after)
    if is_failing or switches.maintenance:
        return replies.maintenance_page()
    if switches.gateway_status:
        return replies.gateway_page(switches.gateway_status)
    if switches.error_page:
        return replies.error_page()
    if switches.login_wall:
        return replies.login_page()
    if switches.redirect_to:
        location = ("Location", f"{switches.redirect_to.rstrip('/')}{request.target}")
        return Response(status=302, headers=(location, *replies.HTML_HEADERS))
    return None


def on_the_way(shop: "SandboxShop", request: Request, response: Response) -> Response:
    """The answer as it leaves: compressed, cut, late, or worse."""
    switches = shop.switches
    if switches.gzip_bomb:
        response = replace(response, body=bomb(), headers=(*response.headers, GZIP))
    elif switches.truncated:
        response = replace(response, body=response.body[: len(response.body) // 2])
    elif switches.gzip and _wants_gzip(request, response):
        body = gzip.compress(response.body, compresslevel=1)
        response = replace(response, body=body, headers=(*response.headers, GZIP))
    if switches.endless:
        response = replace(response, body=b'{"items":[' + b" " * 65_536)
    return replace(
        response,
        delivery=Delivery(
            delay=switches.latency, drop_after=switches.drop_after, endless=switches.endless
        ),
    )


GZIP = ("Content-Encoding", "gzip")


def _wants_gzip(request: Request, response: Response) -> bool:
    return (
        "gzip" in request.header("Accept-Encoding")
        and len(response.body) >= SMALLEST_GZIP
        and not response.header("Content-Encoding")
    )


@cache
def bomb() -> bytes:
    """Two gigabytes of blanks in two megabytes: a gzip stream may consist of many."""
    blanks = gzip.compress(b" " * 16_000_000, compresslevel=9)
    return gzip.compress(b'{"items":[') + blanks * BOMB_MEMBERS

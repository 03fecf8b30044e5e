"""Answers one request to the REST API, with Magento's checks in Magento's order."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.magento import (
    faults,
    fields,
    phpquery,
    replies,
    routing,
    stores,
    views,
    xml,
)
from connectors.sandbox.magento.replies import Refusal
from connectors.sandbox.magento.routing import Call, Encoded, Route

if TYPE_CHECKING:
    from connectors.sandbox.magento.shop import SandboxShop

METHODS = ("GET", "POST", "PUT", "DELETE")


def answer(shop: "SandboxShop", request: Request) -> Response:
    response = faults.in_front(shop, request) or _within(shop, request)
    stamped = (*response.headers, ("Date", format_datetime(shop.server_time(), usegmt=True)))
    return faults.on_the_way(shop, request, replace(response, headers=stamped))


def _within(shop: "SandboxShop", request: Request) -> Response:
    path = request.path.removeprefix("/index.php")
    if shop.switches.without_rewrites and path == request.path:
        return replies.html_response(404, "404 Not Found", "The requested URL was not found.")
    if path != "/rest" and not path.startswith("/rest/"):
        title = "Boutique" if path in ("", "/") else "404 Not Found"
        return replies.html_response(200 if path in ("", "/") else 404, title, "A simulated shop.")
    if not _accepts(request):
        return replies.error_page()
    try:
        response = _api(shop, request, path.removeprefix("/rest"))
    except Refusal as refusal:
        response = replies.json_response(refusal.body, refusal.status)
    session = f"PHPSESSID={secrets.token_hex(13)}; path=/; HttpOnly; SameSite=Lax"
    return replace(response, headers=(*response.headers, ("Set-Cookie", session)))


def _accepts(request: Request) -> bool:
    wanted = [part.partition(";")[0].strip() for part in request.header("Accept").split(",")]
    return any(one in ("", "*/*", "application/json", "application/xml") for one in wanted)


def _api(shop: "SandboxShop", request: Request, path: str) -> Response:
    if request.method not in METHODS:
        raise Refusal(405, f"The {request.method} HTTP method is not supported.")
    store, path = _store(path)
    version, is_async = _processor(request.method, path)
    # Only version 1 has routes; any other number is a route that nobody answers.
    wanted = version.partition("/")[2] if version.startswith("V1/") else ""
    found, variables = routing.match(request.method, wanted, is_commerce=shop.is_commerce)
    who = _permitted(shop, request, found)
    _check_content_type(request)
    call = Call(
        shop,
        store,
        phpquery.parse(request.query),
        variables,
        who,
        f"http://{request.header('Host')}/",
        request.body,
    )
    if is_async:
        views.writes.decoded(request.body)
        return replies.json_response(shop.bulks.accept(request.body, shop.moment()), 202)
    return _printed(found.view, call, request)


def _store(path: str) -> tuple[str, str]:
    """The store view that a path names, and the rest of it."""
    first, _, rest = path.strip("/").partition("/")
    if stores.is_store_code(first):
        return (stores.ALL if first == "admin" else first), f"/{rest}"
    return stores.DEFAULT, path


def _processor(method: str, path: str) -> tuple[str, bool]:
    """What follows the slash, and whether it is asynchronous. Reads never are. Raises Refusal."""
    is_async = method != "GET" and path.startswith("/async/")
    rest = path.removeprefix("/async") if is_async else path
    version = rest.removeprefix("/").partition("/")[0]
    if not (rest.startswith("/V") and version[1:].isdecimal()):
        raise replies.cannot_be_processed()
    return rest.removeprefix("/"), is_async


def _permitted(shop: "SandboxShop", request: Request, route: Route) -> Any:
    """Who asks. Raises Refusal where they may not, or where they are not who they say."""
    with shop.lock:
        who = shop.gatekeeper.who(request)
    if route.resources and not (who and who.may(route.resources)):
        raise replies.missing_resources(*route.resources)
    return who


def _check_content_type(request: Request) -> None:
    kind = request.header("Content-Type").partition(";")[0].strip()
    if request.method != "GET" and kind not in ("application/json", "application/xml"):
        raise Refusal(400, f"Server cannot understand Content-Type HTTP header media type {kind}")


def _printed(view: Callable[[Call], Any], call: Call, request: Request) -> Response:
    value = view(call)
    if isinstance(value, Encoded):
        return replies.raw_json(value.body)
    wanted = call.params.get("fields")
    if wanted and isinstance(wanted, str):
        tree = fields.parse(wanted)
        is_tree = isinstance(value, (dict, list)) and tree is not None
        value = fields.keep(value, tree) if is_tree and tree is not None else []
    if request.header("Accept").startswith("application/xml"):
        return Response(
            status=200,
            body=xml.document(value),
            headers=(("Content-Type", "application/xml; charset=utf-8"),),
        )
    return replies.json_response(value)

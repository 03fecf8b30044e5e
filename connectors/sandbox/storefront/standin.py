"""Our own stand-in of Kleep's script, API and drawer, served from an origin of its own so that CORS is real.

How it behaves is chosen by `manner` in the script's address, which hands it on to the API and the drawer.
"""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

from connectors.sandbox.exchange import Delivery, Request, Response

Headers = tuple[tuple[str, str], ...]

ASSETS = Path(__file__).parent / "assets"
# The id of a retailer that is not this shop's, and that the stand-in does not know.
OTHER_RETAILER = "99999999-9999-4999-8999-999999999999"
SLOW_SECONDS = 6.0
ANYBODY = (("Access-Control-Allow-Origin", "*"),)
SIZES = ("S", "M", "L")


def text(status: int, content: str, kind: str = "text/html", *, headers: Headers = ()) -> Response:
    """A page, a script or a style sheet, never kept by a cache."""
    typed = ("Content-Type", f"{kind}; charset=utf-8")
    return Response(
        status=status,
        body=content.encode(),
        headers=(typed, ("Cache-Control", "no-store"), *headers),
    )


class StandIn:
    """Script, API and drawer. `log`: what was asked, for tests."""

    def __init__(self, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self.slow_seconds = slow_seconds
        self.log: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.log.append(request)
        asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
        routes: dict[str, Callable[[Request, dict[str, str]], Response]] = {
            "/kleep.js": self._script,
            "/drawer": self._drawer,
            "/api/recommendation": self._recommendation,
            "/api/events": self._events,
        }
        route = routes.get(request.path)
        return route(request, asked) if route else text(404, "Not found", "text/plain")

    def _script(self, _request: Request, asked: dict[str, str]) -> Response:
        if asked.get("manner") == "missing":
            return text(404, "Not found", "text/plain")
        script = text(200, (ASSETS / "kleep.js").read_text(encoding="utf-8"), "text/javascript")
        if asked.get("manner") == "slow":
            delivery = Delivery(delay=self.slow_seconds)
            return Response(status=200, body=script.body, headers=script.headers, delivery=delivery)
        return script

    def _recommendation(self, _request: Request, asked: dict[str, str]) -> Response:
        headers: Headers = () if asked.get("manner") == "no-cors" else ANYBODY
        if asked.get("domain") == OTHER_RETAILER:
            return text(403, '{"error": "unknown retailer"}', "application/json", headers=headers)
        product = asked.get("product_id", "")
        # This shopper is known for some of the products.
        is_known = product.isdigit() and int(product) % 10 == 3
        size = SIZES[int(product) % len(SIZES)] if is_known else None
        advice = {"supported": product.isdigit(), "size": size}
        return text(200, json.dumps(advice), "application/json", headers=headers)

    def _events(self, request: Request, asked: dict[str, str]) -> Response:
        preflight = (("Access-Control-Allow-Headers", "content-type"),)
        headers: Headers = () if asked.get("manner") == "no-cors" else (*ANYBODY, *preflight)
        return text(204 if request.method == "OPTIONS" else 202, "", "text/plain", headers=headers)

    def _drawer(self, _request: Request, asked: dict[str, str]) -> Response:
        if asked.get("manner") == "broken-drawer":
            return text(500, "<title>Error</title><p>The drawer failed.")
        refused: Headers = (
            (("X-Frame-Options", "DENY"),) if asked.get("manner") == "no-frame" else ()
        )
        page = (ASSETS / "drawer.html").read_text(encoding="utf-8")
        shown = json.dumps(asked, ensure_ascii=True).replace("<", "\\u003c")
        return text(200, page.replace("/*ASKED*/{}", shown), headers=refused)

"""The simulated WSHOP: one function from request to answer, and switches for everything that may go wrong."""

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.wshop import listing, tokens
from connectors.sandbox.wshop.manner import Json, Manner
from connectors.sandbox.wshop.stock import Stock

PREFIX = "/api/v1/"
LISTS = {
    "products/get": "products",
    "sizes/get": "sizes",
    "departments/get": "departments",
    "attributes/get": "attributes",
    "orders/get": "orders",
    "returns/get": "returns",
    "returns/getreasons": "reasons",
}
WRONG_ATTEMPTS = 5  # then the user is locked


@dataclass
class User:
    """A Back Office user. `profile`: the endpoints that its profile allows."""

    email: str
    password: str = field(repr=False)
    profile: set[str] = field(default_factory=lambda: set(LISTS))
    api_access: bool = True
    locked: bool = False
    wrong_attempts: int = 0


@dataclass
class Switches:
    """What may go wrong. `page`: an HTML page in the place of every answer."""

    maintenance: bool = False
    page: str = ""
    page_status: int = 200
    fail: bool = False
    rate_limited: int = 0  # so many next requests
    broken_json: bool = False
    without_success: bool = False
    plain_status: bool = True  # False: refusals come with status 200, told by `success` alone
    unknown: set[str] = field(default_factory=set)  # endpoints that this version does not have
    login_path: str = "authenticate"
    token_seconds: float = 3600.0
    repeats_page: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as the shop's log keeps it: without credentials."""

    method: str
    path: str
    parameters: Mapping[str, Any]


class WshopSandbox:
    """Answers as a WSHOP shop would, as far as we know or assume. Safe to call from several threads."""

    def __init__(
        self,
        stock: Stock | None = None,
        *,
        users: list[User] | None = None,
        manners: Mapping[str, Manner] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.stock = stock or Stock.made()
        self.users = users or [User("api@maison-demo.example", secrets.token_urlsafe(12))]
        self.manners = dict(manners or {})
        self.switches = Switches()
        self.log: list[Asked] = []
        self.before_answer: Callable[[Asked], None] | None = None
        self.refusal = ""  # said with status 200 in the place of every list
        self._now = now
        self._key = secrets.token_bytes(32)
        self._lock = threading.RLock()

    def answer(self, request: Request) -> Response:
        with self._lock:
            return self._trouble() or self._answer(request)

    def _trouble(self) -> Response | None:
        """Failures in front of the shop: they ask nobody who they are."""
        switches = self.switches
        if switches.page:
            return _html(switches.page, switches.page_status)
        if switches.maintenance:
            return _refusal(503, "The shop is under maintenance", ("Retry-After", "120"))
        if switches.fail:
            return _refusal(500, "Internal error")
        if switches.rate_limited:
            switches.rate_limited -= 1
            return _refusal(429, "Too many requests", ("Retry-After", "0"))
        if switches.broken_json:
            return Response(status=200, body=b'{"success": true, "data": [', headers=(JSON,))
        return _json(200, {"ok": True}) if switches.without_success else None

    def _answer(self, request: Request) -> Response:
        path = request.path.removeprefix(PREFIX)
        known = request.path.startswith(PREFIX) and path in {*LISTS, self.switches.login_path}
        if not known or path in self.switches.unknown:
            return self._refused(404, f"Unknown endpoint {path[:60]}")
        try:
            parameters = json.loads(request.body or b"{}")
        except ValueError:
            return self._refused(400, "The body is not JSON")
        if path == self.switches.login_path:
            return self._login(request, parameters)
        manner = self.manners.get(path, Manner())
        if manner.reads == "query":
            parameters = dict(parse_qsl(request.query))
        return self._list(request, path, manner, parameters)

    def _login(self, request: Request, given: Json) -> Response:
        self._note(Asked(request.method, self.switches.login_path, {}))
        user = next((one for one in self.users if one.email == given.get("email")), None)
        if user is None:
            return self._refused(401, "Wrong e-mail or password")
        if user.locked:
            return self._refused(403, "This account is locked")
        if given.get("password") != user.password:
            user.wrong_attempts += 1
            user.locked = user.wrong_attempts >= WRONG_ATTEMPTS
            return self._refused(401, "Wrong e-mail or password")
        if not user.api_access:
            return self._refused(403, "API access is not enabled for this user")
        user.wrong_attempts = 0
        expires = self._now() + timedelta(seconds=self.switches.token_seconds)
        token = tokens.issue(user.email, self._key, expires=expires)
        return _json(200, {"success": True, "data": {"token": token}})

    def _list(self, request: Request, path: str, manner: Manner, given: Json) -> Response:
        if request.method != manner.verb:
            return self._refused(405, f"Use {manner.verb}")
        scheme, _blank, token = request.header("authorization").partition(" ")
        email = tokens.user_of(token, self._key, now=self._now()) if scheme == "Bearer" else None
        user = next((one for one in self.users if one.email == email), None)
        if user is None or user.locked or not user.api_access:
            return self._refused(401, "Token missing or expired")
        asked = Asked(request.method, path, given)
        self._note(asked)
        if self.refusal:
            return _refusal(200, self.refusal)
        if path not in user.profile:
            return self._refused(403, f"Your profile has no permission for {path}")
        if self.before_answer is not None:
            self.before_answer(asked)
            if trouble := self._trouble():  # which the hook may have made
                return trouble
        try:
            return _json(200, self._page(path, manner, given))
        except ValueError:
            return self._refused(400, "A parameter has a wrong format")

    def _page(self, path: str, manner: Manner, given: Json) -> Json:
        if self.switches.repeats_page:
            ignored = {manner.number, manner.since, manner.until}
            given = {name: value for name, value in given.items() if name not in ignored}
        return listing.page(self.stock.records[LISTS[path]], manner, given)

    def _note(self, asked: Asked) -> None:
        self.log.append(asked)

    def _refused(self, status: int, message: str) -> Response:
        return _refusal(status if self.switches.plain_status else 200, message)


JSON = ("Content-Type", "application/json")


def _json(status: int, document: object, *headers: tuple[str, str]) -> Response:
    body = json.dumps(document, ensure_ascii=False).encode()
    return Response(status=status, body=body, headers=(JSON, *headers))


def _refusal(status: int, message: str, *headers: tuple[str, str]) -> Response:
    return _json(status, {"success": False, "error": {"message": message}}, *headers)


def _html(title: str, status: int) -> Response:
    body = f"<!doctype html><html><head><title>{title}</title></head><body>{title}</body></html>"
    return Response(
        status=status, body=body.encode(), headers=(("Content-Type", "text/html; charset=utf-8"),)
    )

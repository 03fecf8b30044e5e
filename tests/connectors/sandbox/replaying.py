"""Sends what a recording asked of a real Magento to a simulated one, and compares the answers.

Numbers and SKUs differ between the two shops; a recording's own are replaced by those of the like in ours.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from connectors.sandbox.exchange import Response
from connectors.sandbox.magento.shop import SandboxShop
from tests.connectors.sandbox import asking
from tests.connectors.sandbox.asking import Signing
from tests.connectors.sandbox.shapes import Shape
from tests.recordings import recordings_dir

ANCHOR = datetime(2026, 11, 21, tzinfo=UTC)  # when the recordings were made
ORDERS = 400
INTEGRATIONS = {
    "lab-full": "full",
    "lab-min-read": "min-read",
    "lab-no-customer": "no-customers",
    "lab-no-sales": "no-sales",
}
# SKUs and emails of the recorded shop, and the like in ours.
WORDS = {
    "TOTE": "CABAS",
    "BAG": "LIN",
    "BELT": "GALON",
    "SOCK": "MAILLE",
    "HAT-100": "FEUTRE-100",
    "000123": "000042",
    "DRESS": "ROBE",
    "dress-001": "robe-001",
    "SHIRT": "CHEM",
    "client001%40example": "client00002%40example",
    "CLIENT001%40EXAMPLE": "CLIENT00002%40EXAMPLE",
}
VARIANT = "DRESS-001-Red-38"
REPORT = re.compile(r"webapi-[0-9a-f]{13}")


@dataclass(frozen=True)
class Asked:
    """A recorded request and its answer, whole."""

    name: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str | None
    signature_method: str | None
    integration: str | None
    authorization: str
    status: int
    content_type: str
    answer: Any

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


@cache
def recorded(name: str) -> Asked:
    folder = recordings_dir()
    assert folder is not None
    raw = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    asked, answered = raw["request"], raw["response"]
    lowered = {key.lower(): value for key, value in answered["headers"].items()}
    return Asked(
        name,
        asked["method"],
        asked["path"],
        asked["query"],
        {key.lower(): value for key, value in asked["headers"].items() if value is not None},
        asked["body"],
        asked["signature_method"],
        asked["integration"],
        asked.get("authorization") or "",
        answered["status"],
        lowered.get("content-type", "").partition(";")[0],
        answered["body"],
    )


def all_recorded() -> Iterator[Asked]:
    folder = recordings_dir()
    for path in sorted(folder.glob("*.json")) if folder else []:
        yield recorded(path.stem)


# --- the shop that answers, and what stands in it for what was recorded ---


@cache
def shop() -> SandboxShop:
    made = SandboxShop(seed=1, orders=ORDERS, styles=48, anchor=ANCHOR)
    made.clock = lambda: ANCHOR
    return made


def features(order: dict[str, Any]) -> tuple[Any, ...]:
    """What makes an order the like of another."""
    items = [item for item in order["items"] if "parent_item_id" not in item]
    sent = [item for item in items if item["product_type"] != "virtual"]
    shipped = sum(item["qty_shipped"] for item in sent)
    return (
        order["status"],
        order["order_currency_code"],
        order["customer_is_guest"],
        "coupon_code" in order,
        order.get("total_refunded", 0) > 0 and order.get("subtotal_refunded") == 0,
        "total_refunded" in order,
        0 < shipped < sum(item["qty_ordered"] for item in sent),
        {item["product_type"] for item in items} >= {"configurable"},
        {item["product_type"] for item in items} >= {"bundle"},
    )


@cache
def like_orders() -> dict[int, int]:
    """Our order for each one that was recorded alone, by its number there."""
    ours: dict[tuple[Any, ...], int] = {}
    for order in shop().search("orders")["items"]:
        ours.setdefault(features(order), order["entity_id"])
    singles = [
        one
        for one in all_recorded()
        if re.search(r"/V1/orders/\d+$", one.path) and one.status == 200
    ]
    return {one.answer["entity_id"]: ours[features(one.answer)] for one in singles}


def _in_our_shop(asked: Asked) -> Asked:
    path, query = asked.path.replace(VARIANT, _variant()), asked.query.replace(VARIANT, _variant())
    for theirs, like in WORDS.items():
        path, query = path.replace(theirs, like), query.replace(theirs, like)
    path = re.sub(r"/orders/(\d+)", lambda found: f"/orders/{_like(found[1])}", path)
    if "%5D=order_id&" in query:
        query = re.sub(r"(%5Bvalue%5D=)(\d+)", lambda found: f"{found[1]}{_like(found[2])}", query)
    query = query.replace("=brand&", "=brand&").replace("%5Bvalue%5D=14", "%5Bvalue%5D=40")
    if "=season&" in query:
        query = re.sub(r"(%5Bvalue%5D=)\d+", r"\g<1>50", query)
    if "/creditmemo/1" in path:
        path = path.replace("/creditmemo/1", f"/creditmemo/{_memo()}")
    if "/bulk/ff" in path:
        path = re.sub(r"/bulk/[^/]+", f"/bulk/{_bulk()}", path)
    return replace(asked, path=path, query=query)


@cache
def _variant() -> str:
    """A variant of our first style."""
    style = shop().product_record("ROBE-001")
    assert style is not None
    child = shop().catalogue.by_id[style.key].children[1]
    return shop().catalogue.by_id[child].sku


def _memo() -> int:
    """Our credit memo of the order that the first recorded one belongs to."""
    query = asking.criteria(None, ("order_id", "eq", str(_like("5"))))
    number: int = shop().search("creditmemos", query)["items"][0]["entity_id"]
    return number


def _like(number: str) -> int:
    return like_orders().get(int(number), int(number))


@cache
def _bulk() -> str:
    accepted = asking.ask(
        shop(), "/rest/all/async/V1/customers", verb="POST", body=b"{}",
        headers={"content-type": "application/json"},
    )  # fmt: skip
    number: str = asking.body_of(accepted)["bulk_uuid"]
    return number


# --- asking it ---


def replay(name: str) -> Response:
    """Our shop's answer to a recorded request, signed as the recording was."""
    asked = _in_our_shop(recorded(name))
    switches = shop().switches
    switches.bearer_enabled = name.startswith("bearer_integration_enabled")
    if name.startswith("iolimit_"):
        switches.input_limit = 100 if "max100" in name else 300
        switches.default_page_size = 20 if "default20" in name else None
    try:
        return _asked(asked)
    finally:
        switches.bearer_enabled = False
        switches.input_limit = switches.default_page_size = None


def _asked(asked: Asked) -> Response:
    headers = dict(asked.headers)
    verb, body = asked.method, (asked.body or "").encode()
    if body and "content-type" not in headers:
        headers["content-type"] = "application/json"
    who: str | None = INTEGRATIONS.get(asked.integration or "", "full")
    if asked.name == "bearer_integration_enabled_no_acl":
        who = "no-sales"
    if not asked.authorization.lower().startswith("oauth"):
        if asked.authorization:
            headers["authorization"] = _authorization(asked, who)
        return asking.ask(shop(), asked.target, who=None, verb=verb, headers=headers, body=body)
    signing = _signing(asked)
    _before(asked, signing)
    return asking.ask(
        shop(), asked.target, who=who, verb=verb, signing=signing, headers=headers, body=body
    )


def _authorization(asked: Asked, who: str | None) -> str:
    if "integration" in asked.name:
        return f"Bearer {shop().integrations[who or 'full'].access_token}"
    return asked.authorization


WRONG = "0" * 32
SIGNED_WRONGLY: dict[str, Signing] = {
    "err_bad_signature": Signing(secrets={"consumer_secret": WRONG}),
    "nonce_bad_signature_first": Signing(secrets={"consumer_secret": WRONG}),
    "err_bad_token_secret": Signing(secrets={"access_token_secret": WRONG}),
    "err_unknown_consumer_key": Signing(secrets={"consumer_key": WRONG}),
    "err_short_consumer_key": Signing(secrets={"consumer_key": "short"}),
    "err_unknown_token": Signing(secrets={"access_token": WRONG}),
    "sig_signed_as_https": Signing(origin=f"https://{asking.HOST}"),
    "sig_https_with_xfp": Signing(origin=f"https://{asking.HOST}"),
    "sig_signed_without_port": Signing(origin="http://127.0.0.1"),
    "sig_missing_nonce": Signing(left_out="oauth_nonce"),
    "sig_missing_timestamp": Signing(left_out="oauth_timestamp"),
    "sig_missing_version": Signing(left_out="oauth_version"),
    "sig_realm": Signing(scheme='OAuth realm="x", '),
    "sig_lowercase_oauth_scheme": Signing(scheme="oauth "),
    "fix_12_groups_natural_sort": Signing(is_natural_order=True),
}
SECONDS = {"future_5min": 300, "old_1h": -3600, "old_1d": -86_400, "old_10y": -315_360_000}


def _signing(asked: Asked) -> Signing:
    signing = SIGNED_WRONGLY.get(asked.name, Signing())
    shift = SECONDS.get(asked.name.removeprefix("timestamp_"), 0)
    moment = 0 if asked.name == "timestamp_zero" else int(ANCHOR.timestamp()) + shift
    signing = replace(signing, timestamp=moment, method=asked.signature_method or signing.method)
    if asked.name.startswith("nonce_") or "nonce_reused" in asked.name:
        signing = replace(signing, nonce=f"kept for {asked.name}"[:32])
    if asked.name.startswith(("fix_sku", "fix_stockItem")):
        return replace(signing, signed_target=_signed_path(asked))
    if asked.name == "fix_space_plus_signed_literally":
        pairs = parse_qsl(asked.query.replace("+", "%2B"), keep_blank_values=True)
        return replace(signing, signed_query=pairs)
    return signing


def _signed_path(asked: Asked) -> str:
    """The path as the recording's note says it was signed."""
    path = asked.path
    if asked.name.endswith("raw_dec"):
        return unquote(unquote(path))
    return path if asked.name.endswith("2b") else unquote(path)


def _before(asked: Asked, signing: Signing) -> None:
    """What the recorder had sent just before, where the answer depends on it."""
    if asked.name == "err_nonce_reused":
        asking.ask(shop(), asked.target, signing=signing)
    elif asked.name == "err_nonce_reused_other_timestamp":
        earlier = replace(signing, timestamp=(signing.timestamp or 0) - 60)
        asking.ask(shop(), asked.target, signing=earlier)
    elif asked.name == "nonce_after_bad_signature":
        wrong = replace(signing, secrets={"consumer_secret": WRONG})
        asking.ask(shop(), asked.target, signing=wrong)
    elif asked.name == "nonce_reused_other_consumer":
        asking.ask(shop(), asked.target, who="read", signing=signing)


# --- comparing ---


def kind_of_route(asked: Asked) -> str:
    """Answers of one kind have one shape, whatever they were asked about."""
    path = re.sub(r".*/rest(/(all|fr|en|de))?", "", asked.path)
    path = re.sub(r"/\d+(?=/|$)", "/:id", path.rstrip("/"))
    path = re.sub(
        r"^/V1/products/(?!attributes|types|attribute-sets)[^/]+", "/V1/products/:sku", path
    )
    path = re.sub(r"(Items|Statuses|children-of|quantity|salable)/[^/]+", r"\1/:sku", path)
    path = re.sub(r"configurable-products/[^/]+", "configurable-products/:sku", path)
    path = re.sub(r"/attributes/[^/]+", "/attributes/:code", path)
    return re.sub(r"/bulk/[^/]+", "/bulk/:uuid", path)


@cache
def shapes() -> dict[str, Shape]:
    """The shape of each kind of answer, learnt from all recordings of it, those with `fields` aside."""
    learnt: dict[str, Shape] = {}
    for asked in all_recorded():
        if asked.status < 300 and "json" in asked.content_type and "fields=" not in asked.query:
            learnt.setdefault(kind_of_route(asked), Shape()).learn(asked.answer)
    return learnt


def departures(name: str) -> list[str]:
    """How our shop's answer departs from the recorded one; nothing where it does not."""
    asked, response = recorded(name), replay(name)
    found = []
    if response.status != asked.status:
        found.append(f"status {response.status}, not {asked.status}")
    kind = response.header("Content-Type").partition(";")[0]
    if kind != asked.content_type:
        found.append(f"{kind}, not {asked.content_type}")
    if not found and "json" in asked.content_type and asked.method != "HEAD":
        found += _body_departures(asked, asking.body_of(response))
    return sorted(set(found))


def _body_departures(asked: Asked, ours: Any) -> Iterator[str]:
    theirs = asked.answer
    if asked.status >= 400:
        if _comparable(ours) != _comparable(theirs):
            yield f"{ours}, not {theirs}"
        return
    if "fields=" in asked.query:
        shape = Shape()
        shape.learn(theirs)
    else:
        shape = shapes()[kind_of_route(asked)]
    yield from shape.departures(ours)
    if isinstance(theirs, dict) and isinstance(ours, dict) and "total_count" in theirs:
        yield from _list_departures(theirs, ours)
    elif isinstance(theirs, list) and bool(theirs) != bool(ours):
        yield f"a list of {len(ours)}, not of {len(theirs)}"


def _list_departures(theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    if _comparable(theirs.get("search_criteria")) != _comparable(ours.get("search_criteria")):
        yield f"criteria {ours.get('search_criteria')}, not {theirs.get('search_criteria')}"
    if bool(theirs["items"]) != bool(ours["items"]):
        yield f"{len(ours['items'] or ())} items, not {len(theirs['items'] or ())}"
    if bool(theirs["total_count"]) != bool(ours["total_count"]):
        yield f"a total of {ours['total_count']}, not {theirs['total_count']}"
    size = (theirs.get("search_criteria") or {}).get("page_size")
    if size and len(ours["items"] or ()) != min(size, ours["total_count"]) and theirs["items"]:
        yield f"{len(ours['items'])} items on a page of {size}"


def _comparable(body: Any) -> str:
    """Without what no two shops have in common."""
    text = REPORT.sub("webapi-report", json.dumps(body, sort_keys=True, ensure_ascii=False))
    text = text.replace(VARIANT, _variant())
    for theirs, like in WORDS.items():
        theirs, like = unquote(theirs), unquote(like)
        text = text.replace(theirs, like)
    return re.sub(r'("field": "(order_id|brand|season|parent_id)", "value": )"\d+"', r'\1"N"', text)

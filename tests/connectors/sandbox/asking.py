"""Asks a simulated shop as a client would that signs strictly by OAuth 1.0a (RFC 5849)."""

import base64
import gzip
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, quote

from oauthlib.oauth1.rfc5849 import signature

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.magento.integrations import Integration
from connectors.sandbox.magento.shop import SandboxShop

HOST = "127.0.0.1:8043"
NONCES = count(1)
DIGESTS = {
    "HMAC-SHA256": hashlib.sha256,
    "HMAC-SHA1": hashlib.sha1,
    "HMAC-SHA512": hashlib.sha512,
}


@dataclass(kw_only=True)
class Signing:
    """What a client puts into its signature; everything that it may get wrong can be said."""

    method: str = "HMAC-SHA256"
    timestamp: int | None = None  # None: the shop's own time
    nonce: str = ""
    origin: str = f"http://{HOST}"
    signed_target: str = ""  # where another one is signed than is sent
    signed_query: list[tuple[str, str]] | None = None
    is_natural_order: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)  # instead of the right ones
    left_out: str = ""  # a parameter dropped after signing
    scheme: str = "OAuth "


def headers_of(
    who: Integration, shop: SandboxShop, verb: str, target: str, signing: Signing
) -> dict[str, str]:
    """The Authorization header for a request."""
    known = {
        "consumer_key": who.consumer_key,
        "consumer_secret": who.consumer_secret,
        "access_token": who.access_token,
        "access_token_secret": who.access_token_secret,
        **signing.secrets,
    }
    moment = int(shop.clock().timestamp()) if signing.timestamp is None else signing.timestamp
    oauth = {
        "oauth_consumer_key": known["consumer_key"],
        "oauth_nonce": signing.nonce or f"nonce{next(NONCES)}",
        "oauth_signature_method": signing.method,
        "oauth_timestamp": str(moment),
        "oauth_token": known["access_token"],
        "oauth_version": "1.0",
    }
    base = base_string(verb, signing.signed_target or target, oauth, signing)
    secret = f"{known['consumer_secret']}&{known['access_token_secret']}"
    oauth["oauth_signature"] = _signed(base, secret, signing.method)
    oauth.pop(signing.left_out, None)
    inside = ", ".join(f'{name}="{quote(value, safe="~")}"' for name, value in oauth.items())
    return {"authorization": signing.scheme + inside}


def base_string(verb: str, target: str, oauth: Mapping[str, str], signing: Signing) -> str:
    path, _, query = target.partition("?")
    given = signing.signed_query
    pairs = parse_qsl(query, keep_blank_values=True) if given is None else given
    every = [*pairs, *oauth.items()]
    joined = signature.normalize_parameters(every)
    if signing.is_natural_order:
        joined = "&".join(sorted(joined.split("&"), key=_natural))
    return signature.signature_base_string(
        verb, signature.base_string_uri(f"{signing.origin}{path}"), joined
    )


def _natural(pair: str) -> list[tuple[int, int | str]]:
    """Numbers within a name by their value, as PHP's strnatcmp has it."""
    parts = re.findall(r"\d+|\D", pair.partition("=")[0])
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


def _signed(base: str, secret: str, method: str) -> str:
    if method == "PLAINTEXT":
        return secret
    digest = hmac.new(secret.encode(), base.encode(), DIGESTS[method]).digest()
    return base64.b64encode(digest).decode()


def ask(
    shop: SandboxShop,
    target: str,
    *,
    who: str | None = "full",
    verb: str = "GET",
    signing: Signing | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Response:
    """What the shop answers to an integration, by name, or to a guest (None)."""
    sent = {"host": HOST, **(headers or {})}
    if who is not None:
        sent |= headers_of(shop.integrations[who], shop, verb, target, signing or Signing())
    return shop.answer(Request(verb, target, sent, body))


def criteria(page_size: int | None = None, /, *filters: tuple[str, str, str], **sort: str) -> str:
    """A searchCriteria: each filter (field, condition, value) in a group of its own; sort field=direction."""
    pairs = []
    for at, one in enumerate(filters):
        for name, value in zip(("field", "conditionType", "value"), one, strict=True):
            pairs.append((f"searchCriteria[filterGroups][{at}][filters][0][{name}]", value))
    for at, (name, direction) in enumerate(sort.items()):
        pairs.append((f"searchCriteria[sortOrders][{at}][field]", name))
        pairs.append((f"searchCriteria[sortOrders][{at}][direction]", direction))
    if page_size is not None:
        pairs.append(("searchCriteria[pageSize]", str(page_size)))
    encoded = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    return encoded or "searchCriteria="


def body_of(response: Response) -> Any:
    is_packed = response.header("Content-Encoding") == "gzip"
    return json.loads(gzip.decompress(response.body) if is_packed else response.body)

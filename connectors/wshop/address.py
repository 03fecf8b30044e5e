"""Turns whatever people paste as their API URL into the base that /api/v1 follows.

Accepted: the host alone, with or without scheme, /api, /api/v1 or a whole endpoint behind it, capital
letters, blanks and quotes around it, a query, slashes at its end.
"""

import re

from connectors.errors import MalformedUrlError
from connectors.http import origin_of
from connectors.typed import take_apart
from connectors.wshop import errors

MAX_ADDRESS = 2_000
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*(?=[^/])", re.IGNORECASE)
PORT = re.compile(r"^[^/:@]+:\d")  # shop.example:8443 looks like a scheme
PATH = re.compile(r"[A-Za-z0-9._~/-]*")
API = re.compile(r"/api(/.*)?$", re.IGNORECASE)


def parse(text: str) -> str:
    """The base, without a slash at its end. Raises AddressError."""
    text = text.strip().strip("\"'<>").strip()
    if not text:
        raise errors.AddressMissingError
    if len(text) > MAX_ADDRESS:
        raise MalformedUrlError(detail="too long")
    typed = take_apart(_with_scheme(text))
    prefix = API.sub("", re.sub(r"/{2,}", "/", typed.path)).rstrip("/")
    if not PATH.fullmatch(prefix):
        raise MalformedUrlError(detail="unusual characters in the path")
    base = f"{typed.origin}{prefix}"
    origin_of(base)
    return base


def _with_scheme(text: str) -> str:
    found = None if PORT.match(text) else SCHEME.match(text)
    if found:
        return f"{found[0].partition(':')[0].lower()}://{text[found.end() :]}"
    if "@" in text and "/" not in text:
        raise errors.EmailInsteadOfAddressError
    return f"https://{text.lstrip('/')}"

"""Turns whatever people paste as their API URL into the base that /api/v1 follows.

Accepted: the host alone, with or without scheme, /api, /api/v1 or a whole endpoint behind it, capital
letters, blanks and quotes around it, a query, slashes at its end.
"""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from connectors.errors import MalformedUrlError, NotHttpsError
from connectors.http import ascii_host, origin_of
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
    parts = _split(_with_scheme(text))
    prefix = API.sub("", re.sub(r"/{2,}", "/", parts.path)).rstrip("/")
    if not PATH.fullmatch(prefix):
        raise MalformedUrlError(detail="unusual characters in the path")
    base = f"{parts.scheme}://{_authority(parts)}{prefix}"
    origin_of(base)
    return base


def _with_scheme(text: str) -> str:
    found = None if PORT.match(text) else SCHEME.match(text)
    if found:
        return f"{found[0].partition(':')[0].lower()}://{text[found.end() :]}"
    if "@" in text and "/" not in text:
        raise errors.EmailInsteadOfAddressError
    return f"https://{text.lstrip('/')}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        # Its text repeats what was typed.
        raise MalformedUrlError from None
    if "." not in host and ":" not in host and host != "localhost":
        raise MalformedUrlError(detail="host without a dot")
    if parts.scheme == "http" and not _is_loopback(host):
        raise NotHttpsError(detail="plain http")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _authority(parts: SplitResult) -> str:
    """Host and port in one spelling. A user name is kept: the door refuses it with its own sentence."""
    user, at, _host = parts.netloc.rpartition("@")
    host = ascii_host((parts.hostname or "").rstrip("."))
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{user}{at}[{host}]{port}" if ":" in host else f"{user}{at}{host}{port}"

"""Turns whatever people paste as their shop's address into a base URL and an optional store code.

Accepted: the shop's start page, /rest, /rest/V1, /rest/fr/V1, /rest/async/V1, /index.php/rest/..., any whole
API or product URL; capital letters, blanks, a missing scheme, a default port, a query, trailing slashes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from connectors.errors import MalformedUrlError, NotHttpsError
from connectors.http import ascii_host, origin_of
from connectors.magento import errors

MAX_ADDRESS = 2_000
MAX_TEXT = 10_000
MAX_ADDRESSES = 60

SEPARATORS = re.compile(r"[\s,;]+")
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
PATH = re.compile(r"[A-Za-z0-9._~/-]*")
STORE_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ADMIN = re.compile(r"/(admin[^/]*|backend|backoffice)(/|$)|/key/[0-9a-f]{16,}", re.IGNORECASE)
# Not part of a base: front controller, other APIs, a page of the shop.
PAGES = re.compile(r"/(index\.php|swagger|graphql|soap|[^/]+\.html?)(/.*)?$", re.IGNORECASE)


@dataclass(frozen=True)
class StoreAddress:
    """`base` without a slash at its end; `store` the store view's code, blank for the shop's default."""

    base: str
    store: str = ""


def parse_all(given: str | Iterable[str]) -> list[StoreAddress]:
    """Every address in a text (separated by blanks, commas or lines) or a list, each once.

    Raises AddressError, for the first that cannot be used.
    """
    texts = [given] if isinstance(given, str) else [str(one) for one in given]
    if sum(map(len, texts)) > MAX_TEXT:
        raise errors.AddressTooLongError
    words = [
        word for text in texts for word in SEPARATORS.split(text.strip("\"'<> \t\r\n")) if word
    ]
    if not words:
        raise errors.AddressMissingError
    if len(words) > MAX_ADDRESSES:
        raise errors.AddressTooLongError
    return list(dict.fromkeys(parse(word) for word in words))


def parse(text: str) -> StoreAddress:
    """One address. Raises AddressError."""
    text = text.strip().strip("\"'<>")
    if not text:
        raise errors.AddressMissingError
    if len(text) > MAX_ADDRESS:
        raise errors.AddressTooLongError
    parts = _split(_with_scheme(text))
    if ADMIN.search(parts.path):
        raise errors.AdminAddressError
    prefix, store = _prefix_and_store(re.sub(r"/{2,}", "/", parts.path))
    if not PATH.fullmatch(prefix):
        raise MalformedUrlError(detail="unusual characters in the path")
    base = f"{parts.scheme}://{_authority(parts)}{prefix.rstrip('/')}"
    origin_of(base)
    return StoreAddress(base, store)


def _with_scheme(text: str) -> str:
    if SCHEME.match(text):
        return text
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
    """Host and port as Magento signs them: lower case, without the scheme's own port.

    A user name is kept: the door refuses it with a sentence of its own.
    """
    user, at, _host = parts.netloc.rpartition("@")
    host = ascii_host((parts.hostname or "").rstrip("."))
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{user}{at}[{host}]{port}" if ":" in host else f"{user}{at}{host}{port}"


def _prefix_and_store(path: str) -> tuple[str, str]:
    """The folder that Magento is installed in, and the store code of an API path."""
    folders = path.split("/")
    lowered = [folder.lower() for folder in folders]
    if "rest" not in lowered:
        return PAGES.sub("", path), ""
    at = lowered.index("rest")
    prefix = PAGES.sub("", "/".join(folders[:at]))
    store = folders[at + 1] if at + 1 < len(folders) else ""
    if store.lower() in {"", "v1", "async"}:
        return prefix, ""
    if not STORE_CODE.fullmatch(store):
        raise MalformedUrlError(detail="no store code")
    return prefix, store

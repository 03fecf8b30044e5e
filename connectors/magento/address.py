"""Turns whatever people paste as their shop's address into a base URL and an optional store code.

Accepted: the shop's start page, /rest, /rest/V1, /rest/fr/V1, /rest/async/V1, /index.php/rest/..., any whole
API or product URL; capital letters, blanks, a missing scheme, a default port, a query, trailing slashes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.errors import MalformedUrlError
from connectors.http import origin_of
from connectors.magento import errors
from connectors.typed import take_apart

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
    typed = take_apart(_with_scheme(text))
    if ADMIN.search(typed.path):
        raise errors.AdminAddressError
    prefix, store = _prefix_and_store(re.sub(r"/{2,}", "/", typed.path))
    if not PATH.fullmatch(prefix):
        raise MalformedUrlError(detail="unusual characters in the path")
    base = f"{typed.origin}{prefix.rstrip('/')}"
    origin_of(base)
    return StoreAddress(base, store)


def _with_scheme(text: str) -> str:
    if SCHEME.match(text):
        return text
    if "@" in text and "/" not in text:
        raise errors.EmailInsteadOfAddressError
    return f"https://{text.lstrip('/')}"


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

"""Keeps secrets out of whatever leaves the process as text.

Every value that is unsealed or about to be sealed is remembered here; scrub() replaces it wherever it
turns up, in any usual spelling: log records, exceptions, error pages.
"""

import base64
import html
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MARK = "[secret]"
SHORTEST = 6  # a shorter value would blank out half of every sentence
TRUNCATED = 12  # so many first characters of a secret are a secret too: texts are cut anywhere
# More than the connections that one process works on at a time; each use makes a secret young again.
REMEMBERED = 4_000

_OAUTH = re.compile(
    r"(oauth_(?:consumer_key|token|signature|nonce|verifier)[\"']?(?:\s*[=:,]\s*|%3D|%253D)[\"']?)"
    r"(?:[^\"'&,%\s)]|%(?!26|2526))+"
)
_SIGNATURE = re.compile(r"\b(signature: *)[A-Za-z0-9+/=]{16,}", re.IGNORECASE)
_AUTHORIZATION = re.compile(r"\b(Basic|Bearer) +[A-Za-z0-9+/=._~-]{8,}", re.IGNORECASE)


class Redactor:
    """Remembers values and blanks them out. Safe to share between threads; reading takes no lock."""

    def __init__(self, *values: str, capacity: int = REMEMBERED) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[str, frozenset[str]] = OrderedDict()
        # Spellings by their first characters: the time to scrub does not grow with what is known.
        self._index: dict[str, tuple[str, ...]] = {}
        self.remember(*values)

    def __len__(self) -> int:
        return len(self._known)

    def remember(self, *values: str) -> None:
        for value in values:
            if len(value) >= SHORTEST:
                self._remember(value)

    def _remember(self, value: str) -> None:
        with self._lock:
            if value in self._known:
                self._known.move_to_end(value)
                return
            self._known[value] = spellings = frozenset(_spellings(value))
            for spelling in spellings:
                same_start = self._index.get(spelling[:SHORTEST], ())
                self._index[spelling[:SHORTEST]] = (*same_start, spelling)
            if len(self._known) > self._capacity:
                _value, forgotten = self._known.popitem(last=False)
                self._forget(forgotten)

    def _forget(self, spellings: frozenset[str]) -> None:
        for spelling in spellings:
            start = spelling[:SHORTEST]
            rest = list(self._index[start])
            rest.remove(spelling)  # one of it: another secret may be spelled the same
            if rest:
                self._index[start] = tuple(rest)
            else:
                del self._index[start]

    def scrub(self, text: str) -> str:
        """The text with every remembered value replaced, whole where values overlap."""
        pieces, done = [], 0
        for start, end in self._found(text):
            if start >= done:
                pieces += [text[done:start], MARK]
            done = max(done, end)
        return "".join([*pieces, text[done:]]) if done else text

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        index = self._index
        if not index:
            return
        for start in range(len(text) - SHORTEST + 1):
            spellings = index.get(text[start : start + SHORTEST])
            if spellings:
                length = max(_shared(text, start, spelling) for spelling in spellings)
                if length:
                    yield start, start + length


def _shared(text: str, start: int, spelling: str) -> int:
    """Length of the spelling that stands at `start`, whole or cut off; 0 where it is too little to tell."""
    if text.startswith(spelling, start):
        return len(spelling)
    length = SHORTEST
    while text[start + length : start + length + 1] == spelling[length : length + 1] != "":
        length += 1
    return length if length >= TRUNCATED or start + length == len(text) else 0


def _spellings(value: str) -> Iterator[str]:
    """How a value may be written in a log, a URL, a header, JSON or HTML. Of several lines, each."""
    lines = value.splitlines() if len(value.splitlines()) > 1 else []
    for part in (value, *lines):
        if len(part) >= SHORTEST and not part.startswith("-----"):  # PEM's own lines are no secret
            yield from _written(part)


def _written(value: str) -> Iterator[str]:
    yield value
    once = quote(value, safe="")
    yield from (once, quote(value), quote_plus(value), quote(once, safe=""))
    yield re.sub("%..", lambda found: found[0].lower(), once)
    yield from (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield from (repr(value)[1:-1], ascii(value)[1:-1])
    yield from (html.escape(value), html.escape(repr(value)[1:-1]))
    for before in range(3):
        yield from _inside_base64(value.encode(), before)


def _inside_base64(value: bytes, before: int) -> Iterator[str]:
    """The characters that depend on `value` alone, `before` bytes after a multiple of three."""
    first = (before * 8 + 5) // 6
    last = (before + len(value)) * 8 // 6
    encoded = base64.b64encode(b"\0" * before + value).decode()[first:last]
    if len(encoded) >= SHORTEST:
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")


_process = Redactor()
_configured = Redactor()  # the installation's own keys and passwords: never forgotten


def remember(*values: str) -> None:
    """From now on scrub() replaces these values. Values under SHORTEST characters are not remembered."""
    _process.remember(*values)


def remember_always(*values: str) -> None:
    """As remember(), for the few values of the configuration."""
    _configured.remember(*values)


def scrub(text: str) -> str:
    """The text without any remembered secret and without the credentials of HTTP headers."""
    text = _process.scrub(_configured.scrub(text))
    if "oauth_" in text:
        text = _OAUTH.sub(rf"\1{MARK}", text)
    text = _SIGNATURE.sub(rf"\1{MARK}", text)
    return _AUTHORIZATION.sub(rf"\1 {MARK}", text)


def scrub_within(value: Any) -> Any:
    """The same for every text inside dictionaries, lists and tuples."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {name: scrub_within(part) for name, part in value.items()}
    if isinstance(value, list):
        return [scrub_within(part) for part in value]
    if type(value) is tuple:
        return tuple(scrub_within(part) for part in value)
    return value

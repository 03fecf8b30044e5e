"""Keeps secrets out of whatever leaves the process as text.

Every value that is unsealed or about to be sealed is remembered here; scrub() replaces it wherever it
turns up: log records, exceptions, error pages.
"""

import threading
from urllib.parse import quote, quote_plus

MARK = "[secret]"
SHORTEST = 6  # a shorter value would blank out half of every sentence

_lock = threading.Lock()
_known: set[str] = set()


def remember(*values: str) -> None:
    """From now on scrub() replaces these values, in clear and percent-encoded."""
    spellings = {
        spelling
        for value in values
        if len(value) >= SHORTEST
        for spelling in (value, quote(value, safe=""), quote_plus(value))
    }
    with _lock:
        _known.update(spellings)


def scrub(text: str) -> str:
    """The text without any remembered secret, longest first: one secret may contain another."""
    for secret in sorted(_known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, MARK)
    return text

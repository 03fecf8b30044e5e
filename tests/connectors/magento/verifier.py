"""Verifies an OAuth 1.0a header as three generations of Magento do, written from their rules, not from ours.

FIRST: 2.4.4 to 2.4.6. FIXED: the same with the path's reserved characters left alone. NEWEST: path and port
as sent, parameters in byte order. Magento's parameters are in natural order ("2" before "10").
"""

import hmac
import re
from base64 import b64encode
from enum import Enum
from functools import cmp_to_key
from hashlib import sha256
from urllib.parse import quote, unquote, urlsplit

SAFE = "-._~"
RESERVED = "/:@+&=,;$"


class Generation(Enum):
    FIRST = "accepted_2_4_4_to_2_4_6"
    FIXED = "accepted_path_fix_2_4_7plus"
    NEWEST = "accepted_newest_develop"


def accepts(
    generation: Generation, url: str, header: str, *, consumer_secret: str, token_secret: str
) -> bool:
    """Whether a GET of this URL with this Authorization header would be let in."""
    sent = dict(re.findall(r'(oauth_\w+)="([^"]*)"', header))
    signature = unquote(sent.pop("oauth_signature"))
    given = _query(generation, urlsplit(url).query) | {
        name: unquote(value) for name, value in sent.items()
    }
    base = "&".join(
        ["GET", _encoded(_address(generation, url)), _encoded(_joined(generation, given))]
    )
    key = f"{_encoded(consumer_secret)}&{_encoded(token_secret)}"
    wanted = b64encode(hmac.new(key.encode(), base.encode(), sha256).digest()).decode()
    return hmac.compare_digest(wanted, signature)


def _encoded(text: str) -> str:
    return quote(text, safe=SAFE)


def _query(generation: Generation, raw: str) -> dict[str, str]:
    """Only pieces with exactly one = take part; a plus stays a plus; the last of a name wins."""
    pieces = [piece.split("=") for piece in raw.split("&")]
    if generation is Generation.NEWEST:
        pieces = [[*piece, ""] if len(piece) == 1 and piece[0] else piece for piece in pieces]
    return {unquote(piece[0]): unquote(piece[1]) for piece in pieces if len(piece) == 2}


def _address(generation: Generation, url: str) -> str:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    default = {"https": 443, "http": 80}[parts.scheme]
    if port and (generation is Generation.NEWEST or port != default):
        host = f"{host}:{port}"
    return f"{parts.scheme}://{host}{_path(generation, parts.path)}"


def _path(generation: Generation, path: str) -> str:
    if generation is Generation.NEWEST:
        return path
    decoded = RESERVED if generation is Generation.FIRST else ""

    def kept(found: re.Match[str]) -> str:
        letter = unquote(found[0], errors="replace")
        is_plain = re.fullmatch(r"[A-Za-z0-9._~-]", letter) or letter in decoded
        return letter if is_plain else found[0].upper()

    return re.sub(r"%[0-9A-Fa-f]{2}", kept, path)


def _joined(generation: Generation, given: dict[str, str]) -> str:
    if generation is Generation.NEWEST:
        ordered = sorted(given.items())
    else:
        ordered = sorted(given.items(), key=cmp_to_key(lambda a, b: natural(a[0], b[0])))
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in ordered)


def natural(first: str, second: str) -> int:
    """PHP's strnatcmp on the encoded names: runs of digits compare as numbers."""
    for one, other in zip(_runs(_encoded(first)), _runs(_encoded(second)), strict=False):
        if one != other:
            if one.isdigit() and other.isdigit() and int(one) != int(other):
                return -1 if int(one) < int(other) else 1
            return -1 if one < other else 1
    return len(_encoded(first)) - len(_encoded(second))


def _runs(text: str) -> list[str]:
    return re.findall(r"\d+|\D", text)

"""What a signature of OAuth 1.0a covers, as three generations of Magento put it together.

Written from Magento's behaviour and apart from any OAuth library, so that the two can disagree.
"""

import base64
import hmac
import re
from functools import cmp_to_key
from urllib.parse import quote, unquote, unquote_plus

from connectors.sandbox.magento.switches import Signing

UNRESERVED = r"A-Za-z0-9\-._~"
# What the oldest generation decodes in a path before it verifies: reserved characters too.
DECODED_BEFORE = re.compile(rf"[{UNRESERVED}:@&=+$,/;%]")
DECODED_NOW = re.compile(rf"[{UNRESERVED}]")
PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
NOT_IN_PATH = re.compile(rf"[^{UNRESERVED}()(:@&=+$,/;%]|%(?![0-9A-Fa-f]{{2}})")
DIGESTS = {"HMAC-SHA256": "sha256", "HMAC-SHA1": "sha1"}
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def header_parameters(authorization: str) -> dict[str, str]:
    """The oauth_* parameters of an Authorization header; empty where it holds none.

    The word OAuth may stand anywhere in it, in any case, and what comes before it is not read.
    """
    start = re.search(r"oauth ", authorization, re.IGNORECASE)
    parameters = {}
    for piece in authorization[start.end() :].split(",") if start else []:
        name, equals, value = piece.strip().partition("=")
        if equals and re.fullmatch(r"oauth_[a-z_-]+", name):
            parameters[name] = unquote(value.strip('"'))
    return parameters


def signature_of(base: str, *, method: str, consumer_secret: str, token_secret: str) -> str:
    key = f"{quote(consumer_secret, safe='~')}&{quote(token_secret, safe='~')}"
    digest = hmac.new(key.encode(), base.encode(), DIGESTS[method]).digest()
    return base64.b64encode(digest).decode()


def base_string(
    verb: str, *, origin: str, target: str, oauth: dict[str, str], generation: Signing
) -> str:
    """`origin`: scheme://host of the request as the shop sees it; `target`: path and query as sent."""
    path, _, query = target.partition("?")
    parameters = _query_parameters(query, generation)
    parameters.update({name: value for name, value in oauth.items() if name != "oauth_signature"})
    address = _origin(origin, generation) + _path(path, generation)
    parts = (verb.upper(), address, _joined(parameters, generation))
    return "&".join(_encoded(part) for part in parts)


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _origin(origin: str, generation: Signing) -> str:
    lowered = origin.lower()
    if generation is Signing.REWRITTEN:
        return lowered  # the port stays, were it the default one
    return lowered.removesuffix(DEFAULT_PORTS[lowered.partition(":")[0]])


def _path(path: str, generation: Signing) -> str:
    if generation is Signing.REWRITTEN:
        return path
    decoded = DECODED_BEFORE if generation is Signing.UP_TO_2_4_7 else DECODED_NOW

    def decode(match: re.Match[str]) -> str:
        char = chr(int(match[0][1:], 16))
        return char if decoded.fullmatch(char) else match[0].upper()

    return NOT_IN_PATH.sub(
        lambda match: quote(match[0], encoding="latin-1"), PERCENT.sub(decode, path)
    )


def _query_parameters(query: str, generation: Signing) -> dict[str, str]:
    """The last of a repeated name wins. What has no equals sign, or two, is left out or cut."""
    found = {}
    for piece in query.split("&"):
        parts = piece.split("=")
        name = unquote(parts[0])
        if generation is Signing.REWRITTEN and piece:
            # Here a plus is a blank, but not inside of arrays.
            read = unquote if "[" in name else unquote_plus
            found[name] = read(parts[1]) if len(parts) > 1 else ""
        elif len(parts) == 2:
            found[name] = unquote(parts[1])  # a plus stays a plus
    return found


def _joined(parameters: dict[str, str], generation: Signing) -> str:
    if generation is Signing.REWRITTEN:
        pairs = [(_encoded(name), _encoded(parameters[name])) for name in sorted(parameters)]
    else:
        encoded = [(_encoded(name), _encoded(value)) for name, value in parameters.items()]
        by_name = cmp_to_key(natural_order)
        pairs = sorted(encoded, key=lambda pair: by_name(pair[0]))
    return "&".join(f"{name}={value}" for name, value in pairs)


def natural_order(one: str, other: str) -> int:
    """-1, 0 or 1 as PHP's strnatcmp: 2 comes before 10. OAuth's own order is of bytes, hence the trouble."""
    ours, theirs = (re.findall(r"\d+|\D", text) for text in (one, other))
    for left, right in zip(ours, theirs, strict=False):
        if left != right:
            return _chunk_order(left, right)
    return (len(ours) > len(theirs)) - (len(ours) < len(theirs))


def _chunk_order(left: str, right: str) -> int:
    both_numbers = left[0].isdigit() and right[0].isdigit()
    # A leading zero makes a fraction of it, compared digit by digit.
    if both_numbers and "0" not in (left[0], right[0]) and int(left) != int(right):
        return 1 if int(left) > int(right) else -1
    return 1 if left > right else -1

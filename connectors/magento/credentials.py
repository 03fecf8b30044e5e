"""Sorts what people paste at once into the four credentials: labelled lines, JSON, or four bare lines."""

import json
import re
from collections.abc import Iterable, Mapping

MAX_TEXT = 20_000

# Our names, in the order of Magento's pop-up.
NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
# The names in the configuration of Retrieve and in Magento's own words, letters only.
ALIASES = {
    "consumerkey": "consumer_key",
    "oauthconsumerkey": "consumer_key",
    "clientkey": "consumer_key",
    "consumersecret": "consumer_secret",
    "oauthconsumersecret": "consumer_secret",
    "clientsecret": "consumer_secret",
    "accesstoken": "access_token",
    "oauthtoken": "access_token",
    "accesstokensecret": "access_token_secret",
    "tokensecret": "access_token_secret",
    "oauthtokensecret": "access_token_secret",
    "url": "url",
    "apibaseurl": "url",
    "baseurl": "url",
    "apiurl": "url",
    "storeurl": "url",
    "type": "type",
    "attributes": "attributes",
}
VALUE = re.compile(r"[0-9a-z]{32}")
LABELLED = re.compile(r"^\W*([A-Za-z][A-Za-z _-]{1,40}?)[\"'*]*\s*(?:[:=\t]|\s{2,}|→|->)\s*(\S.*)$")
LABEL_ALONE = re.compile(r"^\W*([A-Za-z][A-Za-z _-]{1,40}?)\W*$")
URL = re.compile(r"https?://[^\s\"',;<>]+", re.IGNORECASE)


def sort_credentials(text: str) -> dict[str, str]:
    """Values by name (consumer_key ... access_token_secret, url, type), as far as they are recognised.

    Never raises: what is not understood is left out. Four bare values are taken in the order of Magento's
    pop-up: Consumer Key, Consumer Secret, Access Token, Access Token Secret.
    """
    if len(text) > MAX_TEXT:
        return {}
    document = _document(text)
    if document:
        return from_document(document)
    found = _labelled(text.splitlines()) or _bare(text)
    addresses = list(dict.fromkeys(URL.findall(text)))
    if found and addresses and "url" not in found:
        found["url"] = "\n".join(addresses)
    return found


def from_document(document: Mapping[str, object]) -> dict[str, str]:
    """The same from a decoded configuration of Retrieve; names that are not known are left out."""
    found = {}
    for name, value in document.items():
        known = ALIASES.get(_letters(str(name)))
        if known and isinstance(value, str) and value.strip():
            found[known] = value.strip()
        elif known == "url" and isinstance(value, list):
            found[known] = "\n".join(str(one).strip() for one in value)
        elif known == "attributes" and isinstance(value, dict):
            found[known] = json.dumps(value)
    return found


def _document(text: str) -> Mapping[str, object]:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return {}
    try:
        decoded = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return {}
    if not isinstance(decoded, dict):
        return {}
    inner = decoded.get("config")  # a whole document of `manage.py connect`
    return inner if isinstance(inner, dict) else decoded


def _labelled(lines: Iterable[str]) -> dict[str, str]:
    """ "Consumer Key: abc", or the label on a line of its own and the value on the next."""
    found: dict[str, str] = {}
    waiting = ""
    for line in lines:
        match = LABELLED.match(line)
        name = ALIASES.get(_letters(match[1])) if match else None
        if match and name:
            found.setdefault(name, _value(match[2]))
            waiting = ""
            continue
        alone = LABEL_ALONE.match(line)
        if alone and _letters(alone[1]) in ALIASES:
            waiting = ALIASES[_letters(alone[1])]
        elif line.strip() and waiting:
            found.setdefault(waiting, _value(line))
            waiting = ""
    return found


def _bare(text: str) -> dict[str, str]:
    values = [word for word in re.split(r"[\s,;\"']+", text) if VALUE.fullmatch(word)]
    return dict(zip(NAMES, values, strict=False)) if len(values) == len(NAMES) else {}


def _value(text: str) -> str:
    return text.strip().strip("\"',;*` ").strip()


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())

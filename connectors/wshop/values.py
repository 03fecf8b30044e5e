"""What WSHOP writes, as the types of our columns."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from html import unescape

FOUR_DECIMALS = Decimal("0.0001")
TRUE = {"1", "true", "yes", "on", "oui"}
FALSE = {"0", "false", "no", "off", "non"}
UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
BLOCK_END = re.compile(r"<(br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
NUMBER = re.compile(r"\+?\d(?:[\s./()-]{0,2}\d){6,}")
LANGUAGE = re.compile(r"[a-z]{2}([_-][a-zA-Z]{2})?")


def text(value: object) -> str | None:
    """A text, number or truth value as text; None for blank."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if isinstance(value, str | int | float) else None


def number(value: object) -> Decimal | None:
    """Four decimals, as our columns; None for blank. Raises ValueError, without the value."""
    written = text(value)
    try:
        found = Decimal(written).quantize(FOUR_DECIMALS) if written else None
    except InvalidOperation:  # also where it is too long or infinite
        found = Decimal("NaN")
    if found is not None and not found.is_finite():
        raise ValueError("not a number")
    return found


def flag(value: object) -> bool | None:
    """None for blank. Raises ValueError, without the value."""
    written = (text(value) or "").lower()
    if written in TRUE | FALSE:
        return written in TRUE
    if written:
        raise ValueError("neither true nor false")
    return None


def translated(value: object, language: str) -> str | None:
    """A text in one language of those that it comes in; else in the first that it has."""
    if not isinstance(value, Mapping):
        return text(value)
    found = translations(value, language)
    return found.get(language) or next(iter(found.values()), None)


def translations(value: object, language: str) -> dict[str, str]:
    """A text by language; `language`: of a text that comes alone."""
    if not isinstance(value, Mapping):
        alone = text(value)
        return {language: alone} if alone else {}
    # Keys that are no languages may be anything, a person's name too.
    named = {key[:2].lower(): text(said) for key, said in value.items() if LANGUAGE.fullmatch(key)}
    return {code: said for code, said in named.items() if said}


def anonymous(said: str | None) -> str | None:
    """What a shopper wrote, without e-mail addresses and telephone numbers."""
    return said and NUMBER.sub("[number]", EMAIL.sub("[e-mail]", said))


def plain(said: str | None) -> str | None:
    """What a visitor reads of a text that may be HTML."""
    if not said or not re.search(r"[<&]", said):
        return said
    lines = BLOCK_END.sub("\n", UNSEEN.sub("", said))
    shown = (" ".join(line.split()) for line in unescape(TAG.sub("", lines)).split("\n"))
    return "\n".join(line for line in shown if line) or None

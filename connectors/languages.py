"""The languages that Kleep's widget speaks, by its codes."""

from django.utils.text import capfirst
from django.utils.translation import get_language_info

CODES = ("fr", "en", "de", "it", "es", "pt", "br", "nl", "pl", "sv", "da", "fi", "ja", "ko")
ELSEWHERE = {"br": "pt-br"}  # Kleep's code, and everybody else's


def choices() -> list[tuple[str, str]]:
    """Codes and names, in the reader's language."""
    return [(code, _name(code)) for code in CODES]


def of_locale(locale: str) -> str:
    """ "fr_FR" -> "French", in the reader's language; as it is where nobody here knows the language."""
    code = locale.partition("_")[0].lower()
    try:
        return _name(code)
    except KeyError:
        return locale


def _name(code: str) -> str:
    return str(capfirst(get_language_info(ELSEWHERE.get(code, code))["name_translated"]))

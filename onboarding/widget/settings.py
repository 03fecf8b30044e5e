"""What a shop chose for its button: kept as JSON at the shop, read into one typed value."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import msgspec


class Placement(StrEnum):
    INLINE = "inline"  # where the snippet stands in the page
    BEFORE = "before"  # before the element that a CSS selector names
    AFTER = "after"


class ButtonColor(StrEnum):
    """Kleep's own two."""

    BLACK = "Black"
    WHITE = "White"


class Cmp(StrEnum):
    """The tool that asks the shop's visitors for their consent."""

    AXEPTIO = "axeptio"
    DIDOMI = "didomi"
    ONETRUST = "onetrust"
    COOKIEBOT = "cookiebot"
    TARTEAUCITRON = "tarteaucitron"
    USERCENTRICS = "usercentrics"
    CALLBACK = "callback"  # any other: it calls our function


@dataclass(frozen=True, kw_only=True)
class StoreLanguage:
    """One store view, or one language version of the shop."""

    store: str  # its code in the shop
    language: str  # of two letters
    country: str = ""  # ISO 3166 alpha-2


@dataclass(frozen=True, kw_only=True)
class WidgetSettings:
    retailer_uuid: str = ""  # the retailer's id, which Kleep gives
    placement: Placement = Placement.INLINE
    selector: str = ""
    button_color: ButtonColor = ButtonColor.BLACK
    font: str = ""  # blank: the page's own
    language: str = "en"  # where the page's own is none of the stores'
    country: str = ""
    category: str = "clothing"
    stores: tuple[StoreLanguage, ...] = ()
    cmp: Cmp = Cmp.CALLBACK
    consent_key: str = ""  # Kleep's name in the consent tool; blank: that tool's usual one
    consent_button: str = ""  # CSS selector of "accept", for the check in a browser
    variant_field: str = ""  # CSS selector of the field that holds the chosen variant's id

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "WidgetSettings":
        """From what a shop stores; what was never chosen is as by default."""
        return msgspec.convert(stored, cls)

    def stored(self) -> dict[str, Any]:
        # asdict: msgspec leaves out what it has left at its default.
        found: dict[str, Any] = msgspec.to_builtins(asdict(self))
        return found

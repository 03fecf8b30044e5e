"""Small readings of single values that several mappings share."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from html.parser import HTMLParser

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BLOCKS = {"p", "div", "li", "ul", "ol", "br", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
UNSEEN = {"style", "script", "template", "noscript"}
DIRECTIVE = re.compile(r"\{\{[^{}]*\}\}")  # Magento replaces these when it shows a page


def _read(text: str | None) -> datetime | None:
    """Magento's "2024-10-19 02:21:23", which is UTC; None where there is no such time."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


# The time of a record is read to page, to check the order and to store it.
utc = lru_cache(maxsize=4096)(_read)


def year(text: str | None) -> int | None:
    """The year of a date of birth, where it is one."""
    moment = _read(text)  # a date of birth is not kept
    return moment.year if moment and moment.year >= 1900 else None


def texts(raw: msgspec.Raw) -> list[str]:
    """The values of a custom attribute as text: one, several, or none."""
    value = msgspec.json.decode(raw)
    values = value if isinstance(value, list) else [value]
    return [
        str(one).strip()
        for one in values
        if isinstance(one, str | int | float) and str(one).strip()
    ]


class _Reader(HTMLParser):
    """Collects what a visitor would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in BLOCKS:
            self.seen.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in BLOCKS:
            self.seen.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.seen.append(data)


def plain_text(markup: str) -> str:
    """What a visitor reads of a piece of HTML: no tags, entities decoded, one line per block."""
    reader = _Reader()
    reader.feed(DIRECTIVE.sub("", markup))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.seen).split("\n"))
    return "\n".join(line for line in lines if line)

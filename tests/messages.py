"""The catalogues of translations, kept without a gettext installation: `make messages` after a change."""

import io
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("fr",)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# What Django makes of a template's tags: calls with plain strings, among letters that blank out the rest.
CALL = re.compile(r"""n?p?gettext\((?:[^'"()]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)""")


def po_file(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def read_compiled(language: str) -> GNUTranslations:
    with po_file(language).with_suffix(".mo").open("rb") as file:
        return GNUTranslations(file)


def extracted() -> Catalog:
    """Every text of the project that goes through gettext, with the files that use it."""
    catalog = Catalog(project="kleep-portal", charset="utf-8")
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        for _line, message, _comments, context in _messages(path):
            catalog.add(message, locations=[(name, None)], context=context)
    return catalog


def sources() -> Iterator[Path]:
    for folder in ("kleep_portal", "connectors", "onboarding"):
        yield from sorted((ROOT / folder).rglob("*.py"))
    for folder in ("templates", "connectors", "onboarding"):
        yield from sorted((ROOT / folder).rglob("*.html"))
        yield from sorted((ROOT / folder).rglob("*.txt"))


def _messages(path: Path) -> Iterator[tuple[int, object, list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        lines = templatize(text, origin=path.name).splitlines()
        text = "\n".join("; ".join(CALL.findall(line)) for line in lines)
    return extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS)


def updated(language: str) -> bytes:
    """The catalogue with what is new and without what is gone; what is translated stays. Never guesses."""
    catalog = read(language)
    template = extracted()
    template.creation_date = catalog.creation_date  # nothing changes where no text did
    catalog.update(template, no_fuzzy_matching=True)
    catalog.revision_date = catalog.creation_date
    catalog.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalog, width=110, sort_output=True, ignore_obsolete=True)
    return written.getvalue()


if __name__ == "__main__":
    for language in LANGUAGES:
        po_file(language).write_bytes(updated(language))

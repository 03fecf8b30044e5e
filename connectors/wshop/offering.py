"""What there is to choose from in a WSHOP: its own attributes, with values that its products have."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from connectors.attributes import Offer, ShopAttribute
from connectors.wshop import products, values
from connectors.wshop.context import options_by_code, text
from connectors.wshop.paging import Record

# Size, EAN and "new" are values of WSHOP's own, no attributes.
ROLES = tuple(role for role in products.ROLES if role != "kleep_enabled")
API, FILE, EXTERNAL = "api", "file", "external"
RETURN_SOURCES = (
    (API, _("WSHOP's own returns")),
    (FILE, _("A file (CSV) that you send")),
    (EXTERNAL, _("A returns provider, through a file (CSV)")),
)
SAMPLES = 4
LONGEST = 40  # characters of a sample


def decided(config: Mapping[str, Any]) -> dict[str, bool]:
    """Which resources are pulled for returns, by name, where the configuration says it; else empty."""
    source = (config.get("returns") or {}).get("source")
    return {"returns": source == API, "return_reasons": source == API} if source else {}


def offer(attributes: Sequence[Record], records: Sequence[Record], language: str) -> Offer:
    """From the list of attributes and a page of products."""
    options = options_by_code(attributes, language)
    found: dict[str, dict[str, None]] = {}  # sets that keep their order
    for record in records:
        codes, given = record.get("attribute_codes") or [], record.get("attribute_values") or []
        for name, value in zip(codes, given, strict=False):
            code = values.text(name)
            if code and (said := _said(options.get(code), value, language)):
                found.setdefault(code, {})[said[:LONGEST]] = None
    labels = {
        code: values.translated(one.get("label"), language) or code
        for one in attributes
        if (code := text(one, "id"))
    }
    known = tuple(
        ShopAttribute(
            code=code, label=labels.get(code, code), samples=tuple(found.get(code, {}))[:SAMPLES]
        )
        for code in sorted({*labels, *found})
    )
    there = {one.code for one in known}
    proposed = {role: [code for code in products.ROLES[role] if code in there] for role in ROLES}
    return Offer(attributes=known, proposed=proposed)


def _said(options: Mapping[str, str] | None, value: Any, language: str) -> str | None:
    if isinstance(value, list):
        return next((said for one in value if (said := _said(options, one, language))), None)
    return options.get(values.text(value) or "") if options else values.translated(value, language)

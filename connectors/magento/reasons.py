"""Labels of the reasons of returns: options of an attribute of Adobe Commerce, in each language."""

from collections.abc import Iterable, Mapping

from connectors.magento.return_shapes import ReturnAttribute

REASON = "reason"
# The option that is none: the shopper wrote it in words of their own, which no route gives.
OTHER, OTHER_ATTRIBUTE, OTHER_LABEL = "0", "reason_other", "Other"
# Kleep's own code for the Portuguese of Brazil.
SPELLINGS = {"pt_BR": "br"}
UNKNOWN_LANGUAGE = "und"  # ISO 639: not determined


def labels(attributes: Iterable[ReturnAttribute]) -> Mapping[str, str]:
    """Labels by code; empty where the shop has no attribute for the reason."""
    known = {one.attribute_code: one for one in attributes}
    reason = known.get(REASON)
    if reason is None:
        return {}
    found = {
        str(option.value): option.label.strip()
        for option in reason.options or []
        if option.value not in {None, ""} and option.label and option.label.strip()
    }
    other = known.get(OTHER_ATTRIBUTE)
    label = (other.store_label or other.frontend_label) if other else None
    return {OTHER: label or OTHER_LABEL, **found}


def language(locale: str | None) -> str:
    """Of a store view's locale, en_GB, the language: en."""
    given = locale or UNKNOWN_LANGUAGE
    return SPELLINGS.get(given, given.partition("_")[0].lower())

"""The XML files of the Magento module that depend on the shop."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from onboarding.widget import consent
from onboarding.widget.kleep import Kleep
from onboarding.widget.settings import Placement, WidgetSettings
from onboarding.widget.snippet import WHERE

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SECTION = "kleep_size_button"
PRODUCTION = "production"


def _root(tag: str, schema: str) -> Element:
    return Element(tag, {"xmlns:xsi": XSI, "xsi:noNamespaceSchemaLocation": schema})


def _written(root: Element) -> str:
    indent(root, "    ")
    return f'<?xml version="1.0"?>\n{tostring(root, encoding="unicode")}\n'


def config(settings: WidgetSettings, kleep: Kleep, environment: str) -> str:
    """The defaults of all settings, and what differs in a store view."""
    root = _root("config", "urn:magento:module:Magento_Store:etc/config.xsd")
    is_placed = settings.placement is not Placement.INLINE
    groups: dict[str, dict[str, str]] = {
        "general": {
            # In production the shop switches it on when Kleep has approved.
            "enabled": "0" if environment == PRODUCTION else "1",
            "environment": environment,
            "retailer_uuid": settings.retailer_uuid,
            "script_url": kleep.script_url,
        },
        "button": {
            "color": settings.button_color,
            "font": settings.font,
            "category": settings.category,
            "language": "",
            "country": settings.country,
            "selector": settings.selector if is_placed else "",
            "where": WHERE[settings.placement] or WHERE[Placement.AFTER],
        },
        "consent": {"tool": settings.cmp, "key": consent.key(settings)},
    }
    _add(SubElement(root, "default"), groups)
    if settings.stores:
        stores = SubElement(root, "stores")
        for store in settings.stores:
            own = {"language": store.language, "country": store.country or settings.country}
            _add(SubElement(stores, store.store), {"button": own})
    return _written(root)


def _add(scope: Element, groups: Mapping[str, Mapping[str, str]]) -> None:
    section = SubElement(scope, SECTION)
    for group, values in groups.items():
        element = SubElement(section, group)
        for name, value in values.items():
            SubElement(element, name).text = str(value)


def csp_whitelist(hosts: Mapping[str, tuple[str, ...]]) -> str:
    root = _root("csp_whitelist", "urn:magento:module:Magento_Csp:etc/csp_whitelist.xsd")
    policies = SubElement(root, "policies")
    for directive, allowed in hosts.items():
        values = SubElement(SubElement(policies, "policy", {"id": directive}), "values")
        for at, host in enumerate(allowed, start=1):
            SubElement(values, "value", {"id": f"kleep_{at}", "type": "host"}).text = host
    return _written(root)


def integration(permissions: tuple[str, ...]) -> str:
    """Created by setup:upgrade; Magento adds the parents and leaves out what its edition does not have."""
    schema = "urn:magento:module:Magento_Integration:etc/integration/integration.xsd"
    root = _root("config", schema)
    declared = SubElement(root, "integration", {"name": "Kleep"})
    SubElement(declared, "email").text = "onboarding@kleep.ai"
    resources = SubElement(declared, "resources")
    for permission in permissions:
        SubElement(resources, "resource", {"name": permission})
    return _written(root)

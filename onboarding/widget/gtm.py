"""The snippet as a container that Google Tag Manager imports: one tag, one trigger, two variables."""

import json
from typing import Any

from onboarding.widget import snippet
from onboarding.widget.kleep import Kleep
from onboarding.widget.settings import WidgetSettings

# Any numbers: an import gives its own.
ACCOUNT, CONTAINER = "0", "0"
PRODUCT, VARIANT = "Kleep - product id", "Kleep - variant id"
# Where a shop's data layer usually has them: GA4's view_item event.
DATA_LAYER = {PRODUCT: "ecommerce.items.0.item_id", VARIANT: "ecommerce.items.0.item_variant"}
EVENT = "view_item"


def container(
    settings: WidgetSettings, *, slug: str, environment: str, kleep: Kleep
) -> dict[str, Any]:
    """For Admin > Import Container, to be merged with what is there."""
    trigger_id = "1"
    return {
        "exportFormatVersion": 2,
        "exportTime": "2026-01-01 00:00:00",  # fixed: the same settings give the same file
        "containerVersion": {
            "accountId": ACCOUNT,
            "containerId": CONTAINER,
            "containerVersionId": "0",
            "container": {
                "accountId": ACCOUNT,
                "containerId": CONTAINER,
                "name": f"Kleep {slug}",
                "publicId": "GTM-KLEEP",
                "usageContext": ["WEB"],
            },
            "tag": [_tag(settings, slug, environment, kleep, trigger_id)],
            "trigger": [_trigger(trigger_id)],
            "variable": [
                _variable(str(at), name, path)
                for at, (name, path) in enumerate(DATA_LAYER.items(), start=1)
            ],
        },
    }


def as_file(settings: WidgetSettings, *, slug: str, environment: str, kleep: Kleep) -> bytes:
    made = container(settings, slug=slug, environment=environment, kleep=kleep)
    return json.dumps(made, indent=2, ensure_ascii=True).encode()


def html(settings: WidgetSettings, *, slug: str, environment: str, kleep: Kleep) -> str:
    """The snippet with the tag manager's variables for the product and its variant."""
    text = snippet.render(settings, slug=slug, environment=environment, kleep=kleep)
    filled = text.replace(snippet.PRODUCT, f"{{{{{PRODUCT}}}}}")
    return filled.replace(snippet.VARIANT, f"{{{{{VARIANT}}}}}")


def _tag(
    settings: WidgetSettings, slug: str, environment: str, kleep: Kleep, trigger_id: str
) -> dict[str, Any]:
    text = html(settings, slug=slug, environment=environment, kleep=kleep)
    return {
        "accountId": ACCOUNT,
        "containerId": CONTAINER,
        "tagId": "1",
        "name": "Kleep - size advice",
        "type": "html",
        "parameter": [
            {"type": "TEMPLATE", "key": "html", "value": text},
            {"type": "BOOLEAN", "key": "supportDocumentWrite", "value": "false"},
        ],
        "firingTriggerId": [trigger_id],
        "tagFiringOption": "ONCE_PER_LOAD",
        "consentSettings": {"consentStatus": "NOT_SET"},  # the snippet waits for the consent itself
    }


def _trigger(trigger_id: str) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT,
        "containerId": CONTAINER,
        "triggerId": trigger_id,
        "name": "Kleep - a product is shown",
        "type": "CUSTOM_EVENT",
        "customEventFilter": [
            {
                "type": "EQUALS",
                "parameter": [
                    {"type": "TEMPLATE", "key": "arg0", "value": "{{_event}}"},
                    {"type": "TEMPLATE", "key": "arg1", "value": EVENT},
                ],
            }
        ],
    }


def _variable(variable_id: str, name: str, path: str) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT,
        "containerId": CONTAINER,
        "variableId": variable_id,
        "name": name,
        "type": "v",
        "parameter": [
            {"type": "INTEGER", "key": "dataLayerVersion", "value": "2"},
            {"type": "BOOLEAN", "key": "setDefaultValue", "value": "false"},
            {"type": "TEMPLATE", "key": "name", "value": path},
        ],
    }

"""The text that a shop pastes into its product page, made from its settings and nothing else.

Whatever a setting holds, it cannot leave the place it stands in: values go into one JSON inside the script,
spelt so that no HTML parser sees an end of it, and into attributes.
"""

import hashlib
import html
import json
from pathlib import Path
from typing import Any

from onboarding.models import Shop
from onboarding.widget import consent
from onboarding.widget.kleep import Kleep
from onboarding.widget.settings import Placement, WidgetSettings

ASSETS = Path(__file__).parent / "assets"
# Raised whenever old snippets should be replaced although no setting has changed.
VERSION = 1
# What the shop's template puts in their place.
PRODUCT, VARIANT = "{{ product.id }}", "{{ variant.id }}"
WHERE = {Placement.BEFORE: "beforebegin", Placement.AFTER: "afterend", Placement.INLINE: ""}


def render(settings: WidgetSettings, *, slug: str, environment: str, kleep: Kleep) -> str:
    """The snippet for that site of the shop."""
    values = _values(settings, environment, kleep)
    version = fingerprint(_script(settings, values))
    place = attributes({"snippet": version, "product": PRODUCT, "variant": VARIANT})
    script = _script(settings, {"version": version, **values})
    return (
        f"<!-- Kleep size advice: {html.escape(slug)}, {html.escape(environment)} -->\n"
        f"<div{place}></div>\n"
        f"<script>\n{script}</script>\n"
        f"<!-- end of Kleep -->\n"
    )


def of_shop(shop: Shop, environment: str) -> str:
    """The snippet for that site of the shop, with what it chose and what the portal knows of Kleep."""
    chosen, kleep = WidgetSettings.of(shop.widget), Kleep.configured()
    return render(chosen, slug=shop.slug, environment=environment, kleep=kleep)


def fingerprint(text: str) -> str:
    """Tells one version of a snippet from another: our number, and a checksum of all that it holds."""
    return f"{VERSION}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def version_of(settings: WidgetSettings, *, environment: str, kleep: Kleep) -> str:
    """The fingerprint that the snippet made today carries."""
    return fingerprint(_script(settings, _values(settings, environment, kleep)))


def as_json(value: Any) -> str:
    """JSON that stands in a script of an HTML page: no character in it means anything to HTML."""
    text = json.dumps(value, ensure_ascii=True, indent=2)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def indented(script: str, by: int) -> str:
    """All lines but the first one, which stands where the script is put."""
    return script.strip().replace("\n", "\n" + " " * by)


def attributes(values: dict[str, str]) -> str:
    return "".join(f' data-kleep-{name}="{html.escape(text)}"' for name, text in values.items())


def _values(settings: WidgetSettings, environment: str, kleep: Kleep) -> dict[str, Any]:
    return {
        "script": kleep.script_url,
        "names": dict(kleep.arguments),
        "values": {
            "retailer": settings.retailer_uuid,
            "category": settings.category,
            "color": str(settings.button_color),
            "font": settings.font,
            "environment": environment,
        },
        "language": settings.language,
        "country": settings.country,
        "stores": {
            store.language: {
                "language": store.language,
                "country": store.country or settings.country,
            }
            for store in settings.stores
        },
        "consent": consent.key(settings),
        "button": kleep.button_id,
        "selector": "" if settings.placement is Placement.INLINE else settings.selector,
        "where": WHERE[settings.placement],
        "variantField": settings.variant_field,
    }


def _script(settings: WidgetSettings, values: dict[str, Any]) -> str:
    text = (ASSETS / "snippet.js").read_text(encoding="utf-8")
    variant = indented((ASSETS / "variant.js").read_text(encoding="utf-8"), 4)
    hook = indented(consent.hook(settings.cmp), 2)
    return (
        text.replace("/*VARIANT*/", variant)
        .replace("/*CONSENT*/", hook)
        .replace("/*SETTINGS*/", as_json(values))
    )

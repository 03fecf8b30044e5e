"""The consent tools we know by name: how each tells us of the shopper's agreement, and its accept button.

The hooks are in assets/consent/, one file each; every one calls start() after the agreement and never before.
"""

from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onboarding.widget.settings import Cmp, WidgetSettings

HOOKS = Path(__file__).parent / "assets" / "consent"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """`key`: how Kleep is usually named in it. `accept`: CSS selector of its button for everything."""

    label: str | Promise
    key: str
    key_label: str | Promise
    accept: str


TOOLS: dict[Cmp, Tool] = {
    Cmp.AXEPTIO: Tool(
        label="Axeptio",
        key="kleep",
        key_label=_("name of the vendor"),
        accept="#axeptio_btn_acceptAll",
    ),
    Cmp.DIDOMI: Tool(
        label="Didomi",
        key="c:kleep",
        key_label=_("SDK id of the vendor"),
        accept="#didomi-notice-agree-button",
    ),
    Cmp.ONETRUST: Tool(
        label="OneTrust",
        key="C0003",
        key_label=_("id of the cookie group"),
        accept="#onetrust-accept-btn-handler",
    ),
    Cmp.COOKIEBOT: Tool(
        label="Cookiebot",
        key="preferences",
        key_label=_("category: preferences, statistics or marketing"),
        accept="#CybotCookiebotDialogBodyLevelButtonLevelOptinAllowAll",
    ),
    Cmp.TARTEAUCITRON: Tool(
        label="tarteaucitron",
        key="kleep",
        key_label=_("key of the service"),
        accept="#tarteaucitronPersonalize2",
    ),
    Cmp.USERCENTRICS: Tool(
        label="Usercentrics",
        key="Kleep",
        key_label=_("name or template id of the service"),
        accept="[data-testid='uc-accept-all-button'], #uc-btn-accept-banner",
    ),
    Cmp.CALLBACK: Tool(
        label=_("Another tool, or your own banner"),
        key="",
        key_label=_("not needed"),
        accept="",
    ),
}


def key(settings: WidgetSettings) -> str:
    """Kleep's name in the shop's consent tool."""
    return settings.consent_key or TOOLS[settings.cmp].key


def accept_button(settings: WidgetSettings) -> str:
    """CSS selector of the button that agrees to everything; blank where nobody said."""
    return settings.consent_button or TOOLS[settings.cmp].accept


def hook(cmp: Cmp) -> str:
    """The part of the snippet that waits for the agreement."""
    return (HOOKS / f"{cmp}.js").read_text(encoding="utf-8")

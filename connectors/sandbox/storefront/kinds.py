"""Every kind of product page that the storefront has: one entry each, good or broken in one way."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from connectors.sandbox.storefront import policies
from connectors.sandbox.storefront.policies import Policy

__all__ = ["CMPS", "KINDS", "Kind", "Theme", "Widget"]


class Theme(StrEnum):
    SIMPLE = "simple"
    LUMA = "luma"
    HYVA = "hyva"


class Widget(StrEnum):
    """What became of the snippet on the page."""

    RIGHT = "right"
    NONE = "none"
    TWICE = "twice"
    OLD = "old"  # of an earlier version
    OTHER_SHOP = "other_shop"
    UNFILLED = "unfilled"  # the template did not put the product in
    EARLY = "early"  # loads before any consent
    GTM = "gtm"  # comes in through a tag manager


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One page. `manner`: how the stand-in of Kleep behaves on it."""

    title: str
    theme: Theme = Theme.SIMPLE
    widget: Widget = Widget.RIGHT
    manner: str = ""
    css: str = ""
    body: str = ""  # more of the page's body
    policy: Callable[[str], Policy] = policies.none  # from the origin of the stand-in
    cmp: str = ""  # a consent tool by name; blank: the shop's own banner
    icon: bool = True
    product_id: str = ""  # instead of the product's own
    has_variant_field: bool = True


BUTTON = "#kleep-size-button"
COVER = (
    '<div class="promo" role="presentation"></div>'
    "<style>[role=group]{position:relative}.promo{position:absolute;z-index:50;background:#f6d365;"
    "left:0;right:0;top:0;height:100%;min-height:1400px}</style>"
)
CMPS = ("axeptio", "didomi", "onetrust", "cookiebot", "tarteaucitron", "usercentrics")

KINDS: dict[str, Kind] = {
    "good": Kind(title="Everything is right"),
    "luma": Kind(title="Everything is right, in a theme like Luma", theme=Theme.LUMA),
    "hyva": Kind(title="Everything is right, in a theme like Hyvä", theme=Theme.HYVA),
    "missing": Kind(title="Without the widget", widget=Widget.NONE),
    "twice": Kind(title="The snippet was pasted twice", widget=Widget.TWICE),
    "other-shop": Kind(title="With another shop's id", widget=Widget.OTHER_SHOP),
    "old": Kind(title="With an old variant of the snippet", widget=Widget.OLD),
    "unfilled": Kind(title="The template left the product out", widget=Widget.UNFILLED),
    "gtm": Kind(title="Through a tag manager", widget=Widget.GTM),
    "wrong-id": Kind(title="With an id that is no product", product_id="SKU-AMALFI"),
    "no-variant": Kind(title="The chosen size is not passed on", has_variant_field=False),
    "no-cors": Kind(title="Kleep's API does not allow this site", manner="no-cors"),
    "csp-script": Kind(title="A policy blocks the script", policy=policies.no_script),
    "csp-inline": Kind(title="A policy blocks inline scripts", policy=policies.no_inline),
    "csp-frame": Kind(title="A policy blocks the drawer", policy=policies.no_frame),
    "csp-connect": Kind(title="A policy blocks the API", policy=policies.no_connect),
    "csp-meta": Kind(
        title="A policy in a meta tag blocks the script", policy=policies.no_script_meta
    ),
    "csp-report": Kind(title="A policy that only reports", policy=policies.report_only),
    "csp-good": Kind(title="A policy that allows Kleep", policy=policies.good),
    "hidden": Kind(title="The button is not displayed", css=f"{BUTTON}{{display:none!important}}"),
    "transparent": Kind(title="The button is transparent", css=f"{BUTTON}{{opacity:0!important}}"),
    "covered": Kind(title="Something lies over the button", body=COVER),
    "tiny": Kind(
        title="The button has no size",
        css=f"{BUTTON}{{width:0!important;height:0!important;padding:0!important;"
        "border:0!important;overflow:hidden}",
    ),
    "low-contrast": Kind(
        title="The button can hardly be read",
        css=f"{BUTTON}{{color:#9a9a9a!important;background:#bdbdbd!important}}",
    ),
    "off-screen": Kind(
        title="The button is outside the screen of a telephone",
        css=f"@media(max-width:700px){{{BUTTON}{{position:absolute!important;left:-9999px}}}}",
    ),
    "no-drawer": Kind(title="Nothing opens on a click", manner="no-drawer"),
    "broken-drawer": Kind(title="The drawer fails", manner="broken-drawer"),
    "no-frame": Kind(title="The drawer may not be framed", manner="no-frame"),
    "slow": Kind(title="Kleep's script comes late", manner="slow"),
    "no-script": Kind(title="Kleep's script is not there", manner="missing"),
    "early": Kind(title="Loads before the shopper agrees", widget=Widget.EARLY),
    "noisy": Kind(
        title="Other vendors' errors and a missing favicon",
        icon=False,
        body='<script src="/assets/vendors.js" defer></script>',
    ),
    "own-error": Kind(
        title="An error in the shop's own script",
        body='<script>document.querySelector("#newsletter").hidden = true;</script>',
    ),
    **{f"cmp-{name}": Kind(title=f"Asks for consent with {name}", cmp=name) for name in CMPS},
}

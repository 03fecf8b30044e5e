"""The simulated storefront: routes, and what becomes of the snippet on each kind of page."""

import base64
import html
import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.storefront import hostile, pages
from connectors.sandbox.storefront.kinds import KINDS, Kind, Widget
from connectors.sandbox.storefront.products import PRODUCTS, Product
from connectors.sandbox.storefront.standin import ASSETS, OTHER_RETAILER, text

# Before the pages of /protected/.
USERNAME, PASSWORD = "kleep-guest", "ouvre-toi-9"  # nothing lies behind it
CSS, JS = "text/css", "text/javascript"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VERSION = re.compile(r"(?<=data-kleep-snippet=\")[^\"]+")
OTHERS = {
    "/women": "A listing with the snippet in it",
    "/pasted": "A page into which a snippet can be pasted",
    f"/protected/products/good/{PRODUCTS[0].slug}": "Behind a user name and a password",
    "/account/products/good": "Behind a log-in page",
    "/hostile": "Pages that mean harm",
}


class Storefront:
    """`kleep`: the address of the stand-in's script. `snippet`: what the shop has pasted, as it is now."""

    def __init__(self, *, kleep: str, snippet: Callable[[], str]) -> None:
        self.kleep = kleep
        self.snippet = snippet
        self.pasted = ""
        self.log: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.log.append(request)
        first, *rest = request.path.strip("/").split("/")
        match first:
            case "":
                return text(200, pages.index(OTHERS))
            case "assets":
                return _asset(rest)
            case "products":
                return self._product(request, rest)
            case "protected":
                return self._protected(request, rest)
            case "account":
                return text(302, "", headers=(("Location", "/customer/login"),))
            case "customer":
                return text(200, pages.log_in())
            case "women":
                return text(200, pages.listing(self._filled(self.snippet(), PRODUCTS[0].id)))
            case "pasted":
                return self._pasted(request)
            case "hostile":
                return hostile.answer(rest)
        return text(404, pages.page("Not found", "<h1>Not found</h1>"))

    def _protected(self, request: Request, rest: list[str]) -> Response:
        given = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        right = f"Basic {given}"
        if not secrets.compare_digest(request.header("authorization"), right):
            return text(
                401, "Unauthorized", headers=(("WWW-Authenticate", 'Basic realm="preprod"'),)
            )
        return self._product(request, rest[1:])

    def _product(self, request: Request, rest: list[str]) -> Response:
        kind = KINDS.get(rest[0]) if rest else None
        product = next((one for one in PRODUCTS if rest[-1:] == [one.slug]), PRODUCTS[0])
        if kind is None:
            return text(404, pages.page("Not found", "<h1>Not found</h1>"))
        policy = kind.policy(_origin(self.kleep))
        head = f"<style>{kind.css}</style>\n" if kind.css else ""
        if policy.meta:
            content = html.escape(policy.meta)
            head += f'<meta http-equiv="Content-Security-Policy" content="{content}">\n'
        if kind.cmp:
            head += f'<script src="/assets/cmps.js" data-tool="{kind.cmp}"></script>\n'
        named = {
            "Content-Security-Policy": policy.header,
            "Content-Security-Policy-Report-Only": policy.report_only,
        }
        headers = tuple((name, value) for name, value in named.items() if value)
        shown = pages.product(product, kind, widget=self._widget(kind, product), head=head)
        return text(200, shown, headers=headers)

    def _widget(self, kind: Kind, product: Product) -> str:
        """The snippet as that page has it."""
        pasted = self.snippet()
        if kind.manner:
            pasted = pasted.replace(self.kleep, f"{self.kleep}?manner={kind.manner}")
        filled = self._filled(pasted, kind.product_id or product.id)
        match kind.widget:
            case Widget.NONE:
                return ""
            case Widget.TWICE:
                return filled + filled
            case Widget.OLD:
                return VERSION.sub("0-0123456789", filled)
            case Widget.OTHER_SHOP:
                return UUID.sub(OTHER_RETAILER, filled)
            case Widget.UNFILLED:
                return pasted
            case Widget.EARLY:
                return _without_consent(filled)
            case Widget.GTM:
                return _through_a_tag_manager(filled)
        return filled

    def _filled(self, pasted: str, product_id: str) -> str:
        """As the shop's template engine does it."""
        return pasted.replace("{{ product.id }}", product_id).replace("{{ variant.id }}", "")

    def _pasted(self, request: Request) -> Response:
        """A form for a snippet, and the product page with what was sent."""
        if request.method == "POST":
            self.pasted = parse_qs(request.body.decode()).get("snippet", [""])[0]
        form = (
            '<form method="post"><p><label>Snippet<br><textarea name="snippet" rows="8" cols="80">'
            f"{html.escape(self.pasted)}</textarea></label></p><button>Paste</button></form>"
        )
        filled = self._filled(self.pasted, PRODUCTS[0].id)
        kind = Kind(title="Pasted", body=form)
        return text(200, pages.product(PRODUCTS[0], kind, widget=filled, head=""))


def _without_consent(snippet: str) -> str:
    """The shop's developer calls it at once instead of waiting for the consent tool."""
    return f"<script>window.kleepConsent = true;</script>{snippet}"


def _through_a_tag_manager(snippet: str) -> str:
    """The tag manager's container, and what it puts into the page when it runs."""
    held = html.escape(snippet)
    return (
        '<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-DEMO123"></iframe></noscript>'
        f'<template id="gtm-tag" data-tag="{held}"></template><script src="/assets/gtm.js"></script>'
    )


def _asset(rest: list[str]) -> Response:
    kinds = {"shop.css": CSS, "shop.js": JS, "vendors.js": JS, "cmps.js": JS, "gtm.js": JS}
    name = "/".join(rest)
    if name not in kinds:
        return text(404, "Not found", "text/plain")
    return text(200, (ASSETS / name).read_text(encoding="utf-8"), kinds[name])


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

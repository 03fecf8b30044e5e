"""What the HTML of a shop's page says of Kleep, of its own kind and of its policies; nothing is run."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onboarding.widget import csp
from onboarding.widget.kleep import Kleep

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
CALL = re.compile(r"\bkleep\s*\.\s*load\s*\(")
SETTINGS = re.compile(r"\}\)\(\s*(?=\{)")
CONTAINER = re.compile(r"\bGTM-[A-Z0-9]{4,10}\b")
PLACE = "[data-kleep-snippet]"
TO_CART = (
    "form[action*='cart' i], form[id*='addtocart' i], [class*='tocart' i], [class*='add-to-cart' i]"
)
CARDS = (
    ".product-item, .product-card, .product-miniature, li.product, [itemtype$='schema.org/Product']"
)
# How many cards make a listing of a page without a cart: a product page recommends others too.
MANY = 3


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """One snippet in the page. `settings`: what it hands to its script, as far as that is in the page."""

    version: str
    product: str
    settings: dict[str, Any]
    script: str  # of the snippet, where it stands in the page
    nonce: str

    @property
    def values(self) -> dict[str, Any]:
        values = self.settings.get("values")
        return values if isinstance(values, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Reading:
    snippets: tuple[Snippet, ...]
    own_calls: int  # scripts that call kleep.load() without our snippet
    own_retailers: tuple[str, ...]  # the ids in them
    is_listing: bool
    is_log_in: bool
    container: str  # the tag manager's, blank where there is none
    policies: tuple[csp.Policy, ...]  # of meta tags


def read(html: str, kleep: Kleep) -> Reading:
    from selectolax.lexbor import LexborHTMLParser  # of no use where shops are pulled

    tree = LexborHTMLParser(html)
    snippets = tuple(_snippets(tree))
    own = [text for text in _scripts(tree) if CALL.search(text) and "kleepSnippet" not in text]
    own_sources = _sources(tree, kleep.script_url)
    return Reading(
        snippets=snippets,
        own_calls=max(len(own), own_sources),
        own_retailers=tuple(dict.fromkeys(id.lower() for text in own for id in UUID.findall(text))),
        is_listing=_is_listing(tree),
        is_log_in=_is_log_in(tree),
        container=_container(tree, html),
        policies=tuple(_policies(tree)),
    )


def _live(tree: "LexborHTMLParser", selector: str) -> "Iterator[LexborNode]":
    """Elements that a browser acts on: not those of a page without scripts."""
    for node in tree.css(selector):
        parent = node.parent
        while parent is not None and parent.tag != "noscript":
            parent = parent.parent
        if parent is None:
            yield node


def _snippets(tree: "LexborHTMLParser") -> Iterator[Snippet]:
    scripts = [node for node in _live(tree, "script") if "kleepSnippet" in node.text()]
    for at, place in enumerate(_live(tree, PLACE)):
        script = scripts[min(at, len(scripts) - 1)] if scripts else None
        text = script.text() if script else ""
        given = place.attributes.get("data-kleep-settings")
        yield Snippet(
            version=place.attributes.get("data-kleep-snippet") or "",
            product=place.attributes.get("data-kleep-product") or "",
            settings=_json(given) if given else _settings(text),
            script=text,
            nonce=(script.attributes.get("nonce") or "") if script else "",
        )


def _settings(script: str) -> dict[str, Any]:
    """The object that the snippet calls itself with."""
    starts = [found.end() for found in SETTINGS.finditer(script)]
    return _json(script[starts[-1] :]) if starts else {}


def _json(text: str) -> dict[str, Any]:
    try:
        found, _end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _scripts(tree: "LexborHTMLParser") -> list[str]:
    return [node.text() for node in _live(tree, "script:not([src])")]


def _sources(tree: "LexborHTMLParser", script_url: str) -> int:
    """How often Kleep's script itself is written into the page, with whatever parameters."""
    wanted = script_url.partition("?")[0]
    sources = [node.attributes.get("src") or "" for node in _live(tree, "script[src]")]
    return sum(source.partition("?")[0] == wanted for source in sources)


def _is_listing(tree: "LexborHTMLParser") -> bool:
    body = tree.css_first("body")
    classes = ((body.attributes.get("class") or "") if body else "").split()
    if "catalog-category-view" in classes or "catalogsearch-result-index" in classes:
        return True
    if "catalog-product-view" in classes:
        return False
    return len(tree.css(CARDS)) >= MANY and not tree.css(TO_CART)


def _is_log_in(tree: "LexborHTMLParser") -> bool:
    return bool(tree.css("form input[type='password' i]")) and not tree.css(TO_CART)


def _container(tree: "LexborHTMLParser", html: str) -> str:
    if "googletagmanager.com" not in html:
        return ""
    texts = [node.html or "" for node in tree.css("script, noscript iframe")]
    names = [found[0] for text in texts if (found := CONTAINER.search(text))]
    return names[0] if names else ""


def _policies(tree: "LexborHTMLParser") -> Iterator[csp.Policy]:
    for node in tree.css("meta[http-equiv='content-security-policy' i]"):
        yield from csp.parse(node.attributes.get("content") or "")

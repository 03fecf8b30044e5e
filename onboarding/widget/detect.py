"""Names what is wrong, or right, with the button's code on a product page, without a browser.

Each finding is a code and its parameters; sentences.py says it in the reader's language.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.errors import ConnectorError
from onboarding.widget import csp, magento_module, reading, snippet
from onboarding.widget.kleep import Kleep, origin
from onboarding.widget.looking import Page
from onboarding.widget.reading import Reading, Snippet
from onboarding.widget.settings import WidgetSettings


class Tone(StrEnum):
    GOOD = "good"
    UNSURE = "unsure"  # a browser will tell
    WARNING = "warning"  # the button may still work
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


TONES = {
    "right": Tone.GOOD,
    "tag_manager": Tone.UNSURE,
    "old": Tone.WARNING,
    "failed": Tone.WARNING,  # on our side
    "own_code": Tone.WARNING,
    "wrong_site": Tone.WARNING,
}
BASIC = re.compile(r"\bbasic\b", re.IGNORECASE)
LOG_IN = re.compile(r"/(?:log-?in|sign-?in|connexion|anmelden|customer/account)\b", re.IGNORECASE)


def tone(finding: Finding) -> Tone:
    return TONES.get(finding.code, Tone.WRONG)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What is looked for: the settings of the shop for one of its sites."""

    settings: WidgetSettings
    environment: str
    kleep: Kleep
    has_credentials: bool = False

    @property
    def versions(self) -> set[str]:
        """Those that the portal gives out today: the snippet, the tag of a tag manager, the module."""
        given = {"environment": self.environment, "kleep": self.kleep}
        # Each value fits the argument of its name, which a dict of both does not say.
        module = magento_module.build(self.settings, slug="", **given)  # type: ignore[arg-type]
        plain = snippet.version_of(self.settings, **given)  # type: ignore[arg-type]
        return {module.version, plain}


def find(loaded: Page | ConnectorError, shop: Shop) -> list[Finding]:
    """Everything that is to be said of the page, worst first where the page was reached at all."""
    if isinstance(loaded, ConnectorError):
        return [Finding("unreachable", {"code": loaded.code, **_texts(loaded)})]
    if closed := list(_closed(loaded, shop)):
        return closed
    read = reading.read(loaded.html, shop.kleep)
    if read.is_log_in and not read.snippets:
        return [Finding("log_in")]
    found = [*_about_page(read), *_about_snippets(read, shop)]
    if read.snippets or read.own_calls:
        found += _about_policies(loaded, read, shop)
    return found or [Finding("right")]


def _texts(error: ConnectorError) -> dict[str, str]:
    return {name: str(value) for name, value in error.params.items()}


def _closed(page: Page, shop: Shop) -> Iterator[Finding]:
    """Why this is not the shop's page."""
    if page.status == 401 and BASIC.search(page.challenge):
        yield Finding("password_refused" if shop.has_credentials else "password_needed")
    elif page.url != page.asked and LOG_IN.search(page.url):
        yield Finding("log_in")
    elif page.status in (404, 410):
        yield Finding("not_found", {"status": str(page.status)})
    elif page.status != 200:
        yield Finding("refused", {"status": str(page.status)})
    elif not page.is_html:
        yield Finding("no_page")


def _about_page(read: Reading) -> Iterator[Finding]:
    if read.is_listing:
        yield Finding("listing")


def _about_snippets(read: Reading, shop: Shop) -> Iterator[Finding]:
    wanted = shop.settings.retailer_uuid.lower()
    if not read.snippets:
        yield from _without_snippet(read, wanted)
        return
    if len(read.snippets) + read.own_calls > 1 and not read.is_listing:
        yield Finding("twice", {"count": str(len(read.snippets) + read.own_calls)})
    first = read.snippets[0]
    yield from _about_retailer(str(first.values.get("retailer", "")).lower(), wanted)
    if not first.product or "{{" in first.product or "}}" in first.product:
        yield Finding("unfilled", {"found": first.product[:60]})
    site = str(first.values.get("environment", ""))
    if site and site != shop.environment:
        yield Finding("wrong_site", {"site": site[:20]})
    elif first.version not in shop.versions:
        yield Finding("old", {"version": first.version[:20]})


def _without_snippet(read: Reading, wanted: str) -> Iterator[Finding]:
    if read.own_calls:
        yield Finding("own_code")
        if read.own_retailers and wanted not in read.own_retailers:
            yield Finding("other_shop", {"found": read.own_retailers[0]})
    elif read.container:
        yield Finding("tag_manager", {"container": read.container})
    else:
        yield Finding("missing")


def _about_retailer(found: str, wanted: str) -> Iterator[Finding]:
    if not found:
        yield Finding("no_retailer")
    elif found != wanted:
        yield Finding("other_shop", {"found": found[:40]})


def _about_policies(page: Page, read: Reading, shop: Shop) -> Iterator[Finding]:
    """Each thing that a policy forbids, once, with the line that would allow it."""
    said = set()
    from_header, from_meta = ("header", page.policies), ("meta", read.policies)
    first = read.snippets[0] if read.snippets else None
    for where, policies in (from_header, from_meta):
        for policy in policies:
            for code, directive, line in _forbidden(policy, page, first, shop.kleep):
                if (code, directive) not in said:
                    said.add((code, directive))
                    yield Finding(code, {"directive": directive, "line": line, "where": where})


def _forbidden(
    policy: csp.Policy, page: Page, first: Snippet | None, kleep: Kleep
) -> Iterator[tuple[str, str, str]]:
    """What of Kleep this policy stops: its code, the directive, the line to write instead."""
    runs = True
    if first is not None and first.script:
        runs = csp.allows_inline(policy, first.script, nonce=first.nonce)
        if not runs:
            yield _inline(policy, first)
    needed = (
        ("script-src-elem", kleep.script_url),
        ("connect-src", kleep.api_url),
        ("frame-src", kleep.drawer_url),
    )
    for directive, url in needed:
        if not csp.allows(policy, directive, url, page=page.url, is_from_script=runs):
            line = csp.line_with(policy, directive, origin(url))
            yield "policy", csp.plain(directive), line


def _inline(policy: csp.Policy, first: Snippet) -> tuple[str, str, str]:
    if csp.uses_nonces(policy):
        return "policy_nonce", "script-src", '<script nonce="…">'
    return (
        "policy_inline",
        "script-src",
        csp.line_with(policy, "script-src-elem", csp.hashes(first.script)[0]),
    )

"""What a Content-Security-Policy lets a page load, as a browser decides it, and the line that would allow it.

https://www.w3.org/TR/CSP3/. Several policies, in headers and meta tags, all have to allow a thing.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

# Where a directive is not written, the first of these that is counts.
FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "script-src-elem": ("script-src", "default-src"),
    "script-src-attr": ("script-src", "default-src"),
    "script-src": ("default-src",),
    "style-src-elem": ("style-src", "default-src"),
    "style-src": ("default-src",),
    "connect-src": ("default-src",),
    "frame-src": ("child-src", "default-src"),
}
HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
NETWORK = {"http", "https", "ws", "wss"}
SECURE = {"http": {"http", "https"}, "ws": {"ws", "wss", "http", "https"}, "wss": {"wss", "https"}}
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
LONGEST = 50_000  # characters of policy that are read
HOST = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[\w.-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\d+|\*))?(?P<path>/[^?#]*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Policy:
    """One policy: what it says of each directive, in lower case names; the first of a name counts."""

    directives: Mapping[str, tuple[str, ...]]

    def effective(self, directive: str) -> tuple[str, tuple[str, ...]] | None:
        """The name that is written and its sources; None where nothing limits that directive."""
        for name in (directive, *FALLBACKS.get(directive, ("default-src",))):
            if name in self.directives:
                return name, self.directives[name]
        return None


def parse(text: str) -> list[Policy]:
    """The policies of a header, which may hold several, separated by commas, or of one meta tag."""
    found = []
    for one in text[:LONGEST].split(","):
        directives: dict[str, tuple[str, ...]] = {}
        for part in one.split(";"):
            name, *sources = part.split() or [""]
            if name:
                directives.setdefault(name.lower(), tuple(sources))
        if directives:
            found.append(Policy(directives))
    return found


def plain(directive: str) -> str:
    """The directive that people write: script-src for script-src-elem."""
    return directive.removesuffix("-elem").removesuffix("-attr")


def line_with(policy: Policy, directive: str, source: str) -> str:
    """The whole directive with `source` in it, made from what the policy says now."""
    written = policy.effective(directive)
    name, sources = written or (plain(directive), ())
    if name in ("default-src", "child-src"):
        name = plain(directive)  # other things that it limits stay as they are
    kept = [one for one in sources if one.lower() != "'none'"]
    return " ".join([name, *kept, source])


def allows(
    policy: Policy,
    directive: str,
    url: str,
    *,
    page: str,
    nonce: str = "",
    is_from_script: bool = False,
) -> bool:
    """Whether a page at `page` may load `url`. `is_from_script`: a trusted script puts it into the page."""
    written = policy.effective(directive)
    if written is None:
        return True
    sources = [source for source in written[1] if source.lower() != "'none'"]
    if directive.startswith("script-src"):
        if _has_nonce(sources, nonce):
            return True
        if "'strict-dynamic'" in _lower(sources):
            return is_from_script
    return any(_matches(source, urlsplit(url), urlsplit(page)) for source in sources)


def allows_inline(policy: Policy, text: str, *, nonce: str = "") -> bool:
    """Whether a script that stands in the page may run."""
    written = policy.effective("script-src-elem")
    if written is None:
        return True
    sources = written[1]
    if _has_nonce(sources, nonce) or set(hashes(text)) & set(sources):
        return True
    lower = _lower(sources)
    # One of these switches 'unsafe-inline' off.
    strict = any(one.startswith(("'nonce-", "'sha")) or one == "'strict-dynamic'" for one in lower)
    return "'unsafe-inline'" in lower and not strict


def uses_nonces(policy: Policy) -> bool:
    written = policy.effective("script-src-elem")
    return written is not None and any(one.startswith("'nonce-") for one in _lower(written[1]))


def hashes(text: str) -> list[str]:
    """The sources that allow exactly this script in the page, the usual one first."""
    return [
        f"'{name}-{base64.b64encode(make(text.encode()).digest()).decode()}'"
        for name, make in HASHES.items()
    ]


def _lower(sources: Iterable[str]) -> list[str]:
    return [source.lower() for source in sources]


def _has_nonce(sources: Iterable[str], nonce: str) -> bool:
    return bool(nonce) and f"'nonce-{nonce}'" in sources


def _matches(source: str, url: SplitResult, page: SplitResult) -> bool:
    lower = source.lower()
    if lower == "'self'":
        return _is_self(url, page)
    if lower == "*":
        return url.scheme in NETWORK or url.scheme == page.scheme
    if lower.endswith(":") and "/" not in lower:
        return _scheme_fits(lower[:-1], url.scheme)
    found = HOST.fullmatch(source)
    return found is not None and _host_fits(found, url, page)


def _is_self(url: SplitResult, page: SplitResult) -> bool:
    if url.hostname != page.hostname:
        return False
    is_same = url.scheme == page.scheme and _port(url) == _port(page)
    is_upgrade = page.scheme == "http" and url.scheme == "https" and not (url.port or page.port)
    return is_same or is_upgrade


def _host_fits(found: re.Match[str], url: SplitResult, page: SplitResult) -> bool:
    scheme = (found["scheme"] or page.scheme).lower()
    if not _scheme_fits(scheme, url.scheme):
        return False
    wanted, host = found["host"].lower(), (url.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if wanted.startswith("*"):
        if not host.endswith(wanted[1:]):
            return False
    elif wanted != host:
        return False
    return _port_fits(found["port"], url) and _path_fits(found["path"], url.path)


def _scheme_fits(allowed: str, scheme: str) -> bool:
    return scheme in SECURE.get(allowed, {allowed})


def _port(parts: SplitResult) -> int | None:
    return parts.port or PORTS.get(parts.scheme)


def _port_fits(allowed: str | None, url: SplitResult) -> bool:
    port = _port(url)
    if allowed is None:
        return port == PORTS.get(url.scheme)
    return allowed == "*" or int(allowed) == port or (allowed == "80" and port == 443)


def _path_fits(allowed: str | None, path: str) -> bool:
    if not allowed:
        return True
    return path.startswith(allowed) if allowed.endswith("/") else (path or "/") == allowed

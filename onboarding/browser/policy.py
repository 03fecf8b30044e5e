"""Reads a Content-Security-Policy far enough to say which line of it to change, and into what."""

# A directive that is not written falls back to the next one.
FALLBACKS = {
    "script-src-elem": ("script-src", "default-src"),
    "script-src-attr": ("script-src", "default-src"),
    "style-src-elem": ("style-src", "default-src"),
    "frame-src": ("child-src", "default-src"),
}


def plain(directive: str) -> str:
    """The directive that people write: script-src for script-src-elem."""
    for ending in ("-elem", "-attr"):
        directive = directive.removesuffix(ending)
    return directive


def line_to_add(policy: str, directive: str, source: str) -> str:
    """The whole line with `source` in it, made from what the policy says now."""
    written = _directives(policy)
    for name in (directive, *FALLBACKS.get(directive, ("default-src",))):
        if name in written:
            target = name if name != "default-src" else plain(directive)
            sources = [one for one in written[name] if one != "'none'"]
            return " ".join([target, *sources, source]) + ";"
    return f"{plain(directive)} {source};"


def _directives(policy: str) -> dict[str, list[str]]:
    """The first of each name counts, as in a browser."""
    found: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split()[:100] or [""]
        if name:
            found.setdefault(name.lower(), sources)
    return found

"""The Content-Security-Policies of the storefront's pages. `kleep`: the origin of the stand-in."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Policy:
    """As a header, as a meta tag in the page, or only reporting."""

    header: str = ""
    meta: str = ""
    report_only: str = ""


def _with(kleep: str, **other: str) -> str:
    """A usual policy that allows Kleep, but for the directives that are given."""
    usual = {
        "default-src": "'self'",
        "script-src": f"'self' 'unsafe-inline' {kleep}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {kleep}",
        "frame-src": f"'self' {kleep}",
    }
    named = {name.replace("_", "-"): value for name, value in other.items()}
    return "; ".join(f"{name} {value}" for name, value in {**usual, **named}.items())


def none(_kleep: str) -> Policy:
    return Policy()


def good(kleep: str) -> Policy:
    return Policy(header=_with(kleep))


def no_script(kleep: str) -> Policy:
    return Policy(header=_with(kleep, script_src="'self' 'unsafe-inline'"))


def no_inline(kleep: str) -> Policy:
    return Policy(header=_with(kleep, script_src=f"'self' {kleep}"))


def no_frame(kleep: str) -> Policy:
    return Policy(header=_with(kleep, frame_src="'self'"))


def no_connect(kleep: str) -> Policy:
    return Policy(header=_with(kleep, connect_src="'self'"))


def no_script_meta(kleep: str) -> Policy:
    return Policy(meta=_with(kleep, script_src="'self' 'unsafe-inline'"))


def report_only(kleep: str) -> Policy:
    return Policy(report_only=_with(kleep, script_src="'self'"))

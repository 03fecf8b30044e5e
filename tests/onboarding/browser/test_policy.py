"""The line of a policy that must change, as it must read."""

import pytest

from onboarding.browser import policy

CDN = "https://cdn.kleep.ai"


@pytest.mark.parametrize(
    ("written", "directive", "line"),
    [
        ("script-src 'self' a.example", "script-src-elem", f"script-src 'self' a.example {CDN};"),
        ("default-src 'self'", "script-src-elem", f"script-src 'self' {CDN};"),
        ("default-src 'none'; frame-src 'none'", "frame-src", f"frame-src {CDN};"),
        ("child-src 'self'", "frame-src", f"child-src 'self' {CDN};"),
        ("Script-Src 'self'; script-src x", "script-src", f"script-src 'self' {CDN};"),
        ("", "connect-src", f"connect-src {CDN};"),
    ],
)  # fmt: skip
def test_the_line_to_write(written: str, directive: str, line: str) -> None:
    assert policy.line_to_add(written, directive, CDN) == line

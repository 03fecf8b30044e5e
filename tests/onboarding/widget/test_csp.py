"""A Content-Security-Policy is read as a browser reads it: fallbacks, nonces, hashes, strict-dynamic."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.widget import csp

PAGE = "https://shop.example/p"
SCRIPT = "https://cdn.kleep.example/kleep.js"


def allows(policy: str, directive: str, url: str, page: str = PAGE, **options: object) -> bool:
    found = csp.parse(policy)
    return all(csp.allows(one, directive, url, page=page, **options) for one in found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "url", "expected"),
    [
        ("", SCRIPT, True),
        ("img-src 'none'", SCRIPT, True),
        ("script-src 'none'", SCRIPT, False),
        ("script-src", SCRIPT, False),
        ("default-src 'self'", SCRIPT, False),
        ("default-src 'self'; script-src *", SCRIPT, True),
        ("script-src *", "data:text/javascript,1", False),
        ("script-src https:", SCRIPT, True),
        ("script-src http:", SCRIPT, True),
        ("script-src data:", SCRIPT, False),
        ("script-src cdn.kleep.example", SCRIPT, True),
        ("script-src CDN.Kleep.Example", SCRIPT, True),
        ("script-src https://cdn.kleep.example/", SCRIPT, True),
        ("script-src https://cdn.kleep.example/kleep.js", SCRIPT, True),
        ("script-src https://cdn.kleep.example/other.js", SCRIPT, False),
        ("script-src https://cdn.kleep.example/other/", SCRIPT, False),
        ("script-src *.kleep.example", SCRIPT, True),
        ("script-src *.kleep.example", "https://kleep.example/k.js", False),
        ("script-src *.kleep.example", "https://evilkleep.example/k.js", False),
        ("script-src cdn.kleep.example:443", SCRIPT, True),
        ("script-src cdn.kleep.example:8443", SCRIPT, False),
        ("script-src cdn.kleep.example:*", SCRIPT, True),
        ("script-src http://cdn.kleep.example", SCRIPT, True),
        ("script-src cdn.kleep.example", "http://cdn.kleep.example/kleep.js", False),
        ("script-src 'self'", "https://shop.example/kleep.js", True),
        ("script-src 'self'", "http://shop.example/kleep.js", False),
        ("script-src 'SELF'; script-src *", SCRIPT, False),
        ("SCRIPT-SRC 'self'", SCRIPT, False),
        ("script-src-elem 'self'; script-src *", SCRIPT, False),
        ("script-src-elem *; script-src 'self'", SCRIPT, True),
        ("script-src *, script-src 'self'", SCRIPT, False),
        ("script-src 'nonce-abc' *", SCRIPT, True),
        ("script-src https://[", SCRIPT, False),
    ],
)
def test_a_script_is_allowed_or_not(policy: str, url: str, expected: bool) -> None:
    assert allows(policy, "script-src-elem", url) is expected


def test_other_directives_fall_back() -> None:
    url = "https://drawer.kleep.example/"
    assert not allows("child-src 'self'", "frame-src", url)
    assert not allows("default-src 'self'", "frame-src", url)
    assert allows("child-src 'self'; frame-src *", "frame-src", url)
    assert not allows("default-src 'self'", "connect-src", url)
    assert allows("script-src 'self'", "connect-src", url)


def test_a_page_of_plain_http_may_load_itself_over_https() -> None:
    page = "http://shop.example/p"
    assert allows("script-src 'self'", "script-src-elem", "https://shop.example/a.js", page)
    assert allows("script-src 'self'", "script-src-elem", "http://shop.example/a.js", page)
    assert not allows("script-src 'self'", "script-src-elem", "http://shop.example:81/a.js", page)


def test_strict_dynamic_trusts_what_a_trusted_script_adds_and_no_host() -> None:
    policy = "script-src 'strict-dynamic' 'nonce-abc' https://cdn.kleep.example 'unsafe-inline'"
    assert not allows(policy, "script-src-elem", SCRIPT)
    assert allows(policy, "script-src-elem", SCRIPT, is_from_script=True)
    assert allows(policy, "script-src-elem", SCRIPT, nonce="abc")
    assert not allows(policy, "script-src-elem", SCRIPT, nonce="ABC")


def test_a_script_in_the_page_needs_unsafe_inline_a_nonce_or_its_hash() -> None:
    def inline(policy: str, nonce: str = "") -> bool:
        return csp.allows_inline(csp.parse(policy)[0], "alert(1)", nonce=nonce)

    digest = csp.hashes("alert(1)")[0]
    assert digest == "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    assert inline("img-src *")
    assert not inline("script-src 'self'")
    assert inline("script-src 'unsafe-inline'")
    assert not inline("script-src 'unsafe-inline' 'nonce-abc'")
    assert not inline("script-src 'unsafe-inline' 'strict-dynamic'")
    assert inline("script-src 'nonce-abc'", nonce="abc")
    assert inline(f"script-src {digest}")
    assert not inline(f"script-src {csp.hashes('alert(2)')[0]}")
    assert csp.uses_nonces(csp.parse("default-src 'nonce-x'")[0])


def test_the_line_to_write_keeps_what_is_there() -> None:
    def line(policy: str, directive: str) -> str:
        return csp.line_with(csp.parse(policy)[0], directive, "https://k.example")

    assert line("script-src 'self' a.example", "script-src-elem") == (
        "script-src 'self' a.example https://k.example"
    )
    assert line("frame-src 'none'", "frame-src") == "frame-src https://k.example"
    assert line("default-src 'self'", "frame-src") == "frame-src 'self' https://k.example"
    assert line("script-src-elem a.example; script-src *", "script-src-elem") == (
        "script-src-elem a.example https://k.example"
    )


SOURCES = st.text(alphabet="'*:/.-;, abnoncesha256self[]%", max_size=60)


@settings(deadline=None)
@given(SOURCES, st.sampled_from(["script-src-elem", "frame-src", "connect-src"]))
def test_whatever_a_policy_holds_the_line_to_write_allows_what_it_is_for(
    text: str, directive: str
) -> None:
    for policy in csp.parse(f"{csp.plain(directive)} {text}"):
        line = csp.line_with(policy, directive, "https://cdn.kleep.example")
        mended = csp.parse(line)[0]
        strict = "'strict-dynamic'" in line
        assert strict or csp.allows(mended, directive, SCRIPT, page=PAGE)

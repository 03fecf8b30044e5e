"""The headers that docs/security.md promises are there, on pages and on refusals."""

from typing import Any

import pytest
from django.test import Client

PROMISED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere", "/console/", "/api/v1/shops"])
def test_every_answer_carries_them(client: Client, settings: Any, path: str) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    answer = client.get(path, secure=True)
    found = {name: answer.headers.get(name, "") for name in PROMISED}
    if path == "/accounts/login/":  # allauth says it in its own words
        assert "no-store" in found["Cache-Control"]
        found["Cache-Control"] = PROMISED["Cache-Control"]
    assert found == PROMISED
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    policy = answer["Content-Security-Policy"]
    for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_cookies_are_kept_from_scripts_and_other_sites(client: Client, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client.get("/accounts/login/", secure=True)
    cookie = client.cookies["csrftoken"]
    assert (cookie["samesite"], bool(cookie["secure"])) == ("Lax", True)
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"

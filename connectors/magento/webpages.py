"""Names a web page that came where JSON was due: maintenance, a firewall, a log-in, a wrong address."""

import re

from connectors.errors import ConnectorError
from connectors.http import Answer
from connectors.magento import errors, failures

LOGIN = re.compile(r"log[ -]?in|sign[ -]?in|connexion|anmeld|inloggen|accedi|acceso|password", re.I)
FIREWALL = re.compile(
    r"just a moment|attention required|access denied|forbidden|blocked|captcha|checking your browser"
    r"|security check|firewall",
    re.I,
)


def looks_like_html(answer: Answer) -> bool:
    if answer.content_type in {"text/html", "application/xhtml+xml"}:
        return True
    return answer.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def retry_after(answer: Answer) -> float | None:
    """Seconds the shop asked us to wait; None where it gave none, or a date."""
    value = answer.headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else None


def failure_of_page(answer: Answer) -> ConnectorError:
    """HTML where JSON was due: named by its status and its title."""
    title, status = answer.html_title, answer.status
    if FIREWALL.search(title) or status == 403:
        kind: type[ConnectorError] = errors.FirewallError
    elif status == 401 or "www-authenticate" in {name.lower() for name in answer.headers}:
        kind = errors.PasswordWallError
    elif status == 429:
        kind = failures.SlowDownError
    elif status == 503:
        kind = failures.MaintenanceError
    elif status in {502, 504} or 520 <= status < 530:
        kind = failures.GatewayError
    elif status >= 500:
        kind = failures.ErrorPageError
    elif LOGIN.search(title) or b'type="password"' in answer.body[:65_536]:
        kind = errors.LoginPageError
    else:
        kind = errors.NotTheApiError
    return kind(
        http_status=status,
        retry_after=retry_after(answer),
        detail=f"HTML page {title!r} (status {status}, request {answer.request_id})",
        status=status,
        title=title or "-",
    )

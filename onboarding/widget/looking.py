"""Loads a shop's page through the network door and says what came: a page, a closed door, or nothing."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.errors import ConnectorError
from connectors.http import Answer, Door, Limits
from onboarding.widget import csp

# A page is small; a person waits for what is found on it.
LIMITS = Limits(
    connect=5.0,
    read=15.0,
    total=30.0,
    max_bytes=8 * 2**20,
    max_decompressed_bytes=24 * 2**20,
    max_redirects=5,
)
HEADERS = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "*"}


@dataclass(frozen=True, kw_only=True)
class Page:
    """`asked` and `url`: before and after redirects. `policies`: those of the headers that forbid."""

    asked: str
    url: str
    status: int
    html: str
    is_html: bool
    challenge: str  # WWW-Authenticate
    policies: tuple[csp.Policy, ...]


def load(url: str, *, credentials: Mapping[str, str] | None = None) -> Page | ConnectorError:
    """The page, or why nothing was reached. `credentials`: username and password before the site."""
    headers = dict(HEADERS)
    if credentials:
        pair = f"{credentials['username']}:{credentials['password']}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    with Door(headers=headers, limits=LIMITS) as door:
        try:
            answer = door.request("GET", url)
        except ConnectorError as error:
            return error
    return _page(url, answer)


def _page(url: str, answer: Answer) -> Page:
    return Page(
        asked=url,
        url=answer.url,
        status=answer.status,
        html=answer.body.decode(_charset(answer), "replace"),
        is_html=answer.is_html,
        challenge=answer.headers.get("WWW-Authenticate", ""),
        policies=tuple(csp.parse(answer.headers.get("Content-Security-Policy", ""))),
    )


def _charset(answer: Answer) -> str:
    """Kleep's snippet is ASCII: any encoding that reads ASCII will do."""
    given = answer.headers.get("Content-Type", "").lower().partition("charset=")[2]
    name = given.strip(" \"';")
    return name if name in ("iso-8859-1", "iso-8859-15", "windows-1252") else "utf-8"

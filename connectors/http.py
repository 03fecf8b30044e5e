"""The only door to the network: every request to a shop goes through a Door, with limits on all it may cost.

No cookies, no proxies or passwords from the environment, no retries, no redirect that was not looked at
here. The URL goes out byte for byte as given, because a signature covers it.
"""

import html
import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.utils import requote_uri

from connectors import errors
from connectors.addresses import Origin, ascii_host, check_address, guarded_socket, origin_of
from connectors.deadline import total_time
from connectors.transport import Limits, Transport

__all__ = [
    "Answer",
    "Auth",
    "Door",
    "Limits",
    "ascii_host",
    "check_address",
    "guarded_socket",
    "origin_of",
]

logger = logging.getLogger(__name__)

# Signs a request. Called again for every hop, so that each has a nonce of its own.
Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]

USER_AGENT = "KleepPortal/1.0 (+https://kleep.ai)"
REDIRECTS = {301, 302, 303, 307, 308}
SAME_METHOD = {307, 308}
TITLE = re.compile(rb"<title[^>]*>(.{1,2000}?)</title", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the shop answered. Its body and headers show in no repr: they may hold personal data."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # case-insensitive
    body: bytes | bytearray = field(repr=False)
    url: str  # after redirects
    seconds: float
    request_id: str  # ours, sent along as X-Request-Id

    @property
    def content_type(self) -> str:
        """Media type in lower case, without its parameters; blank where the shop gave none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def is_html(self) -> bool:
        """A web page, whatever the shop calls it."""
        start = self.body[:200].lstrip().lower()
        html_types = {"text/html", "application/xhtml+xml"}
        return self.content_type in html_types or start.startswith((b"<!doctype html", b"<html"))

    @property
    def retry_after(self) -> float | None:
        """Seconds that the shop asked us to wait; None where it gave none, or a date."""
        value = self.headers.get("Retry-After", "").strip()
        return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else None

    @property
    def html_title(self) -> str:
        """Title of an HTML page, one line of at most 120 characters; blank where there is none."""
        found = TITLE.search(self.body[:65_536])
        text = html.unescape(found[1].decode("utf-8", "replace")) if found else ""
        return " ".join(text.split())[:120]


class Door:
    """Requests to shops, over connections kept open between them. Several threads may share one.

    `auth` signs each request; `headers` go with all of them. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        auth: Auth | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._auth = auth
        self._headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **(headers or {})}
        self._limits = limits or Limits()
        self._transport = Transport(self._limits)

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Answer:
        """Ask, follow redirects within the host, read the whole answer, whatever its status.

        `url` is ASCII, percent-encoded by the caller. Raises AddressError, ShopDownError and
        UnexpectedAnswerError of connectors.errors; nothing else is raised on a shop's account.
        """
        request_id, started = uuid.uuid4().hex, time.monotonic()
        sent = {**self._headers, **(headers or {}), "X-Request-Id": request_id}
        with total_time(self._limits.total):
            for _hop in range(self._limits.max_redirects + 1):
                origin = origin_of(url)
                status, answered, body = self._exchange(origin, method, url, sent, json)
                seconds = time.monotonic() - started
                path = urlsplit(url).path
                logger.debug("%s %s %s %s %s", request_id, method, origin.host, path, status)
                onward = _onward(origin, url, method, status, answered.get("Location", ""))
                if onward is None:
                    return Answer(
                        status=status,
                        headers=answered,
                        body=body,
                        url=url,
                        seconds=seconds,
                        request_id=request_id,
                    )
                url = onward
        raise errors.TooManyRedirectsError(http_status=status, detail=f"request {request_id}")

    def _exchange(
        self, origin: Origin, method: str, url: str, headers: Mapping[str, str], json: Any
    ) -> tuple[int, Mapping[str, str], bytes | bytearray]:
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.url = url  # not prepare_url, which spells it anew
        prepared.prepare_headers(headers)
        prepared.prepare_body(data=None, files=None, json=json)
        if self._auth is not None:
            prepared = self._auth(prepared)
        if prepared.url != url:
            raise ValueError("a signature belongs into a header, not into the URL")
        body = prepared.body or b""
        return self._transport.exchange(
            origin,
            method.upper(),
            _target(url),
            headers={name: _text(value) for name, value in prepared.headers.items()},
            body=body.encode() if isinstance(body, str) else bytes(body),
        )


def _text(value: str | bytes) -> str:
    # oauthlib signs into bytes.
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _target(url: str) -> str:
    """What follows the host, as it is spelled: path and query without the fragment."""
    rest = url.partition("://")[2].partition("#")[0]
    start = re.search(r"[/?]", rest)
    target = rest[start.start() :] if start else ""
    return target if target.startswith("/") else f"/{target}"


def _onward(origin: Origin, url: str, method: str, status: int, location: str) -> str | None:
    """Where a redirect leads, if it may be followed; None where the answer is none."""
    if status not in REDIRECTS or not location:
        return None
    try:
        target = requote_uri(urljoin(url, location.strip()))
        host = urlsplit(target).hostname or ""
    except ValueError:
        raise errors.MalformedUrlError(http_status=status, detail="in a redirect") from None
    if host != origin.host and host != urlsplit(url).hostname:
        raise errors.RedirectedElsewhereError(host=host[:120], http_status=status)
    there = origin_of(target)
    if origin.scheme == "https" and there.scheme != "https":
        raise errors.NotHttpsError(http_status=status, detail="a redirect leads back to http")
    if there.scheme == origin.scheme and there.port != origin.port:
        raise errors.RedirectedElsewhereError(host=f"{host}:{there.port}", http_status=status)
    if status not in SAME_METHOD and method.upper() not in {"GET", "HEAD"}:
        raise errors.RedirectedElsewhereError(host=host, http_status=status)
    return target

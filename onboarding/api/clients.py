"""Who may ask the API: tokens, what each may read, and how often."""

import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle

from kleep_portal import redaction
from onboarding.models import ApiClient, User

SCOPES = {
    "shops": "names, platforms and environments of the shops",
    "status": "tasks, whose turn it is, go-live",
    "readiness": "measures of the data, and how fresh it is",
}
TOKEN = re.compile(r"kleep_[\w-]{43}")
NOTED_EVERY = timedelta(minutes=5)  # that a client was there: not a write for every question


class UnknownScopeError(ValueError):
    """A scope that does not exist; its text names those that do."""


def create(name: str, scopes: Sequence[str], *, by: User | None) -> tuple[ApiClient, str]:
    """A new client and its token, which nobody can read again. Raises UnknownScopeError."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise UnknownScopeError(f"{', '.join(unknown)}: the scopes are {', '.join(SCOPES)}.")
    token = f"kleep_{secrets.token_urlsafe(32)}"
    redaction.remember(token)
    client = ApiClient.objects.create(
        name=name, token_hash=_hash(token), scopes=sorted(set(scopes)), created_by=by
    )
    return client, token


def revoke(client: ApiClient) -> None:
    ApiClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=timezone.now())


def _hash(token: str) -> str:
    """Enough for a random token of 256 bits: there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


class Token(HttpBearer):
    """Finds the client of `Authorization: Bearer TOKEN`; refuses with 401 otherwise."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiClient | None:
        if not TOKEN.fullmatch(token):
            return None
        redaction.remember(token)
        client = ApiClient.objects.filter(token_hash=_hash(token), revoked_at=None).first()
        if client is not None:
            _note(client)
        return client


def _note(client: ApiClient) -> None:
    now = timezone.now()
    not_lately = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    ApiClient.objects.filter(not_lately, pk=client.pk).update(last_used_at=now)


class Rate(AuthRateThrottle):
    """So many questions a minute for each client: 429 with Retry-After beyond."""

    def __init__(self) -> None:
        super().__init__(settings.API_RATE)

    def allow_request(self, request: HttpRequest) -> bool:
        self.num_requests, self.duration = self.parse_rate(settings.API_RATE)
        return bool(super().allow_request(request))

    def get_cache_key(self, request: HttpRequest) -> str:
        return f"api-{request.auth.pk}"  # type: ignore[attr-defined]  # set by ninja


def needs(scope: str) -> Callable[[HttpRequest], None]:
    """A check that the client may read that; raises 403 otherwise."""

    def check(request: HttpRequest) -> None:
        client: Any = request.auth  # type: ignore[attr-defined]  # set by ninja
        if scope not in client.scopes:
            raise HttpError(403, f"This token lacks the scope “{scope}”.")

    return check

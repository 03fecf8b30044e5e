"""Kleep's staff have a second factor: without one they are led to set one up, and reach nothing else."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from onboarding.models import User

SET_UP = "mfa_index"
# Where somebody without a second factor may go: to set one up, or away.
OPEN = {
    SET_UP,
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
    "language",
    "appearance",
}
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def lacks_second_factor(user: object) -> bool:
    """Whether this person must have a second factor and has none. A log-in with one asks for it by itself."""
    return isinstance(user, User) and user.is_staff and not is_mfa_enabled(user, FACTORS)


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN or not lacks_second_factor(request.user):
            return None
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(redirect(SET_UP)["Location"])
        return redirect(SET_UP)

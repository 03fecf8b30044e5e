"""How people get an account, by invitation only, and how their second factor is kept: sealed."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from kleep_portal import crypto
from onboarding.models import User

OWNER = "second-factor"  # of what is sealed: a person's row is not known where allauth seals
SECRET = "secret"  # noqa: S105  # the name of it, in what is sealed


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: Kleep's staff invite a shop's first owner."""
        return False

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str = "",
    ) -> None:
        """To the person's address, also where allauth has no row of its own for it."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """What makes the codes lies in the database sealed, as the shops' credentials do."""

    def encrypt(self, text: str) -> str:
        return crypto.seal(OWNER, {SECRET: text})

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unseal(OWNER, encrypted_text)[SECRET]

"""How people get an account, by invitation only, and how their second factor is kept: sealed."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from kleep_portal import crypto

OWNER = "second-factor"  # of what is sealed: a person's row is not known where allauth seals
SECRET = "secret"  # noqa: S105  # the name of it, in what is sealed


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: Kleep's staff invite a shop's first owner."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """What makes the codes lies in the database sealed, as the shops' credentials do."""

    def encrypt(self, text: str) -> str:
        return crypto.seal(OWNER, {SECRET: text})

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unseal(OWNER, encrypted_text)[SECRET]

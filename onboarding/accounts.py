"""How people get an account, by invitation only, and how their second factor is kept: sealed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kleep_portal import crypto
from onboarding.models import User

OWNER = (
    "second-factor"  # of all that is sealed: allauth says nowhere whose it is (docs/security.md)
)
SECRET = "secret"  # noqa: S105  # the name of it, in what is sealed


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This e-mail address and this password do not belong together. Try again, or ask for a code by"
            " e-mail."
        ),
        "too_many_login_attempts": _(
            "Too many failed attempts. Wait five minutes, then try again."
        ),
    }

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


@dataclass(frozen=True)
class SecondFactors:
    """What rotation.also() takes: of an app the secret, of the recovery codes the seed."""

    name = "second factors"

    def keys(self, after: Any = None) -> Iterator[int]:
        sealing = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
        rows = Authenticator.objects.filter(type__in=sealing).order_by("pk")
        rows = rows if after is None else rows.filter(pk__gt=after)
        yield from rows.values_list("pk", flat=True)

    def read(self, key: int) -> str | None:
        data = Authenticator.objects.filter(pk=key).values_list("data", flat=True).first()
        return None if data is None else str(data.get(_name(data), ""))

    def swap(self, key: int, old: str, new: str) -> bool:
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=key).first()
            if row is None or row.data.get(_name(row.data)) != old:
                return False
            row.data = {**row.data, _name(row.data): new}
            row.save(update_fields=["data"])
        return True


def _name(data: Mapping[str, Any]) -> str:
    return "secret" if "secret" in data else "seed"

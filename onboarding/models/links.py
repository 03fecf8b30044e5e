"""Links that are sent by e-mail: an invitation to an account, a task handed to somebody without one."""

import secrets
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.models.people import Membership, Merchant, User
from onboarding.models.shops import Shop


def new_seal() -> str:
    return secrets.token_hex(16)


def in_a_week() -> datetime:
    return timezone.now() + timedelta(days=7)


class Link(models.Model):
    """To whom a link was sent, and until when it opens. Its token is computed, never stored: see links.py."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(max_length=8, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=in_a_week)
    revoked_at = models.DateTimeField(null=True)
    # Part of what the token is computed from: with another one, tokens that were sent open nothing.
    seal = models.CharField(max_length=32, default=new_seal, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and not self.is_expired


class Invitation(Link):
    """Somebody is asked to join a merchant. Used once."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="invitations")
    role = models.CharField(
        max_length=16, choices=Membership.Role.choices, default=Membership.Role.OWNER
    )
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-created_at", "-pk"]

    @property
    def is_open(self) -> bool:
        return super().is_open and self.accepted_at is None


class HandOff(Link):
    """One task of one shop in the hands of somebody without an account."""

    class Task(models.TextChoices):
        ACCESS = "access", _("Give Kleep access to the shop's data")
        WIDGET = "widget", _("Add the button to the product pages")
        FILES = "files", _("Send files")

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="hand_offs")
    task = models.CharField(max_length=16, choices=Task.choices)
    opened_at = models.DateTimeField(null=True)  # the first time

    class Meta:
        ordering = ["-created_at", "-pk"]

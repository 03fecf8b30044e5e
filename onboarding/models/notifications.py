"""Whom of Kleep's staff the portal tells of what, when, and through which channel."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.models.people import User
from onboarding.models.shops import Shop


class Timing(models.Model):
    """When somebody wants to be told. What comes in quiet hours waits for their end."""

    class Pace(models.TextChoices):
        NOW = "now", _("At once")
        HOURLY = "hourly", _("Together, once an hour")
        DAILY = "daily", _("Together, once a day at 8:00")

    pace = models.CharField(max_length=8, choices=Pace.choices, default=Pace.NOW)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="Europe/Paris")

    class Meta:
        abstract = True


class MailChoice(Timing):
    """When somebody of Kleep's staff wants their e-mails; without a row: at once."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="mail_choice")

    def __str__(self) -> str:
        return f"{self.user}: {self.pace}"


class Webhook(Timing):
    """A program that is told: a channel of a chat, or a system of Kleep's own."""

    class Kind(models.TextChoices):
        SLACK = "slack", _("A chat: Slack, or what understands its messages")
        GENERIC = "generic", _("A program: a signed JSON document")

    class Off(models.TextChoices):
        BY_HAND = "by_hand", _("Switched off")
        GONE = "gone", _("Switched off: it answered that it is gone for good (410)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.SLACK)
    # Scheme, host and port. What follows them opens a chat to whoever knows it: it is sealed.
    origin = models.CharField(max_length=300)
    sealed = models.TextField(default="", editable=False)
    events = models.JSONField(default=list)  # keys of alerts.KINDS
    language = models.CharField(max_length=8, default="en")
    off = models.CharField(max_length=16, choices=Off.choices, default="", blank=True)
    saved_at = models.DateTimeField(auto_now=True)
    saved_by = models.CharField(max_length=254, default="", editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Incident(models.Model):
    """Something of a shop that does not work: told once when it is noticed, and once when it is over."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=32)  # of the event that it began with
    key = models.CharField(max_length=64)  # what it is that does not work
    began_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=models.Q(ended_at=None),
                name="one_open_incident",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

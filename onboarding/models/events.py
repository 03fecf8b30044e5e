"""The log of what happened to a merchant and its shops."""

from django.db import models

from onboarding.models.people import Merchant, User
from onboarding.models.shops import Shop


class Event(models.Model):
    """What happened to a shop: append-only, one per state change, never a secret."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="events")
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+"
    )  # None: the system
    kind = models.CharField(max_length=64)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.kind

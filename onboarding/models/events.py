"""The log of what happened to a merchant and its shops."""

from django.db import models

from onboarding.models.links import HandOff
from onboarding.models.people import Merchant, User
from onboarding.models.shops import Shop


class Event(models.Model):
    """What happened to a shop: append-only, one per state change, never a secret."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="events")
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    # Who did it: a person, whoever holds a hand-off link, or, with neither, the portal itself.
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    hand_off = models.ForeignKey(HandOff, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=64)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.kind

    @property
    def by(self) -> User | HandOff | None:
        return self.actor or self.hand_off

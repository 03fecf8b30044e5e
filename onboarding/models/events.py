"""The log of what happened to a merchant and its shops."""

from typing import Any, ClassVar, NoReturn

from django.db import models

from onboarding.models.links import HandOff
from onboarding.models.people import Merchant, User
from onboarding.models.shops import Shop


class AppendOnlyError(Exception):
    """Somebody tried to change or remove what has happened."""


class AppendOnly(models.QuerySet["Event"]):
    """Refuses what would rewrite history. The seals of audit.py and erasure go round it, and say so."""

    def update(self, **_values: Any) -> NoReturn:
        raise AppendOnlyError("events are not changed")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("events are not deleted")


class Event(models.Model):
    """What happened to a shop: append-only, one per state change, never a secret.

    Each is sealed into a chain of its merchant: whoever changes, removes or inserts one later is found out by
    `manage.py audit`.
    """

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="events")
    # Of a shop that was erased nothing is left but its name.
    shop = models.ForeignKey(Shop, models.SET_NULL, null=True, related_name="events")
    at = models.DateTimeField()
    # Who did it: a person, whoever holds a hand-off link, or, with neither, the portal itself.
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    hand_off = models.ForeignKey(HandOff, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    # What the seal covers of the shop and the actor, who may both be gone one day.
    shop_slug = models.CharField(max_length=100, default="", editable=False)
    actor_key = models.CharField(max_length=64, default="", editable=False)
    # The seal: the place in the merchant's chain, the hash of this event, and of the chain up to it.
    position = models.PositiveBigIntegerField(null=True, editable=False)
    digest = models.CharField(max_length=64, default="", editable=False)
    chained = models.CharField(max_length=64, default="", editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)  # its data went; its digest stays

    objects: ClassVar[models.Manager["Event"]] = AppendOnly.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "position"], name="one_place_in_the_chain")
        ]
        indexes = [
            models.Index(fields=["shop", "-at", "-id"], name="newest_events"),
            models.Index(fields=["merchant"], condition=models.Q(position=None), name="unsealed"),
        ]

    def __str__(self) -> str:
        return self.kind

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("events are not changed")
        super().save(*args, **kwargs)

    @property
    def by(self) -> User | HandOff | None:
        return self.actor or self.hand_off

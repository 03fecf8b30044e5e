"""Data that is taken out for good: what, when, at whose word, how much. Nothing of what it was."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.models.people import Merchant, User
from onboarding.models.shops import Shop


class Erasure(models.Model):
    """Asked for by a person, done in slices by a worker; what is left of it is its report."""

    class Kind(models.TextChoices):
        SHOPPER = "shopper", _("A shopper")
        SHOP = "shop", _("A shop")
        MERCHANT = "merchant", _("A company")

    MOST_FAILURES: ClassVar[int] = 5

    kind = models.CharField(max_length=16, choices=Kind.choices)
    merchant = models.ForeignKey(Merchant, models.SET_NULL, null=True, related_name="erasures")
    shop = models.ForeignKey(Shop, models.SET_NULL, null=True, related_name="erasures")
    # Of a shopper, until they are gone: the keyed hash.
    customer_ref = models.CharField(max_length=64, default="", blank=True, editable=False)
    subject = models.CharField(max_length=200)  # the shop's slug, the company; of a shopper nothing
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    expected = models.JSONField(
        default=dict
    )  # rows by kind, as they were counted when it was asked for
    counts = models.JSONField(default=dict)  # removed rows by kind, so far
    # When a worker takes it up (again); while one is at it, when another one may.
    due_at = models.DateTimeField(null=True, db_index=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    @property
    def is_done(self) -> bool:
        return self.finished_at is not None

    @property
    def is_stuck(self) -> bool:
        """It failed again and again, on our side."""
        return not self.is_done and self.failures >= self.MOST_FAILURES

    @property
    def percent(self) -> int | None:
        """None where nobody counted beforehand."""
        if self.is_done:
            return 100
        total = sum(self.expected.values())
        gone = sum(self.counts.get(name, 0) for name in self.expected)
        return min(99, 100 * gone // total) if total else None

"""Data that was taken out for good: what, when, at whose word, how much. Nothing of what it was."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.models.people import Merchant, User


class Erasure(models.Model):
    class Kind(models.TextChoices):
        SHOPPER = "shopper", _("A shopper")
        SHOP = "shop", _("A shop")
        MERCHANT = "merchant", _("A company")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    merchant = models.ForeignKey(Merchant, models.SET_NULL, null=True, related_name="erasures")
    subject = models.CharField(max_length=200)  # the shop's slug, the company; of a shopper nothing
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    counts = models.JSONField(default=dict)  # removed rows by kind

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

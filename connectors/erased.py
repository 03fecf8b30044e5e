"""Shoppers who asked to be forgotten: their keyed hash alone, so that they stay so."""

from django.db import models


class ErasedShopper(models.Model):
    # The merchant's id, as Connection.tenant.
    tenant = models.UUIDField()
    customer_ref = models.CharField(max_length=64)
    erased_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "customer_ref"], name="forgotten_once")
        ]

    def __str__(self) -> str:
        return f"erased {self.erased_at:%Y-%m-%d}"

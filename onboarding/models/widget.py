"""The product pages on which the button is looked for, and what opens them before the shop is public."""

import uuid

from django.db import models
from django.utils import timezone

from onboarding.models.shops import Shop


class ProductPage(models.Model):
    """A sample product page of one of the shop's sites."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="product_pages")
    environment = models.CharField(max_length=16, choices=Shop.Environment.choices)
    url = models.URLField(max_length=1000)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "environment", "url"], name="one_product_page")
        ]

    def __str__(self) -> str:
        return self.url


class StorefrontAccess(models.Model):
    """The user name and the password before one of the shop's sites, sealed for this row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="storefront_accesses")
    environment = models.CharField(max_length=16, choices=Shop.Environment.choices)
    sealed = models.TextField(default="", editable=False)
    set_at = models.DateTimeField(auto_now=True)
    set_by = models.CharField(max_length=254, default="", editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "environment"], name="one_access_per_storefront"
            )
        ]

    def __str__(self) -> str:
        return f"{self.shop} {self.environment}"


class PageLook(models.Model):
    """What was found on a product page without a browser. `findings`: see onboarding/widget/detect.py."""

    page = models.ForeignKey(ProductPage, models.CASCADE, related_name="looks")
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.CharField(max_length=254, blank=True)  # blank: the daily look
    queued_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.page} {self.asked_at}"

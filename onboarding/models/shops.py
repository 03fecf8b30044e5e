"""Shops: what goes live."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors.models import Connection
from onboarding.models.people import Merchant, User


class Shop(models.Model):
    """One storefront that goes live. `slug` names it on the command line and is its SFTP folder."""

    class Environment(models.TextChoices):
        PREPROD = "preprod", _("Pre-production")
        PRODUCTION = "production", _("Production")

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="shops")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, unique=True)
    environment = models.CharField(
        max_length=16, choices=Environment.choices, default=Environment.PREPROD
    )
    storefront_url = models.URLField(blank=True)
    connection = models.ForeignKey(
        Connection, models.SET_NULL, null=True, blank=True, related_name="shops"
    )
    # The store view whose titles and labels this shop shows; blank: the connection's first one.
    store = models.CharField(max_length=64, blank=True)
    # The platform that was chosen before there is a connection; blank: nobody chose yet.
    platform = models.CharField(max_length=32, blank=True)
    # What was chosen for the button on the product pages: onboarding.widget.settings.WidgetSettings.
    widget = models.JSONField(default=dict, blank=True)
    # Kleep's codes of the languages that the shop sells in.
    languages = models.JSONField(default=list, blank=True)
    # Who of Kleep's staff looks after it.
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="owned_shops"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "name"], name="one_shop_per_name")
        ]

    def __str__(self) -> str:
        return self.name

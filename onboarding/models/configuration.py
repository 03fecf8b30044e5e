"""What a merchant answered about the products of a shop, beside what the connection's configuration holds."""

from django.db import models

from onboarding.models.shops import Shop


class ProductConfiguration(models.Model):
    """The answers of one shop. Which attribute is which stands in its connection, shared by its shops."""

    shop = models.OneToOneField(Shop, models.CASCADE, related_name="product_configuration")
    # Questions that were answered with "I do not know": it is Kleep's turn.
    unknown = models.JSONField(default=list)
    # The dimensions come in a file, after our template.
    dimensions_in_files = models.BooleanField(default=False)
    remark = models.TextField(blank=True)
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"products of {self.shop}"

"""Programs of Kleep's own that read from the portal."""

from django.db import models

from onboarding.models.people import User


class ApiClient(models.Model):
    """One program with one token, of which only the hash is kept. It reads; nothing is written through it."""

    name = models.CharField(max_length=100, unique=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)  # names of api.scopes.SCOPES
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

"""Whether a shop is left alone for now, and since when it fails: a fact of each connection, kept apart."""

from django.db import models


class Circuit(models.Model):
    """Closed until a shop failed again and again; while open, none of its resources is tried."""

    connection = models.OneToOneField(
        "connectors.Connection", models.CASCADE, primary_key=True, related_name="circuit"
    )
    failures = models.PositiveSmallIntegerField(default=0)  # since the last answer
    failing_since = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # None: closed
    recovered_at = models.DateTimeField(null=True)  # when it was closed last
    try_at = models.DateTimeField(
        null=True, db_index=True
    )  # the next proof of life; None: not asked
    # Proofs that were refused, one after the other, hours apart.
    refusals = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"open since {self.opened_at:%Y-%m-%d %H:%M}" if self.opened_at else "closed"

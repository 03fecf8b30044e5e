"""How far a reading of everything has come, and which rows it saw: kept until that run is over."""

from django.db import models


class PullSpan(models.Model):
    """One part of a reading by id: records with after < id <= last. Everything up to `reached` is stored."""

    run = models.ForeignKey("connectors.PullRun", models.CASCADE, related_name="spans")
    after = models.BigIntegerField()
    last = models.BigIntegerField(null=True)  # None: whatever there is
    reached = models.BigIntegerField()
    is_done = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.after} to {self.last or 'the end'}"


class SeenPage(models.Model):
    """The rows of one page that a run saw, by their primary keys: one record per page, not one per row."""

    run = models.ForeignKey("connectors.PullRun", models.CASCADE, related_name="seen_pages")
    rows = models.JSONField()

    def __str__(self) -> str:
        return f"{len(self.rows)} rows"

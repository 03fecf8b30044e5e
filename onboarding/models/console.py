"""What Kleep's staff keep about shops: notes, saved views, and where each shop stands."""

from django.db import models
from django.db.models.functions import Now

from onboarding.models.people import User
from onboarding.models.shops import Shop

# What few shops are, and is looked for among all.
ONLY: dict[str, dict[str, object]] = {
    "standing_problem": {"state": "problem"},
    "standing_broken": {"is_broken": True},
    "standing_stale": {"is_stale": True},
    "standing_live": {"is_live": True},
}


def _only(name: str, **condition: object) -> models.Index:
    """In the order of the pipeline."""
    return models.Index(fields=["rank", "since"], condition=models.Q(**condition), name=name)


class Standing(models.Model):
    """Where a shop stands, as phases.py computes it, so that 10,000 shops can be filtered and sorted.

    A copy, never the truth: standing.py computes it anew whenever something happened, and every hour.
    """

    shop = models.OneToOneField(Shop, models.CASCADE, primary_key=True, related_name="standing")
    phase = models.CharField(max_length=32, blank=True)  # blank: everything is done
    task = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=16, blank=True)  # phases.State
    party = models.CharField(max_length=16, blank=True)  # phases.Party: whose turn it is
    since = models.DateTimeField()  # since when it is theirs
    rank = models.PositiveSmallIntegerField()  # what staff can unblock comes first
    platform = models.CharField(max_length=32, blank=True)
    is_broken = models.BooleanField(default=False)  # the shop refuses us or does not answer
    is_stale = models.BooleanField(default=False)  # nothing was read for two days
    is_live = models.BooleanField(default=False)
    computed_at = models.DateTimeField()
    dirty_at = models.DateTimeField(null=True, db_index=True)  # something happened since

    class Meta:
        indexes = [
            models.Index(fields=["rank", "since"], name="standing_order"),
            models.Index(fields=["phase", "rank", "since"], name="standing_phase"),
            models.Index(fields=["party", "rank", "since"], name="standing_party"),
            models.Index(fields=["computed_at"], name="standing_age"),
            # Small enough for PostgreSQL to count by them instead of reading the table.
            models.Index(fields=["phase"], name="standing_phases"),
            models.Index(fields=["platform"], name="standing_platforms"),
            *(_only(name, **condition) for name, condition in ONLY.items()),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.task}"


class Note(models.Model):
    """Something that staff write about a shop; whoever is mentioned is told."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=4000)
    mentions = models.ManyToManyField(User, related_name="mentioned_in", blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"note {self.pk}"


class SavedView(models.Model):
    """A filter of the pipeline under a name, of one member of staff."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)  # as in the address

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_view_per_name")]

    def __str__(self) -> str:
        return self.name

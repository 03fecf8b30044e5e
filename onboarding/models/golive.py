"""Checks of product pages, their evidence, and the signatures that follow from them.

Whether a shop is live is nowhere stored: it follows from the newest decisions (see onboarding/golive.py).
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.models.people import User
from onboarding.models.shops import Shop


class PageRun(models.Model):
    """The machine's look at one product page. `lines`: what it found, see onboarding/browser/verdicts.py."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed on our side")

    OVER = (State.FINISHED, State.FAILED)
    UNDER_WAY = (State.QUEUED, State.RUNNING)

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="page_runs")
    environment = models.CharField(max_length=16, choices=Shop.Environment.choices)
    url = models.URLField(max_length=2000)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # None: daily
    asked_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True)  # when it was last given to the queue
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lines = models.JSONField(default=list)
    details = models.JSONField(default=dict)  # console, failed requests, timings, what it cost
    # Of what a person signs for: the snippet, the policy, the look of the button.
    fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["shop", "environment", "url", "-id"], name="newest_runs_of_a_page"
            ),
            models.Index(
                fields=["shop"],
                condition=models.Q(state__in=("queued", "running")),
                name="page_runs_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.url} ({self.state})"

    @property
    def is_over(self) -> bool:
        return self.state in self.OVER


def _unguessable(evidence: "Evidence", filename: str) -> str:
    return f"evidence/{evidence.run.shop.slug}/{evidence.run.pk}-{uuid.uuid4().hex[:12]}-{filename}"


class Evidence(models.Model):
    """A picture of a run. `name`: the screen and the moment, e.g. mobile-drawer."""

    run = models.ForeignKey(PageRun, models.CASCADE, related_name="evidence")
    name = models.CharField(max_length=40)
    file = models.FileField(upload_to=_unguessable, max_length=255)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_picture")]

    def __str__(self) -> str:
        return self.name


class Tick(models.Model):
    """A person says that a line of the checklist is right, for the page as it was then."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="ticks")
    environment = models.CharField(max_length=16, choices=Shop.Environment.choices)
    item = models.CharField(max_length=40)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    run = models.ForeignKey(PageRun, models.SET_NULL, null=True, related_name="ticks")
    fingerprint = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.item


class Decision(models.Model):
    """A step of the go-live that somebody signed; the newest ones say where a shop stands."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed by the merchant")
        SENT_BACK = "sent_back", _("Sent back")
        APPROVED = "approved", _("Approved by Kleep")
        VERIFIED = "verified", _("Verified in production")
        UNDONE = "undone", _("Undone")

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # None: the portal
    at = models.DateTimeField(auto_now_add=True)
    reason = models.TextField(blank=True)
    reasons = models.JSONField(default=dict)  # of each line that was sent back
    runs = models.ManyToManyField(PageRun, related_name="decisions")  # what was looked at
    fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "-id"], name="decisions_by_kind")]

    def __str__(self) -> str:
        return self.kind


class Certificate(models.Model):
    """The paper of a go-live in one language, printed when production was verified."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="certificates")
    language = models.CharField(max_length=8)
    file = models.FileField(upload_to="certificates/", max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "language"], name="one_certificate")
        ]

    def __str__(self) -> str:
        return self.language

"""E-mails that are to be sent, and those that were."""

from django.db import models
from django.utils import timezone

from onboarding.models.links import HandOff, Invitation
from onboarding.models.people import Merchant
from onboarding.models.shops import Shop


class Mail(models.Model):
    """One e-mail. Its text is written when it is sent: no link's token waits in a queue or here."""

    kind = models.CharField(max_length=32)
    to = models.EmailField()
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=8)
    merchant = models.ForeignKey(Merchant, models.CASCADE, null=True, related_name="+")
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="+")
    invitation = models.ForeignKey(Invitation, models.CASCADE, null=True, related_name="+")
    hand_off = models.ForeignKey(HandOff, models.CASCADE, null=True, related_name="+")
    data = models.JSONField(default=dict)  # what the text says beside them; never a secret
    # What is mailed once: the same person hears of one incident one time.
    once = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(
        default=timezone.now, null=True
    )  # None: the queue did not answer
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "to", "once"],
                condition=~models.Q(once=""),
                name="one_mail_per_incident",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

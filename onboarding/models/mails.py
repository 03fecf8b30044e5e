"""The outbox: e-mails and posts to webhooks that are to be sent, and those that were."""

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise

from onboarding.models.links import HandOff, Invitation
from onboarding.models.notifications import Webhook
from onboarding.models.people import Merchant
from onboarding.models.shops import Shop
from onboarding.outcomes import REASONS


class Mail(models.Model):
    """One message, by e-mail or, where `webhook` is set, to that.

    Its text is written when it is sent: no link's token waits in a queue or here.
    """

    kind = models.CharField(max_length=32)
    to = models.EmailField(blank=True)
    webhook = models.ForeignKey(Webhook, models.CASCADE, null=True, related_name="mails")
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
    # What is sent together has the same one, from the first attempt on: a repetition is known by it.
    batch = models.UUIDField(null=True, db_index=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    # What came of the last attempt.
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP
    error = models.CharField(max_length=32, db_default="", default="")  # a key of outcomes.REASONS
    answer = models.CharField(max_length=200, db_default="", default="")  # its first words

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "to", "once"],
                condition=~models.Q(once="") & models.Q(webhook=None),
                name="one_mail_per_incident",
            ),
            models.UniqueConstraint(
                fields=["kind", "webhook", "once"],
                condition=~models.Q(once=""),
                name="one_post_per_incident",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def reason(self) -> str | Promise:
        """Why the last attempt failed, in the reader's language; blank where it did not."""
        return REASONS.get(self.error, "")

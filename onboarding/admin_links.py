"""For Kleep's support: links and e-mails that were sent; never what opens a page."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from connectors.admin_base import LookOnly, among
from onboarding import alerts, mail
from onboarding.models import HandOff, Incident, Invitation, Mail, MailChoice, Webhook

SENT = ("email", "name", "language", "created_by", "created_at", "expires_at", "revoked_at")


@admin.register(Invitation)
class InvitationAdmin(LookOnly, admin.ModelAdmin[Invitation]):
    fields = ("merchant", "role", *SENT, "accepted_at", "accepted_by")  # not `seal`
    list_display = ("email", "merchant", "role", "created_at", "expires_at", "accepted_at")
    list_select_related = ("merchant",)
    list_filter = ("role",)
    search_fields = ("email", "merchant__name")
    date_hierarchy = "created_at"


@admin.register(HandOff)
class HandOffAdmin(LookOnly, admin.ModelAdmin[HandOff]):
    fields = ("shop", "task", *SENT, "opened_at")
    list_display = ("email", "shop", "task", "created_at", "opened_at", "expires_at", "revoked_at")
    list_select_related = ("shop",)
    list_filter = ("task",)
    search_fields = ("email", "name", "shop__slug__exact")
    date_hierarchy = "created_at"


def _kinds() -> list[tuple[str, str]]:
    return [(kind, kind) for kind in sorted({*mail.KINDS, *alerts.KINDS, alerts.TEST})]


@admin.register(Mail)
class MailAdmin(LookOnly, admin.ModelAdmin[Mail]):
    fields = (
        "kind",
        "to",
        "webhook",
        "name",
        "language",
        "merchant",
        "shop",
        "created_at",
        "due_at",
        "attempts",
        "sent_at",
        "given_up_at",
        "status",
        "error",
    )
    list_display = ("kind", "to", "webhook", "shop", "created_at", "attempts", "sent_at", "error")
    list_select_related = ("shop", "webhook")
    list_filter = (
        among("kind", _("kind"), _kinds),
        ("sent_at", admin.EmptyFieldListFilter),
        ("given_up_at", admin.EmptyFieldListFilter),
    )
    narrowed_by = ("shop__id__exact",)
    search_fields = ("to", "webhook__name", "shop__slug__exact")


@admin.register(Webhook)
class WebhookAdmin(LookOnly, admin.ModelAdmin[Webhook]):
    fields = (
        *("name", "kind", "origin", "events", "language", "off"),
        *("pace", "quiet_from", "quiet_to", "time_zone", "saved_at", "saved_by"),
    )  # not what is sealed
    list_display = ("name", "kind", "origin", "off", "pace", "saved_at")
    list_filter = ("kind", "off", "pace")
    search_fields = ("name", "origin")


@admin.register(MailChoice)
class MailChoiceAdmin(LookOnly, admin.ModelAdmin[MailChoice]):
    list_display = ("user", "pace", "quiet_from", "quiet_to", "time_zone")
    list_select_related = ("user",)
    list_filter = ("pace",)
    search_fields = ("user__email",)


@admin.register(Incident)
class IncidentAdmin(LookOnly, admin.ModelAdmin[Incident]):
    list_display = ("kind", "shop", "key", "began_at", "ended_at")
    list_select_related = ("shop",)
    list_filter = ("kind", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("shop__slug__exact", "shop__merchant__name")
    date_hierarchy = "began_at"

"""For Kleep's support: links and e-mails that were sent; never what opens a page."""

from django.contrib import admin

from connectors.admin_base import LookOnly
from onboarding.models import HandOff, Invitation, Mail

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


@admin.register(Mail)
class MailAdmin(LookOnly, admin.ModelAdmin[Mail]):
    fields = (
        "kind",
        "to",
        "name",
        "language",
        "merchant",
        "shop",
        "created_at",
        "attempts",
        "sent_at",
    )
    list_display = ("kind", "to", "shop", "created_at", "attempts", "sent_at")
    list_select_related = ("shop",)
    list_filter = ("kind", ("sent_at", admin.EmptyFieldListFilter))
    narrowed_by = ("shop__id__exact",)
    search_fields = ("to", "shop__slug__exact")
    date_hierarchy = "created_at"

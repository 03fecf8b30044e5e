"""For Kleep's support: what staff keep about shops, programs that read the API, and what was erased."""

from django.contrib import admin

from connectors.admin_base import LookOnly
from onboarding.models import (
    ApiClient,
    Erasure,
    Note,
    ProductConfiguration,
    SavedView,
    Standing,
)


@admin.register(Standing)
class StandingAdmin(LookOnly, admin.ModelAdmin[Standing]):
    list_display = ("shop", "phase", "task", "state", "party", "since", "computed_at")
    list_select_related = ("shop",)
    list_filter = ("phase", "party", "state", "is_broken", "is_stale", "is_live")
    search_fields = ("shop__slug__exact", "shop__merchant__name")


@admin.register(Note)
class NoteAdmin(LookOnly, admin.ModelAdmin[Note]):
    list_display = ("shop", "author", "at")
    list_select_related = ("shop", "author")
    search_fields = ("shop__slug__exact", "author__email")
    date_hierarchy = "at"


@admin.register(SavedView)
class SavedViewAdmin(LookOnly, admin.ModelAdmin[SavedView]):
    list_display = ("name", "user", "query")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(ProductConfiguration)
class ProductConfigurationAdmin(LookOnly, admin.ModelAdmin[ProductConfiguration]):
    list_display = ("shop", "saved_at")
    list_select_related = ("shop",)
    search_fields = ("shop__slug__exact", "shop__merchant__name")


@admin.register(ApiClient)
class ApiClientAdmin(LookOnly, admin.ModelAdmin[ApiClient]):
    fields = ("name", "scopes", "created_by", "created_at", "last_used_at", "revoked_at")
    readonly_fields = fields  # not the hash of its token
    list_display = ("name", "created_by", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("created_by",)
    search_fields = ("name",)


@admin.register(Erasure)
class ErasureAdmin(LookOnly, admin.ModelAdmin[Erasure]):
    list_display = ("kind", "subject", "merchant", "by", "at")
    list_select_related = ("merchant", "by")
    list_filter = ("kind",)
    search_fields = ("subject", "merchant__name")
    date_hierarchy = "at"

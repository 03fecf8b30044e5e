"""For Kleep's support: the files that merchants sent, and who asked to be forgotten. Nothing is edited."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from connectors.admin_base import LookOnly, among
from connectors.datasets import DATASETS
from connectors.models import ErasedShopper, FileAnswers, ReceivedFile, SeenFile


@admin.register(ReceivedFile)
class ReceivedFileAdmin(LookOnly, admin.ModelAdmin[ReceivedFile]):
    """Why a file was refused, and how far it was taken. Not its content: it holds what we do not store."""

    to_connection = "connection"
    narrowed_by = ("connection__id__exact",)
    exclude = ("content", "report", "lease_token", "problems", "groups")
    list_display = ("name", "dataset", "state", "connection", "rows", "rejected", "received_at")
    list_filter = (
        *("state", among("dataset", _("dataset"), lambda: [(name, name) for name in DATASETS])),
        *("origin", "dry_run"),
    )
    search_fields = ("id__exact", "name__exact", "sha256__exact")
    readonly_fields = ("message",)
    ordering = ("-pk",)  # the newest first, by the index that there is


@admin.register(FileAnswers)
class FileAnswersAdmin(LookOnly, admin.ModelAdmin[FileAnswers]):
    to_connection = "connection"
    narrowed_by = ("connection__id__exact",)
    list_display = ("__str__", "connection")
    search_fields = ("id__exact",)


@admin.register(SeenFile)
class SeenFileAdmin(LookOnly, admin.ModelAdmin[SeenFile]):
    to_connection = "connection"
    narrowed_by = ("connection__id__exact",)
    list_display = ("path", "connection", "size", "since", "is_taken")
    list_filter = ("is_taken",)
    search_fields = ("path__exact",)


@admin.register(ErasedShopper)
class ErasedShopperAdmin(LookOnly, admin.ModelAdmin[ErasedShopper]):
    list_display = ("tenant", "erased_at")
    search_fields = ("tenant__exact", "customer_ref__exact")

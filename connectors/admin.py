"""For Kleep's support: why a pull failed. Never a secret, and nothing edited by hand.

What these tables say is true because the engine wrote it. This app knows no people: what support does about
it, and the way to the shops, are added by onboarding/admin_engine.py.
"""

from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from connectors import admin_files as admin_files  # its pages, too
from connectors import registry
from connectors.admin_base import LookOnly, among
from connectors.base import Resource
from connectors.datasets import DATASETS
from connectors.errors import ConnectorError
from connectors.models import (
    TABLES,
    Check,
    CheckLine,
    Circuit,
    Connection,
    Cursor,
    DatasetRow,
    ProductLink,
    PullRun,
    PullSpan,
    SeenPage,
)
from kleep_portal import crypto


def _checked() -> list[tuple[str, str]]:
    return _names(resource for one in registry.platforms().values() for resource in one.resources)


def _pulled() -> list[tuple[str, str]]:
    found = (resource for one in registry.platforms().values() for resource in one.resources)
    return _names(resource for resource in found if resource.dataset)


def _names(resources: Iterable[Resource]) -> list[tuple[str, str]]:
    return [(name, name) for name in sorted({resource.name for resource in resources})]


def _errors() -> list[tuple[str, str]]:
    return [(code, code) for code in sorted(ConnectorError.by_code)]


@admin.register(Connection)
class ConnectionAdmin(LookOnly, admin.ModelAdmin[Connection]):
    to_connection = ""
    narrowed_by = ("id__exact",)
    fields = (
        *("id", "tenant", "platform", "config", "secrets_set_at", "secrets_set_by"),
        *("under_newest_key", "health", "proved_at", "paused_at", "created_at"),
    )  # not `sealed`: even encrypted it has no reason to leave the database
    list_display = (
        *("__str__", "platform", "health", "proved_at", "secrets_set_at", "under_newest_key"),
        "paused_at",
    )
    list_filter = ("platform", "health", ("paused_at", admin.EmptyFieldListFilter))
    search_fields = ("tenant__exact",)
    readonly_fields = ("under_newest_key",)
    date_hierarchy = "created_at"

    @admin.display(description=_("Sealed with the newest key"), boolean=True)
    def under_newest_key(self, row: Connection) -> bool | None:
        """Unknown where nothing is sealed."""
        return crypto.is_under_first_key(row.sealed) if row.sealed else None


@admin.register(Circuit)
class CircuitAdmin(LookOnly, admin.ModelAdmin[Circuit]):
    to_connection = "connection"
    narrowed_by = ("connection__id__exact",)
    list_display = (
        *("connection", "__str__", "failures", "failing_since", "refusals", "try_at"),
        "recovered_at",
    )
    list_filter = (("opened_at", admin.EmptyFieldListFilter),)
    search_fields = ("connection__id__exact",)


class CheckLineInline(LookOnly, admin.TabularInline[CheckLine, Check]):
    model = CheckLine
    fields = ("resource", "status", "count", "http_status", "message", "detail", "request_id")
    readonly_fields = ("message",)
    ordering = ("resource",)


@admin.register(Check)
class CheckAdmin(LookOnly, admin.ModelAdmin[Check]):
    to_connection = "connection"
    narrowed_by = ("connection__id__exact",)
    list_display = ("__str__", "connection", "started_at", "finished_at")
    list_filter = ("connection__platform", ("finished_at", admin.EmptyFieldListFilter))
    search_fields = ("id__exact",)
    ordering = ("-pk",)  # the newest first, by the index that there is
    inlines = (CheckLineInline,)


@admin.register(CheckLine)
class CheckLineAdmin(LookOnly, admin.ModelAdmin[CheckLine]):
    to_connection = "check_run__connection"
    narrowed_by = ("check_run__connection__id__exact",)
    list_display = ("resource", "status", "count", "http_status", "message", "answered_at")
    list_filter = ("status", among("resource", _("resource"), _checked))
    search_fields = ("request_id__exact", "resource__exact")
    ordering = ("-pk",)
    readonly_fields = ("message",)


@admin.register(Cursor)
class CursorAdmin(LookOnly, admin.ModelAdmin[Cursor]):
    to_connection = "connection"
    narrowed_by = ("connection__id__exact",)
    list_display = (
        *("__str__", "connection", "position_at", "position_id", "lease_until", "due_at"),
    )
    list_filter = (
        *(among("resource", _("resource"), _pulled), "connection__platform"),
        ("lease_token", admin.EmptyFieldListFilter),
    )
    search_fields = ("id__exact", "resource__exact")
    fields = (
        *("connection", "resource", "scope", "position_at", "position_id", "due_at", "queued_at"),
        *("lease_until", "lease_holder", "readers"),
    )  # not `lease_token`: whoever has it may store


@admin.register(PullRun)
class PullRunAdmin(LookOnly, admin.ModelAdmin[PullRun]):
    to_connection = "cursor__connection"
    narrowed_by = ("cursor__connection__id__exact", "cursor__id__exact")
    list_display = (
        *("__str__", "kind", "cursor", "started_at", "finished_at", "fetched", "created"),
        *("updated", "deleted", "pages", "message"),
    )
    list_filter = (
        *("state", "kind", among("error", _("error"), _errors)),
        among("cursor__resource", _("resource"), _pulled),
    )
    search_fields = ("id__exact", "cursor__resource__exact", "state__exact", "error__exact")
    readonly_fields = ("message",)
    ordering = ("-pk",)


@admin.register(PullSpan)
class PullSpanAdmin(LookOnly, admin.ModelAdmin[PullSpan]):
    to_connection = "run__cursor__connection"
    narrowed_by = ("run__id__exact",)
    list_display = ("__str__", "run", "reached", "is_done")
    search_fields = ("run__id__exact",)


@admin.register(SeenPage)
class SeenPageAdmin(LookOnly, admin.ModelAdmin[SeenPage]):
    to_connection = "run__cursor__connection"
    narrowed_by = ("run__id__exact",)
    list_display = ("__str__", "run")
    search_fields = ("run__id__exact",)


@admin.register(ProductLink)
class ProductLinkAdmin(LookOnly, admin.ModelAdmin[ProductLink]):
    to_connection = "connection"
    narrowed_by = ("connection__id__exact",)
    list_display = ("product_id", "variant_id", "scope", "connection")
    search_fields = ("product_id__exact", "variant_id__exact")


class DatasetAdmin(LookOnly, admin.ModelAdmin[DatasetRow]):
    """What is stored of one dataset. Searched by its natural key, which has an index."""

    to_connection = "connection"
    narrowed_by = ("connection__id__exact",)
    list_filter = (
        among("origin", _("origin"), lambda: [("api", "api"), ("file", "file")]),
        ("deleted_at", admin.EmptyFieldListFilter),
    )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self._key(), "scope", "connection", "remote_updated_at", "deleted_at")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return tuple(f"{name}__exact" for name in self._key())

    def _key(self) -> tuple[str, ...]:
        return next(DATASETS[name].key for name, table in TABLES.items() if table is self.model)


for _table in TABLES.values():
    admin.site.register(_table, DatasetAdmin)

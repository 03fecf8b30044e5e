"""For Kleep's support: why a pull failed, and to try it again. Never a secret, and nothing edited by hand.

What these tables say is true because the engine wrote it; the actions go through the engine too.
"""

from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors import admin_files as admin_files  # its pages, too
from connectors import checking, pulling, runs, tasks
from connectors.admin_base import LookOnly as LookOnly  # of onboarding, too
from connectors.datasets import DATASETS
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


@admin.register(Connection)
class ConnectionAdmin(LookOnly, admin.ModelAdmin[Connection]):
    fields = (
        *("id", "tenant", "platform", "config", "secrets_set_at", "secrets_set_by"),
        *("health", "proved_at", "paused_at", "created_at"),
    )  # not `sealed`: even encrypted it has no reason to leave the database
    list_display = ("__str__", "platform", "health", "proved_at", "secrets_set_at", "paused_at")
    list_filter = ("platform", "health", ("paused_at", admin.EmptyFieldListFilter))
    search_fields = ("id__exact", "tenant__exact", "config__url")
    date_hierarchy = "created_at"
    actions = ("check_again",)

    @admin.action(description=_("Check again"), permissions=["view"])
    def check_again(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            tasks.check_connection.delay_on_commit(checking.start(connection).pk)
        _say(self, request, _("%(count)d checks queued."), queryset.count())


@admin.register(Circuit)
class CircuitAdmin(LookOnly, admin.ModelAdmin[Circuit]):
    list_display = (
        *("connection", "__str__", "failures", "failing_since", "refusals", "try_at"),
        "recovered_at",
    )
    list_select_related = ("connection",)
    list_filter = (("opened_at", admin.EmptyFieldListFilter),)
    search_fields = ("connection__id__exact", "connection__config__url")


class CheckLineInline(LookOnly, admin.TabularInline[CheckLine, Check]):
    model = CheckLine
    fields = ("resource", "status", "count", "http_status", "message", "detail", "request_id")
    readonly_fields = ("message",)
    ordering = ("resource",)


@admin.register(Check)
class CheckAdmin(LookOnly, admin.ModelAdmin[Check]):
    list_display = ("__str__", "connection", "started_at", "finished_at")
    list_select_related = ("connection",)
    list_filter = ("connection__platform", ("finished_at", admin.EmptyFieldListFilter))
    search_fields = ("connection__id__exact", "connection__config__url")
    date_hierarchy = "started_at"
    inlines = (CheckLineInline,)


@admin.register(CheckLine)
class CheckLineAdmin(LookOnly, admin.ModelAdmin[CheckLine]):
    list_display = ("resource", "status", "count", "http_status", "message", "answered_at")
    list_filter = ("status", "resource")
    search_fields = ("request_id__exact", "check_run__connection__id__exact", "detail")
    readonly_fields = ("message",)


@admin.register(Cursor)
class CursorAdmin(LookOnly, admin.ModelAdmin[Cursor]):
    list_display = (
        *("__str__", "connection", "position_at", "position_id", "lease_until", "due_at"),
    )
    list_select_related = ("connection",)
    list_filter = (
        *("resource", "connection__platform"),
        ("lease_token", admin.EmptyFieldListFilter),
    )
    search_fields = ("connection__id__exact", "connection__config__url", "resource__exact")
    exclude = ("lease_token",)
    actions = ("queue_a_pull", "release_lease", "start_over")

    @admin.action(description=_("Queue a pull"), permissions=["view"])
    def queue_a_pull(self, request: HttpRequest, queryset: QuerySet[Cursor]) -> None:
        """Due now: whatever the queue does, the next beat finds it."""
        count = queryset.update(due_at=timezone.now())
        for connection in Connection.objects.filter(cursors__in=queryset).distinct():
            tasks.queue_next(connection)
        _say(self, request, _("%(count)d pulls queued."), count)

    @admin.action(description=_("Start over from the beginning"), permissions=["view"])
    def start_over(self, request: HttpRequest, queryset: QuerySet[Cursor]) -> None:
        """What is stored stays; reading it again changes only what the shop has changed."""
        for cursor in queryset:
            pulling.reset(cursor)
        _say(self, request, _("%(count)d cursors begin anew."), queryset.count())

    @admin.action(description=_("Release the lease"), permissions=["view"])
    def release_lease(self, request: HttpRequest, queryset: QuerySet[Cursor]) -> None:
        """A worker that is still at it loses its lease with its next page and stops by itself."""
        count = queryset.filter(lease_token__isnull=False).update(
            lease_token=None, lease_until=None
        )
        _say(self, request, _("%(count)d leases released."), count)


@admin.register(PullRun)
class PullRunAdmin(LookOnly, admin.ModelAdmin[PullRun]):
    list_display = (
        *(
            "__str__",
            "kind",
            "cursor",
            "started_at",
            "finished_at",
            "fetched",
            "created",
            "updated",
        ),
        *("deleted", "pages", "message"),
    )
    list_select_related = ("cursor",)
    list_filter = ("state", "kind", "error", "cursor__resource")
    search_fields = ("cursor__connection__id__exact", "cursor__connection__config__url", "detail")
    readonly_fields = ("message",)
    date_hierarchy = "started_at"
    actions = ("release_held",)

    @admin.action(description=_("Believe what came and go on"), permissions=["view"])
    def release_held(self, request: HttpRequest, queryset: QuerySet[PullRun]) -> None:
        """Of runs that are held because much less came than there was before."""
        count = 0
        for run in queryset:
            with suppress(pulling.AlreadyRunningError):
                count += runs.release(run, by=str(request.user))
        _say(self, request, _("%(count)d held pulls go on."), count)


@admin.register(PullSpan)
class PullSpanAdmin(LookOnly, admin.ModelAdmin[PullSpan]):
    list_display = ("__str__", "run", "reached", "is_done")
    list_select_related = ("run",)
    search_fields = ("run__id__exact",)


@admin.register(SeenPage)
class SeenPageAdmin(LookOnly, admin.ModelAdmin[SeenPage]):
    list_display = ("__str__", "run")
    list_select_related = ("run",)
    search_fields = ("run__id__exact",)


@admin.register(ProductLink)
class ProductLinkAdmin(LookOnly, admin.ModelAdmin[ProductLink]):
    list_display = ("product_id", "variant_id", "scope", "connection")
    list_select_related = ("connection",)
    search_fields = ("product_id__exact", "variant_id__exact", "connection__id__exact")


class DatasetAdmin(LookOnly, admin.ModelAdmin[DatasetRow]):
    """What is stored of one dataset. Searched by its natural key, which has an index."""

    list_select_related = ("connection",)
    list_filter = ("origin", ("deleted_at", admin.EmptyFieldListFilter))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self._key(), "scope", "connection", "remote_updated_at", "deleted_at")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*(f"{name}__exact" for name in self._key()), "connection__id__exact")

    def _key(self) -> tuple[str, ...]:
        return next(DATASETS[name].key for name, table in TABLES.items() if table is self.model)


for _table in TABLES.values():
    admin.site.register(_table, DatasetAdmin)


def _say(page: "admin.ModelAdmin[Any]", request: HttpRequest, text: Any, count: int) -> None:
    page.message_user(request, text % {"count": count}, messages.SUCCESS)

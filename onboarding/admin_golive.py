"""For Kleep's support: product pages, what was seen on them, and who signed what. Nothing is edited."""

from django.contrib import admin

from connectors.admin_base import LookOnly
from onboarding.models import (
    Certificate,
    Decision,
    Evidence,
    PageLook,
    PageRun,
    ProductPage,
    StorefrontAccess,
    Tick,
)

SHOP = ("shop__slug__exact", "shop__merchant__name")


@admin.register(ProductPage)
class ProductPageAdmin(LookOnly, admin.ModelAdmin[ProductPage]):
    fields = ("shop", "environment", "url")
    list_display = ("url", "shop", "environment")
    list_select_related = ("shop",)
    list_filter = ("environment",)
    search_fields = (*SHOP, "url")


@admin.register(StorefrontAccess)
class StorefrontAccessAdmin(LookOnly, admin.ModelAdmin[StorefrontAccess]):
    fields = ("shop", "environment", "set_at", "set_by")  # not `sealed`
    readonly_fields = ("set_at", "set_by")
    list_display = ("shop", "environment", "set_at", "set_by")
    list_select_related = ("shop",)
    search_fields = SHOP


@admin.register(PageLook)
class PageLookAdmin(LookOnly, admin.ModelAdmin[PageLook]):
    list_display = ("page", "asked_at", "asked_by", "finished_at")
    list_select_related = ("page",)
    search_fields = ("page__shop__slug__exact", "page__url")


class EvidenceInline(LookOnly, admin.TabularInline[Evidence, PageRun]):
    model = Evidence
    fields = ("name",)


@admin.register(PageRun)
class PageRunAdmin(LookOnly, admin.ModelAdmin[PageRun]):
    fields = (
        *("shop", "environment", "url", "state", "asked_by", "asked_at", "queued_at"),
        *("started_at", "finished_at", "attempts", "lines", "details", "fingerprint"),
    )
    list_display = ("url", "shop", "environment", "state", "asked_at", "attempts")
    list_select_related = ("shop",)
    list_filter = ("state", "environment")
    search_fields = (*SHOP, "url")
    inlines = (EvidenceInline,)


@admin.register(Evidence)
class EvidenceAdmin(LookOnly, admin.ModelAdmin[Evidence]):
    fields = ("run", "name")  # the picture is shown where its access is checked
    list_display = ("name", "run")
    list_select_related = ("run",)
    search_fields = ("run__shop__slug__exact",)


@admin.register(Tick)
class TickAdmin(LookOnly, admin.ModelAdmin[Tick]):
    list_display = ("item", "shop", "environment", "by", "at", "withdrawn_at")
    list_select_related = ("shop", "by")
    list_filter = ("item", "environment")
    search_fields = SHOP
    date_hierarchy = "at"


@admin.register(Decision)
class DecisionAdmin(LookOnly, admin.ModelAdmin[Decision]):
    list_display = ("shop", "kind", "by", "at")
    list_select_related = ("shop", "by")
    list_filter = ("kind",)
    search_fields = SHOP
    date_hierarchy = "at"


@admin.register(Certificate)
class CertificateAdmin(LookOnly, admin.ModelAdmin[Certificate]):
    fields = ("decision", "language")
    list_display = ("decision", "language")
    list_select_related = ("decision",)
    search_fields = ("decision__shop__slug__exact",)

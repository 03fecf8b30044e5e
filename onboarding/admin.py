"""For Kleep's support: merchants, shops and what happened to them; the rest is in the modules beside.

A shop's state is not edited here: it changes on the portal's own pages, and by actions that write down who
did it. Who may do what follows from a person's role: staff_permissions.py.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.admin_base import LookOnly, among
from onboarding import (
    admin_connections,
    admin_paths,
    services,
)
from onboarding import (
    admin_console as admin_console,  # their pages, too
)
from onboarding import (
    admin_files as admin_files,
)
from onboarding import (
    admin_golive as admin_golive,
)
from onboarding import (
    admin_links as admin_links,
)
from onboarding.admin_people import MembershipInline
from onboarding.admin_support import ByRole, member, person, say, too_many
from onboarding.events import SENTENCES
from onboarding.models import Event, Merchant, Shop
from onboarding.views.pages import telling_when_the_queue_is_down

# The portal's own log-in has rate limits and the second factor; the admin's has neither.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = _("Kleep portal: support")
admin.site.site_title = _("Kleep portal")
admin_connections.register()


class ShopInline(LookOnly, admin.TabularInline[Shop, Merchant]):
    model = Shop
    fields = ("name", "slug", "environment", "connection")
    show_change_link = True


@admin.register(Merchant)
class MerchantAdmin(LookOnly, admin.ModelAdmin[Merchant]):
    fields = ("id", "name", "created_at")
    list_display = ("name", "created_at")
    search_fields = ("name", "id__exact", "members__email", "shops__slug__exact")
    inlines = (ShopInline, MembershipInline)


@admin.register(Shop)
class ShopAdmin(ByRole, LookOnly, admin.ModelAdmin[Shop]):
    fields = (
        *("merchant", "name", "slug", "environment", "storefront_url", "connection", "store"),
        *("owner", "created_at", "of_this_shop"),
    )
    readonly_fields = ("of_this_shop",)
    list_display = ("name", "slug", "merchant", "environment", "connection", "created_at")
    list_select_related = ("merchant", "connection")
    list_filter = ("environment", ("connection", admin.EmptyFieldListFilter))
    narrowed_by = ("merchant__id__exact", "connection__id__exact")
    search_fields = ("name", "slug", "merchant__name", "storefront_url", "connection__config__url")
    date_hierarchy = "created_at"
    actions = ("check_again",)

    @admin.display(description=_("Of this shop"))
    def of_this_shop(self, shop: Shop) -> SafeString:
        ways = admin_paths.of_shop(shop)[1:]
        return format_html_join(" · ", '<a href="{1}">{0}</a>', ways)

    @admin.action(description=_("Check again"), permissions=["retry"])
    def check_again(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        if too_many(self, request, queryset):
            return
        shops = queryset.filter(connection__isnull=False).select_related("connection")
        with telling_when_the_queue_is_down(member(request)):
            for shop in shops:
                services.start_check(shop, by=person(request))
        say(self, request, gettext("Checks queued: %(count)d."), len(shops))


@admin.register(Event)
class EventAdmin(LookOnly, admin.ModelAdmin[Event]):
    list_display = ("at", "kind", "merchant", "shop", "actor")
    list_select_related = ("merchant", "shop", "actor")
    list_filter = (among("kind", _("kind"), lambda: sorted(SENTENCES.items())),)
    narrowed_by = ("shop__id__exact", "merchant__id__exact")
    search_fields = ("shop__slug__exact", "merchant__name", "actor__email")
    ordering = ("-pk",)  # the newest first, by the index that there is

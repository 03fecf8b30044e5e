"""Connections in the admin: test them again, seal their secrets with the newest key."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import rotation
from connectors.admin import ConnectionAdmin
from connectors.models import Connection, Cursor, PullRun
from onboarding import services, tasks
from onboarding.admin_engine import SupportedCursorAdmin, SupportedPullRunAdmin, each
from onboarding.admin_support import (
    OfAShop,
    Question,
    answered,
    ask,
    member,
    person,
    say,
    too_many,
)
from onboarding.services import repairing
from onboarding.views.pages import telling_when_the_queue_is_down

EVERYTHING = "everything"  # to be typed before all secrets are sealed anew


class SupportedConnectionAdmin(OfAShop, ConnectionAdmin):
    actions = ("check_again", "seal_anew")
    change_list_template = "admin/connections.html"

    @admin.action(description=gettext_lazy("Check again"), permissions=["retry"])
    def check_again(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        if too_many(self, request, queryset):
            return
        found, left = each(list(queryset), lambda connection: connection.pk)
        with telling_when_the_queue_is_down(member(request)):
            for shop, _connection in found:
                services.start_check(shop, by=person(request))
        say(self, request, _("Checks queued: %(count)d."), len(found), left=left)

    @admin.action(
        description=gettext_lazy("Rotate keys: seal the secrets with the newest key"),
        permissions=["repair"],
    )
    def seal_anew(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        if too_many(self, request, queryset):
            return
        keys = list(queryset.values_list("pk", flat=True))
        done = repairing.seal_anew(Connection._meta.label, keys, by=person(request))
        say(self, request, _("Connections sealed with the newest key: %(count)d."), done.resealed)
        if done.failed:
            text = _("Opened by none of the keys: %(count)d (%(which)s).")
            which = ", ".join(map(str, done.failed[:5]))
            values = {"count": len(done.failed), "which": which}
            self.message_user(request, text % values, messages.ERROR)

    def get_urls(self) -> list[URLPattern]:
        every = self.admin_site.admin_view(self.seal_everything)
        own = path("seal-everything/", every, name="connectors_connection_seal_everything")
        return [own, *super().get_urls()]

    def seal_everything(self, request: HttpRequest) -> HttpResponseBase:
        """All secrets of all tables, by the workers, in batches."""
        if not self.has_repair_permission(request):
            raise PermissionDenied
        if request.method != "POST" or not answered(request, EVERYTHING):
            return ask(self, request, _everything(), ())
        with telling_when_the_queue_is_down(member(request)):
            for store in rotation.stores():
                tasks.seal_anew.delay(store.name, None, person(request).pk)
        text = _(
            "The workers seal everything anew. The column “Sealed with the newest key” shows it."
        )
        self.message_user(request, text, messages.SUCCESS)
        return redirect("admin:connectors_connection_changelist")


def _everything() -> Question:
    return Question(
        title=_("Rotate keys: seal everything with the newest key"),
        action="",
        lines=[
            _("%(what)s: sealed again where an older key was used.") % {"what": store.name}
            for store in rotation.stores()
        ],
        word=EVERYTHING,
        button=_("Seal everything anew"),
    )


ACTING: dict[Any, Any] = {
    Connection: SupportedConnectionAdmin,
    Cursor: SupportedCursorAdmin,
    PullRun: SupportedPullRunAdmin,
}


def register() -> None:
    """In place of the pages that know no shops: the same ones, which do."""
    for model, page in list(admin.site._registry.items()):
        if getattr(page, "to_connection", None) is None:
            continue
        shown: Any = type(page)
        admin.site.unregister(model)
        admin.site.register(model, ACTING.get(model) or type(shown.__name__, (OfAShop, shown), {}))

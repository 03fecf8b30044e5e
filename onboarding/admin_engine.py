"""What support does about checks and pulls, from the admin: each action is written into the shop's history.

The pages themselves are connectors/admin.py's, which knows no shops and no people.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import leases, runlog
from connectors.admin import CursorAdmin, PullRunAdmin
from connectors.models import Cursor, PullRun
from connectors.runs import AlreadyRunningError
from onboarding import services
from onboarding.admin_support import (
    OfAShop,
    Question,
    answered,
    ask,
    member,
    person,
    say,
    shops_of,
    too_many,
)
from onboarding.models import Shop
from onboarding.services import repairing, steering
from onboarding.views.pages import telling_when_the_queue_is_down


def each(rows: list[Any], connection: Callable[[Any], UUID]) -> tuple[list[tuple[Shop, Any]], int]:
    """Rows with their shops; and how many have none, in whose history nothing could be written."""
    shops = shops_of(map(connection, rows))
    found = [(shops[connection(row)], row) for row in rows if connection(row) in shops]
    return found, len(rows) - len(found)


class SupportedCursorAdmin(OfAShop, CursorAdmin):
    actions = ("retry", "start_over", "release_lease")

    @admin.action(description=gettext_lazy("Retry now"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Cursor]) -> None:
        if too_many(self, request, queryset):
            return
        found, left = each(list(queryset), lambda cursor: cursor.connection_id)
        with telling_when_the_queue_is_down(member(request)):
            for shop, cursor in found:
                steering.retry(shop, cursor.pk, by=person(request))
        say(self, request, _("Pulls that begin now: %(count)d."), len(found), left=left)

    @admin.action(
        description=gettext_lazy("Reset the cursor: read everything again"), permissions=["repair"]
    )
    def start_over(
        self, request: HttpRequest, queryset: QuerySet[Cursor]
    ) -> HttpResponseBase | None:
        """What is stored stays; reading it again changes only what the shop has changed."""
        if too_many(self, request, queryset) or not (shop := _one_shop(self, request, queryset)):
            return None
        cursors = list(queryset)
        if not answered(request, shop.slug):
            question = Question(
                title=_("Reset the cursor"),
                action="start_over",
                lines=[_what_is_lost(cursor) for cursor in cursors],
                word=shop.slug,
                button=_("Reset and read everything again"),
            )
            return ask(self, request, question, cursors)
        for cursor in cursors:
            repairing.reset_cursor(shop, cursor.pk, by=person(request))
        say(self, request, _("Cursors that begin anew: %(count)d."), len(cursors))
        return None

    @admin.action(description=gettext_lazy("Release the lease"), permissions=["repair"])
    def release_lease(
        self, request: HttpRequest, queryset: QuerySet[Cursor]
    ) -> HttpResponseBase | None:
        """A worker that is still at it loses it with its next page and stops by itself: only if confirmed."""
        if too_many(self, request, queryset):
            return None
        cursors = list(queryset)
        alive = [cursor for cursor in cursors if leases.is_at_work(cursor)]
        if alive:
            shop = _one_shop(self, request, queryset)
            if shop is None:
                return None
            if not answered(request, shop.slug):
                question = Question(
                    title=_("A worker is at it"),
                    action="release_lease",
                    lines=[_who_is_at_it(cursor) for cursor in alive],
                    word=shop.slug,
                    button=_("Take it from the worker"),
                )
                return ask(self, request, question, cursors)
        found, left = each(cursors, lambda cursor: cursor.connection_id)
        done = [repairing.release_lease(shop, cursor, by=person(request)) for shop, cursor in found]
        say(self, request, _("Leases released: %(count)d."), sum(done), left=left)
        return None


def _one_shop(
    page: admin.ModelAdmin[Any], request: HttpRequest, cursors: QuerySet[Cursor]
) -> Shop | None:
    """Whose name must be typed; None, and it is said, where the cursors are of several or of none."""
    connections = set(cursors.order_by().values_list("connection_id", flat=True).distinct())
    if len(connections) == 1 and (shops := shops_of(connections)):
        return next(iter(shops.values()))
    text = _("Choose what belongs to one shop. Nothing was done.")
    page.message_user(request, text, "ERROR")
    return None


def _what_is_lost(cursor: Cursor) -> str:
    if cursor.position_at is None:
        return _("%(what)s: was not read yet.") % {"what": cursor}
    text = _(
        "%(what)s: was read up to %(moment)s. That is forgotten, a pull under way is stopped, and the next"
        " one reads everything again. What is stored stays."
    )
    return text % {"what": cursor, "moment": f"{cursor.position_at:%Y-%m-%d %H:%M} UTC"}


def _who_is_at_it(cursor: Cursor) -> str:
    text = _(
        "%(what)s: a worker gave a sign of life not long ago. Released, it stores nothing more, and another"
        " one begins where it was."
    )
    return text % {"what": cursor}


class SupportedPullRunAdmin(OfAShop, PullRunAdmin):
    actions = ("retry", "release_held", "export_log")

    @admin.action(description=gettext_lazy("Retry now"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[PullRun]) -> None:
        """The data of these runs, once each."""
        if too_many(self, request, queryset):
            return
        cursors = list(Cursor.objects.filter(runs__in=queryset.order_by()).distinct())
        found, left = each(cursors, lambda cursor: cursor.connection_id)
        with telling_when_the_queue_is_down(member(request)):
            for shop, cursor in found:
                steering.retry(shop, cursor.pk, by=person(request))
        say(self, request, _("Pulls that begin now: %(count)d."), len(found), left=left)

    @admin.action(description=gettext_lazy("Believe what came and go on"), permissions=["repair"])
    def release_held(self, request: HttpRequest, queryset: QuerySet[PullRun]) -> None:
        """Of runs that are held because much less came than there was before."""
        if too_many(self, request, queryset):
            return
        found, left = each(list(queryset), lambda run: run.cursor.connection_id)
        done = [_believe(shop, run, request) for shop, run in found]
        say(self, request, _("Held pulls that go on: %(count)d."), sum(done), left=left)

    @admin.action(description=gettext_lazy("Download the log of one run"), permissions=["view"])
    def export_log(self, request: HttpRequest, queryset: QuerySet[PullRun]) -> HttpResponse | None:
        runs = list(queryset.select_related("cursor__connection")[:2])
        found, _left = each(runs, lambda run: run.cursor.connection_id)
        if len(runs) != 1 or not found:
            self.message_user(request, _("Choose one run, of a shop that is still there."), "ERROR")
            return None
        [(shop, run)] = found
        repairing.note_run_log(shop, run, by=person(request))
        name = f'attachment; filename="{shop.slug}-run-{run.pk}.jsonl"'
        return HttpResponse(
            runlog.text(run),
            content_type="application/x-ndjson; charset=utf-8",
            headers={"Content-Disposition": name},
        )


def _believe(shop: Shop, run: PullRun, request: HttpRequest) -> bool:
    try:
        return services.release_pull(shop, run, by=person(request))
    except AlreadyRunningError:
        return False

"""One shop as Kleep's staff see it: where it stands, why, and everything that can be done about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from connectors.models import Cursor, PullRun, ReceivedFile
from connectors.pulling import AlreadyRunningError
from onboarding import access, charts, events, notices, phases, services
from onboarding.access import MemberRequest
from onboarding.charts import Plot
from onboarding.console_forms import NoteForm, OwnerForm, RangeForm
from onboarding.models import HandOff, Membership, Note, Shop
from onboarding.services import NotConnectedError, steering
from onboarding.staff_views.pipeline import STEERING, may_steer
from onboarding.views.pages import telling_when_the_queue_is_down

RETRYING = (*STEERING, "support")
RUNS, PLOTTED, FILES, EVENTS, CHECKS, NOTES = 12, 30, 8, 15, 6, 20


@require_safe
@access.staff_page
def shop(request: MemberRequest, slug: str) -> HttpResponse:
    return _page(request, find(slug))


def find(slug: str) -> Shop:
    shops = Shop.objects.select_related("merchant", "connection", "connection__circuit", "owner")
    return get_object_or_404(shops, slug=slug)


def _page(
    request: MemberRequest,
    shop: Shop,
    *,
    note: NoteForm | None = None,
    range_: RangeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "shop": shop,
        "steps": phases.steps(shop),
        "notices": notices.of(shop),
        "notes": shop.notes.select_related("author")[:NOTES],
        "note_form": note or NoteForm(),
        "owner_form": OwnerForm(shop=shop),
        "range_form": range_ or RangeForm(),
        "members": Membership.objects.select_related("user").filter(merchant=shop.merchant_id),
        "links": HandOff.objects.filter(shop=shop).order_by("-created_at")[:FILES],
        "events": _events(shop),
        "may_steer": may_steer(request),
        "may_retry": request.user.staff_role in RETRYING or request.user.is_superuser,
        **_data(shop),
    }
    return render(request, "console/shop.html", context, status=status)


def _events(shop: Shop) -> list[events.Line]:
    recent = shop.events.select_related("actor", "hand_off")[:EVENTS]
    return [events.Line.of(event) for event in recent]


def _data(shop: Shop) -> dict[str, Any]:
    """Checks, cursors, runs with their plots, files: nothing of it without a connection."""
    connection = shop.connection
    if connection is None:
        return {}
    runs = PullRun.objects.select_related("cursor__connection").filter(
        cursor__connection=connection
    )
    newest = list(runs.order_by("-started_at")[:PLOTTED])
    cursors = Cursor.objects.filter(connection=connection).order_by("resource", "scope")
    return {
        "connection": connection,
        "checks": connection.checks.prefetch_related("lines")[:CHECKS],
        "cursors": cursors,
        "runs": newest[:RUNS],
        "plots": _plots(list(reversed(newest))),
        "files": ReceivedFile.objects.filter(connection=connection)[:FILES],
    }


def _plots(runs: list[PullRun]) -> list[Plot]:
    """Rows, duration and failures of the newest runs, the oldest first."""
    over = [run for run in runs if run.finished_at]
    if not over:
        return []
    labels = [f"#{run.pk}" for run in over]  # as in the list below
    of = _("Run")
    rows = charts.bars(
        "rows", _("Rows"), labels=labels, series={_("Rows"): [r.fetched for r in over]}, of=of
    )
    seconds = {_("Seconds"): [round(run.seconds, 1) for run in over]}
    duration = charts.lines("seconds", _("Duration"), labels=labels, series=seconds, of=of)
    failed = {_("Failures"): [int(run.state == PullRun.State.FAILED) for run in over]}
    failures = charts.bars("failures", _("Failures"), labels=labels, series=failed, of=of)
    return [plot for plot in (rows, duration, failures) if plot]


def _done(
    request: MemberRequest, slug: str, act: Callable[[Shop], object], said: str
) -> HttpResponse:
    """Do it to the shop and say so; a shop without a connection has nothing to do it to."""
    try:
        with telling_when_the_queue_is_down(request):
            act(find(slug))
        messages.success(request, said)
    except NotConnectedError:
        messages.error(request, _("This shop is not connected yet."))
    return redirect("console_shop", slug)


@require_POST
@access.staff_change(*RETRYING)
def recheck(request: MemberRequest, slug: str) -> HttpResponse:
    said = _("The check has begun.")
    return _done(request, slug, lambda shop: services.start_check(shop, by=request.user), said)


@require_POST
@access.staff_change(*RETRYING)
def retry(request: MemberRequest, slug: str, cursor: int) -> HttpResponse:
    def act(shop: Shop) -> None:
        try:
            steering.retry(shop, cursor, by=request.user)
        except Cursor.DoesNotExist:
            raise Http404 from None

    return _done(request, slug, act, _("It is tried again."))


@require_POST
@access.staff_change(*STEERING)
def pause(request: MemberRequest, slug: str) -> HttpResponse:
    said = _("Nothing of this shop is read until you go on.")
    return _done(request, slug, lambda shop: steering.pause(shop, by=request.user), said)


@require_POST
@access.staff_change(*STEERING)
def resume(request: MemberRequest, slug: str) -> HttpResponse:
    said = _("This shop is read again.")
    return _done(request, slug, lambda shop: steering.resume(shop, by=request.user), said)


@require_POST
@access.staff_change(*STEERING)
def repull(request: MemberRequest, slug: str, cursor: int) -> HttpResponse:
    shop, form = find(slug), RangeForm(request.POST)
    if not form.is_valid():
        return _page(request, shop, range_=form, status=422)
    try:
        steering.repull(shop, cursor, *form.moments, by=request.user)
    except (Cursor.DoesNotExist, NotConnectedError):
        raise Http404 from None
    except AlreadyRunningError:
        form.add_error(None, _("A pull of this is under way. Try again when it is over."))
        return _page(request, shop, range_=form, status=422)
    except ValueError:
        form.add_error(None, _("This kind of data has no dates to choose from: it is read whole."))
        return _page(request, shop, range_=form, status=422)
    messages.success(request, _("These days are read again."))
    return redirect("console_shop", slug)


@require_POST
@access.staff_page
def note(request: MemberRequest, slug: str) -> HttpResponse:
    shop, form = find(slug), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, shop, note=form, status=422)
    written: Note = steering.write_note(shop, form.cleaned_data["text"], by=request.user)
    return redirect(f"/console/shops/{slug}#note-{written.pk}")


@require_POST
@access.staff_change(*STEERING)
def assign(request: MemberRequest, slug: str) -> HttpResponse:
    shop = find(slug)
    form = OwnerForm(request.POST, shop=shop)
    if not form.is_valid():
        raise Http404
    steering.assign(shop, form.cleaned_data["owner"], by=request.user)
    messages.success(request, _("Noted who is in charge."))
    return redirect("console_shop", slug)


@require_POST
@access.staff_page
def look(request: MemberRequest, slug: str) -> HttpResponse:
    """See what they see: their pages, read-only, and written down."""
    shop = find(slug)
    steering.note_look(shop, by=request.user)
    request.session[access.LOOKING] = shop.slug
    return redirect("shop", slug)


@require_POST
@access.staff_page
def look_away(request: MemberRequest) -> HttpResponse:
    slug = request.session.pop(access.LOOKING, "")
    return redirect("console_shop", slug) if slug else redirect("pipeline")

"""One shop as Kleep's staff see it: where it stands, why, and everything that can be done about it."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from connectors.models import Cursor, PullRun
from connectors.newest import cursors_of
from connectors.pulling import AlreadyRunningError
from onboarding import access, admin_paths, event_details, overview, services
from onboarding.access import MemberRequest
from onboarding.console_forms import NoteForm, OwnerForm, RangeForm
from onboarding.models import Note, Shop, StaffRole, User
from onboarding.services import NotConnectedError, steering
from onboarding.staff_views.pipeline import STEERING, may_steer
from onboarding.views.pages import telling_when_the_queue_is_down

SEES_ADMIN = "onboarding.view_shop"
RETRYING = (*STEERING, "support")
PER_PAGE = 50


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
    status: int = 200,
) -> HttpResponse:
    role, is_superuser = request.user.staff_role, request.user.is_superuser
    context = {
        **overview.of(shop),
        "note_form": note or NoteForm(),
        "owner_form": OwnerForm(shop=shop),
        "may_steer": may_steer(request),
        "may_retry": role in RETRYING or is_superuser,
        "may_erase": role == StaffRole.MANAGER or is_superuser,
        "admin_ways": admin_paths.of_shop(shop) if request.user.has_perm(SEES_ADMIN) else [],
    }
    return render(request, "console/shop.html", context, status=status)


@require_safe
@access.staff_page
def history(request: MemberRequest, slug: str) -> HttpResponse:
    """All that happened to a shop."""
    shop = find(slug)
    page = Paginator(overview.happened(shop), PER_PAGE).get_page(request.GET.get("page"))
    lines = event_details.lines(page)
    return render(request, "console/history.html", {"shop": shop, "page": page, "events": lines})


@require_safe
@access.staff_page
def plots(request: MemberRequest, slug: str) -> HttpResponse:
    """How the newest pulls went: a part that the page of the shop fetches; a page without JavaScript."""
    shop = find(slug)
    if shop.connection is None:
        raise Http404
    template = "console/_plots.html" if request.htmx else "console/plots.html"
    return render(request, template, {"shop": shop, **overview.plots(shop.connection)})


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
def release(request: MemberRequest, slug: str, run: int) -> HttpResponse:
    """A pull that brought far less than before is believed, and goes on."""

    def act(shop: Shop) -> None:
        held = get_object_or_404(PullRun, pk=run, cursor__connection=shop.connection)
        services.release_pull(shop, held, by=request.user)

    try:
        return _done(request, slug, act, _("It goes on with what came."))
    except AlreadyRunningError:
        messages.error(request, _("A pull of this is under way. Try again when it is over."))
        return redirect("console_shop", slug)


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


@access.staff_change(*STEERING)
def repull(request: MemberRequest, slug: str) -> HttpResponse:
    """Ask which days of what are read again, and have them read."""
    shop = find(slug)
    cursors = cursors_of([shop.connection])[shop.connection.pk] if shop.connection else []
    form = RangeForm(request.POST or None, cursors=cursors)
    if form.is_valid() and _is_begun(shop, form, by=request.user):
        messages.success(request, _("These days are read again."))
        return redirect("console_shop", slug)
    context = {"shop": shop, "form": form}
    return render(request, "console/range.html", context, status=422 if form.errors else 200)


def _is_begun(shop: Shop, form: RangeForm, *, by: User) -> bool:
    """Else the form says why not."""
    try:
        steering.repull(shop, form.cleaned_data["cursor"], *form.moments, by=by)
    except AlreadyRunningError:
        form.add_error("cursor", _("A pull of this is under way. Try again when it is over."))
    except ValueError:
        whole = _("This kind of data has no dates to choose from: it is read whole.")
        form.add_error("cursor", whole)
    return not form.errors


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

"""Kleep's side of a go-live: look at the evidence, sign, approve, send back, undo."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, event_details, services
from onboarding.access import MemberRequest
from onboarding.checklist import Row
from onboarding.golive import GoLive
from onboarding.golive_forms import SendBackForm, TickForm, UndoForm
from onboarding.models import Shop
from onboarding.phases import Facts
from onboarding.views.golive import checklist_context
from onboarding.views.pages import told

PAGE, SIGNING = "console/golive.html", ("manager", "approver")
RECENT = 50


@require_safe
@access.staff_page
def golive(request: MemberRequest, slug: str) -> HttpResponse:
    return _page(request, _shop(slug))


def _shop(slug: str) -> Shop:
    return get_object_or_404(Shop.objects.select_related("merchant", "connection"), slug=slug)


def _page(
    request: MemberRequest,
    shop: Shop,
    *,
    send_back: SendBackForm | None = None,
    undo: UndoForm | None = None,
    status: int = 200,
) -> HttpResponse:
    facts = Facts(shop)
    preprod = checklist_context(facts, "validate")
    rows = preprod["checklist"].machine + preprod["checklist"].signed
    context = {
        **preprod,
        "shop": shop,
        "production": checklist_context(facts, "golive"),
        "send_back_form": send_back or SendBackForm(rows=_merchants(rows)),
        "undo_form": undo or UndoForm(),
        "may_sign": request.user.staff_role in SIGNING or request.user.is_superuser,
        "events": event_details.lines_in_brief(shop.events.select_related("actor")[:RECENT]),
    }
    return render(request, PAGE, context, status=status)


def _merchants(rows: list[Row]) -> dict[str, str]:
    return {str(row.key): row.title for row in rows if row.by != "kleep"}


@require_POST
@access.staff_change(*SIGNING)
def sign(request: MemberRequest, slug: str) -> HttpResponse:
    """One of Kleep's own lines."""
    shop, form = _shop(slug), TickForm(request.POST)
    if not form.is_valid():
        raise Http404
    item, signed = form.cleaned_data["item"], form.cleaned_data["signed"]
    act = services.tick if signed else services.untick
    told(request, lambda: act(shop, item, by=request.user))
    return redirect("console_golive", slug)


@require_POST
@access.staff_change(*SIGNING)
def approve(request: MemberRequest, slug: str) -> HttpResponse:
    shop = _shop(slug)
    if told(request, lambda: services.approve(shop, by=request.user)):
        messages.success(request, _("Approved. The merchant is told to put it into production."))
    return redirect("console_golive", slug)


@require_POST
@access.staff_change(*SIGNING)
def send_back(request: MemberRequest, slug: str) -> HttpResponse:
    shop = _shop(slug)
    checklist = GoLive(shop).preprod
    form = SendBackForm(request.POST, rows=_merchants(checklist.machine + checklist.signed))
    if not form.is_valid():
        return _page(request, shop, send_back=form, status=422)
    given = form.cleaned_data

    def act() -> object:
        return services.send_back(
            shop, by=request.user, reason=given["reason"], reasons=form.reasons(given)
        )

    if told(request, act):
        messages.success(request, _("Sent back. The merchant reads your reasons."))
    return redirect("console_golive", slug)


@require_POST
@access.staff_change(*SIGNING)
def undo(request: MemberRequest, slug: str) -> HttpResponse:
    shop, form = _shop(slug), UndoForm(request.POST)
    if not form.is_valid():
        return _page(request, shop, undo=form, status=422)
    reason = form.cleaned_data["reason"]
    if told(request, lambda: services.undo_go_live(shop, by=request.user, reason=reason)):
        messages.success(
            request, _("Undone. Pulls are paused, the data stays, the merchant is told.")
        )
    return redirect("console_golive", slug)

"""Erasure by Kleep's managers: what will go and what stays, a typed confirmation, a report that stays."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from kleep_portal import crypto
from onboarding import access, erasure_plan
from onboarding.access import MemberRequest
from onboarding.erasure_forms import NameAgainForm, ShopperAgainForm, ShopperForm, mark
from onboarding.erasure_plan import Plan
from onboarding.models import Erasure, Merchant, StaffRole
from onboarding.services import erasing
from onboarding.staff_views.shop import find

PER_PAGE = 50
Ask = Callable[[], Erasure]


@access.staff_change(StaffRole.MANAGER)
def shop(request: MemberRequest, slug: str) -> HttpResponse:
    found = find(slug)
    plan, label = erasure_plan.of_shop(found), _("Type %(name)s to confirm") % {"name": slug}
    form = NameAgainForm(request.POST or None, name=slug, label=label)
    if request.method == "POST" and form.is_valid():
        return _asked(
            request, lambda: erasing.ask_shop(found, by=request.user, expected=plan.expected)
        )
    title = _("Erase the shop %(name)s") % {"name": found.name}
    context = {"title": title, "shop": found, "merchant": found.merchant}
    return _confirm_page(request, form, plan, **context)


@access.staff_change(StaffRole.MANAGER)
def merchant(request: MemberRequest, merchant: str) -> HttpResponse:
    found = get_object_or_404(Merchant, pk=merchant)
    plan, label = erasure_plan.of_merchant(found), _("Type %(name)s to confirm")
    form = NameAgainForm(request.POST or None, name=found.name, label=label % {"name": found.name})
    if request.method == "POST" and form.is_valid():
        return _asked(
            request, lambda: erasing.ask_merchant(found, by=request.user, expected=plan.expected)
        )
    title = _("Erase the company %(name)s") % {"name": found.name}
    shops = list(found.shops.order_by("name"))
    return _confirm_page(request, form, plan, title=title, merchant=found, shops=shops)


@access.staff_change(StaffRole.MANAGER)
def shopper(request: MemberRequest, merchant: str) -> HttpResponse:
    """Whom; then what is found of them, and the same once more."""
    found = get_object_or_404(Merchant, pk=merchant)
    title = _("Erase a shopper of %(name)s") % {"name": found.name}
    if "seen" in request.POST:
        return _shopper_again(request, found, title)
    form = ShopperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reference = crypto.pseudonym(str(found.pk), form.cleaned_data["identifier"])
        again = ShopperAgainForm(initial={"seen": mark(reference)}, merchant=found.pk)
        plan = erasure_plan.of_shopper(found, reference)
        return _confirm_page(request, again, plan, title=title, merchant=found, is_shopper=True)
    context = {"form": form, "title": title, "merchant": found}
    status = 422 if form.errors else 200
    return render(request, "console/erase_shopper.html", context, status=status)


def _shopper_again(request: MemberRequest, merchant: Merchant, title: str) -> HttpResponse:
    form = ShopperAgainForm(request.POST, merchant=merchant.pk)
    if not form.is_the_same:
        anew = ShopperForm({"identifier": request.POST.get("again", "")})
        if anew.is_valid():
            anew.add_error("identifier", _("This was somebody else. Nothing was erased."))
        context = {"form": anew, "title": title, "merchant": merchant}
        return render(request, "console/erase_shopper.html", context, status=422)
    identifier = form.cleaned_data["again"]
    plan = erasure_plan.of_shopper(merchant, crypto.pseudonym(str(merchant.pk), identifier))
    return _asked(
        request,
        lambda: erasing.ask_shopper(merchant, identifier, by=request.user, expected=plan.expected),
    )


def _confirm_page(
    request: MemberRequest, form: NameAgainForm | ShopperAgainForm, plan: Plan, **context: object
) -> HttpResponse:
    status = 422 if form.errors else 200
    given = {**context, "form": form, "plan": plan}
    return render(request, "console/erase.html", given, status=status)


def _asked(request: MemberRequest, ask: Ask) -> HttpResponse:
    try:
        erasure = ask()
    except erasing.BeingErasedError as error:
        erasure = error.erasure
        messages.info(request, _("This is being erased already."))
    return redirect("erasure", erasure.pk)


@require_safe
@access.staff_change(StaffRole.MANAGER)
def index(request: MemberRequest) -> HttpResponse:
    reports = Erasure.objects.select_related("merchant", "by")
    page = Paginator(reports, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "console/erasures.html", {"page": page})


@require_safe
@access.staff_change(StaffRole.MANAGER)
def report(request: MemberRequest, erasure: int) -> HttpResponse:
    return render(request, "console/erasure.html", _report_context(_find(erasure)))


@require_safe
@access.staff_change(StaffRole.MANAGER)
def progress(request: MemberRequest, erasure: int) -> HttpResponse:
    """The part of the report that fetches itself again until it is over; then the whole page does."""
    found = _find(erasure)
    if request.htmx and (found.is_done or found.is_stuck):
        return HttpResponseClientRefresh()
    return render(request, "console/_erasure_progress.html", _report_context(found))


@require_safe
@access.staff_change(StaffRole.MANAGER)
def document(request: MemberRequest, erasure: int) -> JsonResponse:
    """The report to keep elsewhere, as soon as it is complete."""
    found = get_object_or_404(Erasure, pk=erasure, finished_at__isnull=False)
    answer = JsonResponse(
        {
            "erasure": found.pk,
            "kind": found.kind,
            "subject": found.subject,
            "company": found.merchant.name if found.merchant else found.subject,
            "asked_by": found.by.email if found.by else "",
            "asked_at": found.at.isoformat(),
            "finished_at": found.finished_at.isoformat() if found.finished_at else "",
            "removed": found.counts,
        },
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )
    answer["Content-Disposition"] = f'attachment; filename="erasure-{found.pk}.json"'
    return answer


def _find(erasure: int) -> Erasure:
    return get_object_or_404(Erasure.objects.select_related("merchant", "by"), pk=erasure)


def _report_context(erasure: Erasure) -> dict[str, object]:
    return {"erasure": erasure, "parts": erasure_plan.parts(erasure.counts)}

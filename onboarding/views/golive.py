"""The merchant's way to going live: the checklist, the looks of the machine, signatures, the certificate."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from onboarding import access, certificates, looking, services
from onboarding.access import MemberRequest
from onboarding.checklist import Checklist, stored_lines
from onboarding.golive import GoLive, Stage
from onboarding.golive_forms import TickForm
from onboarding.models import Certificate, Decision, Evidence, PageRun, Shop
from onboarding.phases import Facts
from onboarding.signed_lines import By
from onboarding.views import rows
from onboarding.views.pages import shop_response, telling_when_the_queue_is_down, told
from onboarding.widget.forms import PagesForm

SITES = {"validate": Shop.Environment.PREPROD, "golive": Shop.Environment.PRODUCTION}


@require_safe
@access.shop_page
def validate(request: MemberRequest, shop: Shop) -> HttpResponse:
    facts = Facts(shop)
    context = checklist_context(facts, "validate")
    context["is_merchants"] = services.signs_for_merchant(request.user, shop)
    return shop_response(
        request, shop, "onboarding/validate.html", here="validate", context=context, facts=facts
    )


@require_safe
@access.shop_page
def golive(request: MemberRequest, shop: Shop) -> HttpResponse:
    facts = Facts(shop)
    context = checklist_context(facts, "golive")
    return shop_response(
        request, shop, "onboarding/golive.html", here="golive", context=context, facts=facts
    )


@require_safe
@access.shop_page
def looks(request: MemberRequest, shop: Shop, site: str) -> HttpResponse:
    """The part of either page that fetches itself again while the machine looks; then the whole page does."""
    context = {
        "shop": shop,
        "may_change": access.may_change(request, shop),
        **checklist_context(Facts(shop), _known(site)),
    }
    if request.htmx and not context["checklist"].is_running:
        return HttpResponseClientRefresh()  # what may be signed has changed with it
    return render(request, "onboarding/_looks.html", context)


def _known(site: str) -> str:
    if site not in SITES:
        raise Http404
    return site


def checklist_context(known: Facts, site: str) -> dict[str, Any]:
    """What both pages, and Kleep's own, show of one site."""
    facts = known.of(GoLive)
    checklist = facts.preprod if site == "validate" else facts.production
    return {
        "site": site,
        "facts": facts,
        "stage": facts.stage,
        "checklist": checklist,
        "machine": rows.shown(checklist.machine),
        "merchant": rows.shown(checklist.of(By.MERCHANT)),
        "kleep": rows.shown(checklist.of(By.KLEEP)),
        "summary": rows.summary(checklist),
        "runs": _newest_runs(checklist),
        "browser": looking.worker_state(),
        "pages_form": PagesForm(initial={"urls": "\n".join(checklist.urls)}),
        "may_confirm": facts.stage in (Stage.PREPARING, Stage.UNDONE)
        and checklist.is_complete
        and not checklist.merchant_blockers,
        "verified": facts.last(Decision.Kind.VERIFIED),
        "undone": facts.newest if facts.stage is Stage.UNDONE else None,
    }


def _newest_runs(checklist: Checklist) -> list[PageRun]:
    """The newest of each page, finished or not."""
    found: dict[str, PageRun] = {}
    for run in checklist.runs:
        found.setdefault(run.url, run)
    return [found[url] for url in checklist.urls if url in found]


@require_POST
@access.shop_change
def look_start(request: MemberRequest, shop: Shop, site: str) -> HttpResponse:
    return _start(request, shop, _known(site))


def _start(request: MemberRequest, shop: Shop, site: str) -> HttpResponse:
    with telling_when_the_queue_is_down(request):
        told(
            request,
            lambda: services.start_page_runs(shop, SITES[site], by=request.user),
        )
    return redirect(site, shop.slug)


@require_POST
@access.shop_change
def pages_save(request: MemberRequest, shop: Shop, site: str) -> HttpResponse:
    """Which product pages are looked at."""
    form = PagesForm(request.POST)
    if not form.is_valid():
        context = {**checklist_context(Facts(shop), _known(site)), "pages_form": form}
        template = f"onboarding/{site}.html"
        return shop_response(request, shop, template, here=site, context=context, status=422)
    environment = SITES[_known(site)]
    services.set_product_pages(shop, environment, form.cleaned_data["urls"], by=request.user)
    return _start(request, shop, site)


@require_POST
@access.shop_change
def tick(request: MemberRequest, shop: Shop) -> HttpResponse:
    form = TickForm(request.POST)
    if not form.is_valid():
        raise Http404
    given = form.cleaned_data
    if given["signed"]:
        told(
            request,
            lambda: services.tick(shop, given["item"], by=request.user, fingerprint=given["seen"]),
        )
    else:
        told(request, lambda: services.untick(shop, given["item"], by=request.user))
    return redirect("validate", shop.slug)


@require_POST
@access.shop_change
def confirm(request: MemberRequest, shop: Shop) -> HttpResponse:
    if told(request, lambda: services.confirm(shop, by=request.user)):
        messages.success(request, _("Signed. It is Kleep's turn now; we write to you."))
    return redirect("validate", shop.slug)


@require_safe
@access.shop_page
def look(request: MemberRequest, shop: Shop, run: int) -> HttpResponse:
    """One look at a page, with the one before it at its side."""
    found = get_object_or_404(PageRun, pk=run, shop=shop)
    before = looking.previous(found)
    site = "golive" if looking.is_production(found) else "validate"
    pictures = {one.name: one for one in before.evidence.all()} if before else {}
    context = {
        "run": found,
        "before": before,
        "site": site,
        "lines": rows.of_lines(stored_lines(found)),
        "pairs": [(one, pictures.get(one.name)) for one in found.evidence.all()],
        "details": rows.details(found),
    }
    return shop_response(request, shop, "onboarding/look.html", here=site, context=context)


@require_safe
@access.shop_page
def evidence(request: MemberRequest, shop: Shop, picture: int) -> FileResponse:
    """A picture of a run, for members of the shop's merchant and Kleep alone."""
    found = get_object_or_404(Evidence, pk=picture, run__shop=shop)
    name = f"{shop.slug}-{found.run_id}-{found.name}.jpg"
    answer = FileResponse(found.file.open(), as_attachment=True, filename=name)
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@require_safe
@access.shop_page
def certificate(request: MemberRequest, shop: Shop) -> HttpResponse:
    decision = _verified(shop)
    context = {
        "paper": certificates.paper(decision),
        "printed": decision.certificates.filter(language=get_language()).first(),
    }
    return shop_response(
        request, shop, "onboarding/certificate.html", here="golive", context=context
    )


@require_safe
@access.shop_page
def certificate_pdf(request: MemberRequest, shop: Shop) -> FileResponse:
    """In the reader's language."""
    found = get_object_or_404(Certificate, decision=_verified(shop), language=get_language())
    name = f"{shop.slug}-go-live.pdf"
    return FileResponse(found.file.open(), as_attachment=True, filename=name)


def _verified(shop: Shop) -> Decision:
    """The decision by which it is live now. A go-live that was undone has no certificate any more."""
    facts = GoLive(shop)
    found = facts.last(Decision.Kind.VERIFIED)
    if facts.stage is not Stage.LIVE or found is None:
        raise Http404
    return found

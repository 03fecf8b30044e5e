"""The pull: start it, and watch it arrive."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, notices, phases, progress, services
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.views.pages import shop_response, telling_when_the_queue_is_down


@require_safe
@access.shop_page
def pull(request: MemberRequest, shop: Shop) -> HttpResponse:
    context = _context(shop)
    return shop_response(request, shop, "onboarding/pull.html", here="pull", context=context)


@require_safe
@access.shop_page
def pull_progress(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The part of the page that fetches itself again while the pull runs."""
    may_change = access.can_change(request.user, shop.merchant)
    context = {"shop": shop, "may_change": may_change, **_context(shop)}
    return render(request, "onboarding/_pull_progress.html", context)


@require_POST
@access.shop_change
def pull_start(request: MemberRequest, shop: Shop) -> HttpResponse:
    if shop.connection is None:
        raise Http404
    with telling_when_the_queue_is_down(request):
        services.start_pull(shop, by=request.user)
    return redirect("pull", shop.slug)


def _context(shop: Shop) -> dict[str, Any]:
    if shop.connection is None:
        raise Http404
    facts = phases.Access(shop)
    lines = [progress.Line.of(run) for run in facts.runs]
    waiting = phases.waiting_cursors(shop.connection)
    return {
        "runs": lines,
        "summary": progress.summary(lines, waiting=waiting or facts.is_beginning),
        "is_running": bool(waiting) or facts.is_beginning or any(line.is_running for line in lines),
        "has_data": facts.has_data,
        "notices": notices.of(shop),
    }

"""The pull: start it, and watch it arrive."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, notices, platforms, progress, services
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.phases import Access, Facts
from onboarding.views.pages import (
    shop_context,
    shop_response,
    telling_when_the_queue_is_down,
)


@require_safe
@access.shop_page
def pull(request: MemberRequest, shop: Shop) -> HttpResponse:
    facts = Facts(shop)
    context = _context(facts)
    return shop_response(
        request, shop, "onboarding/pull.html", here="pull", context=context, facts=facts
    )


@require_safe
@access.shop_page
def pull_progress(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The part of the page that fetches itself again while the pull runs."""
    facts = Facts(shop)
    context = {**shop_context(request, shop, here="pull", facts=facts), **_context(facts)}
    return render(request, "onboarding/_pull_progress.html", context)


@require_POST
@access.shop_change
def pull_start(request: MemberRequest, shop: Shop) -> HttpResponse:
    if not platforms.is_connected(shop):
        raise Http404
    with telling_when_the_queue_is_down(request):
        services.start_pull(shop, by=request.user)
    return redirect("pull", shop.slug)


def _context(facts: Facts) -> dict[str, Any]:
    if not platforms.is_connected(facts.shop):
        raise Http404
    known = facts.of(Access)
    assert known.connection is not None  # noqa: S101  # just seen
    lines = [progress.Line.of(run) for run in known.runs]
    waiting = known.waiting or int(known.is_beginning)
    return {
        "runs": lines,
        "summary": progress.summary(lines, waiting=waiting),
        "is_running": bool(waiting) or any(line.is_running for line in lines),
        "has_data": known.has_data,
        "check_has_problem": known.check is not None
        and known.check.finished_at is not None
        and not known.check_is_ok,
        "notices": notices.of(facts.shop, facts),
    }

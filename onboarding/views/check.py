"""The check: its lines as they arrive, and tests asked for again."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, data_sources, findings, notices, phases, platforms, services
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.phases import Access, Facts
from onboarding.views.pages import (
    shop_context,
    shop_response,
    telling_when_the_queue_is_down,
)


@require_safe
@access.shop_task("access", viewers=True)
def check(request: MemberRequest, shop: Shop) -> HttpResponse:
    facts = Facts(shop)
    context = _context(request, facts)
    return shop_response(
        request, shop, "onboarding/check.html", here="check", context=context, facts=facts
    )


@require_safe
@access.shop_task("access", viewers=True)
def check_lines(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The part of the page that fetches itself again while the check runs."""
    facts = Facts(shop)
    shared = shop_context(request, shop, here="check", facts=facts)
    context = {**shared, **_context(request, facts)}
    return render(request, "onboarding/_check_lines.html", context)


@require_POST
@access.shop_task("access")
def check_start(request: MemberRequest, shop: Shop) -> HttpResponse:
    _connected(shop)
    with telling_when_the_queue_is_down(request):
        services.start_check(shop, by=request.actor)
    return redirect("check", shop.slug)


@require_POST
@access.shop_task("access")
def check_again(request: MemberRequest, shop: Shop, resource: str) -> HttpResponse:
    """One line again; the others keep what they said."""
    _connected(shop)
    with telling_when_the_queue_is_down(request):
        try:
            services.check_again(shop, resource, by=request.actor)
        except KeyError:
            raise Http404 from None
    return redirect(f"{reverse('check', args=[shop.slug])}#line-{resource}")


def _connected(shop: Shop) -> None:
    if not platforms.is_connected(shop):
        raise Http404


def _context(request: MemberRequest, facts: Facts) -> dict[str, Any]:
    shop = facts.shop
    _connected(shop)
    assert shop.connection is not None  # noqa: S101  # just seen
    known = facts.of(Access)
    latest = known.check
    if latest is None:
        return {"lines": []}
    lines = findings.lines(latest)
    return {
        "lines": lines,
        "summary": findings.summary(latest, lines),
        "is_running": latest.finished_at is None,
        "is_stuck": findings.is_stuck(latest, lines),
        "copies": findings.messages(shop.name, latest, lines),
        "sources": data_sources.of(latest),
        "files_url": "" if request.hand_off else _files_url(facts),
        "notices": notices.of(shop, facts),
        "has_arrived": _has_arrived(facts),
        "is_arriving": known.is_waiting or known.is_beginning or bool(known.runs),
    }


def _has_arrived(facts: Facts) -> bool:
    done = (task.key for task in phases.tasks(facts.shop, facts) if task.is_done)
    return "pull" in done


def _files_url(facts: Facts) -> str:
    """Where to send what the shop does not give, if that is possible for this shop."""
    wanted = (
        task.url for task in phases.tasks(facts.shop, facts) if task.key == "files" and task.is_open
    )
    return next(wanted, "")

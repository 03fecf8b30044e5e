"""The check: its lines as they arrive, and tests asked for again."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, findings, notices, phases, platforms, services
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.views.pages import (
    shop_context,
    shop_response,
    telling_when_the_queue_is_down,
)


@require_safe
@access.shop_task("access", viewers=True)
def check(request: MemberRequest, shop: Shop) -> HttpResponse:
    context = _context(request, shop)
    return shop_response(request, shop, "onboarding/check.html", here="check", context=context)


@require_safe
@access.shop_task("access", viewers=True)
def check_lines(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The part of the page that fetches itself again while the check runs."""
    context = {**shop_context(request, shop, here="check"), **_context(request, shop)}
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
    return redirect("check", shop.slug)


def _connected(shop: Shop) -> None:
    if not platforms.is_connected(shop):
        raise Http404


def _context(request: MemberRequest, shop: Shop) -> dict[str, Any]:
    _connected(shop)
    assert shop.connection is not None  # noqa: S101  # just seen
    latest = shop.connection.checks.first()
    if latest is None:
        return {"lines": []}
    lines, facts = findings.lines(latest), phases.Access(shop)
    return {
        "lines": lines,
        "summary": findings.summary(latest, lines),
        "is_running": latest.finished_at is None,
        "is_stuck": findings.is_stuck(latest, lines),
        "copies": findings.messages(shop.name, latest, lines),
        "sources": findings.sources(latest),
        "files_url": "" if request.hand_off else _files_url(shop),
        "notices": notices.of(shop),
        "is_arriving": facts.is_waiting or facts.is_beginning or bool(facts.runs),
    }


def _files_url(shop: Shop) -> str:
    """Where to send what the shop does not give, if that is possible for this shop."""
    wanted = (task.url for task in phases.tasks(shop) if task.key == "files" and task.is_open)
    return next(wanted, "")

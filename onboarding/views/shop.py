"""The first page of a shop: what comes next, all the steps, and what happened."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from onboarding import access, event_details, events, notices
from onboarding.access import MemberRequest
from onboarding.models import Event, Shop
from onboarding.phases import Facts
from onboarding.views.pages import shop_response

RECENT, PER_PAGE = 8, 50


@require_safe
@access.shop_page
def shop(request: MemberRequest, shop: Shop) -> HttpResponse:
    newest = list(_happened(shop)[: RECENT + 1])
    facts = Facts(shop)
    context = {
        "events": event_details.lines_in_brief(newest[:RECENT]),
        "has_more_events": len(newest) > RECENT,
        "notices": notices.of(shop, facts),
    }
    return shop_response(
        request, shop, "onboarding/shop.html", here="", context=context, facts=facts
    )


@require_safe
@access.shop_page
def history(request: MemberRequest, shop: Shop) -> HttpResponse:
    """All that happened to the shop, the newest first."""
    page = Paginator(_happened(shop), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "events": event_details.lines_in_brief(page)}
    return shop_response(request, shop, "onboarding/history.html", here="", context=context)


def _happened(shop: Shop) -> QuerySet[Event]:
    """What is not of Kleep's own business."""
    theirs = shop.events.exclude(kind__in=events.INTERNAL)
    return theirs.select_related("actor", "hand_off")

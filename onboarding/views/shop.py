"""The first page of a shop: what comes next, all the steps, and what happened."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from onboarding import access, events, notices
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.phases import Facts
from onboarding.views.pages import shop_response

RECENT = 8


@require_safe
@access.shop_page
def shop(request: MemberRequest, shop: Shop) -> HttpResponse:
    theirs = shop.events.exclude(kind__in=events.INTERNAL)
    recent = theirs.select_related("actor", "hand_off")[:RECENT]
    facts = Facts(shop)
    context = {
        "events": [events.Line.of(event) for event in recent],
        "notices": notices.of(shop, facts),
    }
    return shop_response(
        request, shop, "onboarding/shop.html", here="", context=context, facts=facts
    )

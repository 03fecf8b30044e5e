"""The questions about the products, what the answers will do, and the answers kept."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from connectors import connections
from connectors.arrivals import LABELS
from connectors.attributes import Offer
from connectors.errors import ConnectorError
from connectors.models import Connection
from connectors.remapping import Plan
from onboarding import access, platforms, services
from onboarding.access import MemberRequest
from onboarding.configuration_form import ConfigurationForm, chosen
from onboarding.models import Shop
from onboarding.product_questions import DESCRIBING
from onboarding.views.pages import shop_response, telling_when_the_queue_is_down

REMEMBERED = 600  # seconds for which a shop is not asked again for its attributes
NOTHING = Offer(attributes=(), proposed={})


@access.shop_change
def configuration(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """Whoever changes an answer that touches stored rows is told first what will happen."""
    if shop.connection is None and shop.platform != platforms.OTHER:
        return redirect("access", shop.slug)
    offer, problem = _offer(shop.connection, anew="again" in request.GET)
    data = request.POST if request.method == "POST" else None
    form = ConfigurationForm(data, shop=shop, offer=offer)
    if request.method != "POST" or not form.is_valid():
        return _page(request, shop, form, problem)
    answers = services.Answers(
        config=form.config(),
        languages=form.cleaned_data["languages"],
        unknown=form.unknown(),
        dimensions_in_files=form.in_files,
        remark=form.cleaned_data["remark"],
        proposed=offer.proposed,
    )
    plan = services.plan_configuration(shop, answers)
    if not plan.does_nothing and "confirmed" not in request.POST:
        context = {"sent": list(chosen(form)), **_said(plan)}
        return _response(request, shop, "onboarding/configuration_confirm.html", context)
    with telling_when_the_queue_is_down(request):
        services.save_configuration(shop, answers, by=request.user)
    messages.success(request, _("Your answers are saved. You can change them at any time."))
    return redirect("dimensions" if form.in_files else "shop", shop.slug)


def _page(
    request: MemberRequest, shop: Shop, form: ConfigurationForm, problem: str
) -> HttpResponse:
    asked = [form[one.role] for one in DESCRIBING if one.role in form.fields]
    context = {"form": form, "describing": asked, "problem": problem}
    for role in ("size", "dimensions"):
        if role in form.fields:
            context[f"more_{role}"] = form.more(role)
    return _response(request, shop, "onboarding/configuration.html", context)


def _response(
    request: MemberRequest, shop: Shop, template: str, context: dict[str, Any]
) -> HttpResponse:
    return shop_response(request, shop, template, here="configuration", context=context)


def _said(plan: Plan) -> dict[str, Any]:
    return {
        "reread": [str(LABELS[name]) for name in plan.reread],
        "rows": plan.rows,
        "emptied": plan.emptied,
        "sources_change": plan.sources_change,
    }


def _offer(connection: Connection | None, *, anew: bool) -> tuple[Offer, str]:
    """The shop's attributes as it tells them now, or a few minutes ago; or why it does not."""
    if connection is None or not connection.connector_class.roles:
        return NOTHING, ""
    key = f"attributes:{connection.pk}"
    found: Offer | None = None if anew else cache.get(key)
    if found is not None:
        return found, ""
    try:
        with connections.open_for_a_person(connection) as connector:
            found = connector.offer()
    except ConnectorError as error:
        return NOTHING, str(error.message)
    cache.set(key, found, REMEMBERED)
    return found, ""

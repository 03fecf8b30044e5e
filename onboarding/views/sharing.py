"""A second shop on the same access: no credentials again, only the store view."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from connectors import connections
from connectors.base import StoreView
from connectors.errors import ConnectorError
from onboarding import access, platforms, services
from onboarding.access import MemberRequest
from onboarding.forms import StoreViewForm
from onboarding.models import Shop
from onboarding.views.pages import shop_response, telling_when_the_queue_is_down


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What the other shop's access serves; `problem`: why it could not be asked."""

    source: Shop
    views: list[StoreView]
    problem: str = ""


@access.shop_change
def share(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    sources = platforms.sharable(shop)
    if not sources:
        raise Http404
    offer = _offer(sources, request.GET.get("of", ""))
    codes = [view.code for view in offer.views]
    form = StoreViewForm(request.POST or None, codes=codes)
    is_whole = not codes and not offer.problem  # the platform has no store views: nothing to choose
    if request.method == "POST" and (is_whole or form.is_valid()):
        store = "" if is_whole else form.cleaned_data["store"]
        if _share(request, shop, offer.source, store, form=form):
            return redirect("check", shop.slug)
    context = {
        "sources": sources,
        "offer": offer,
        "form": form,
        "is_whole": is_whole,
        "chosen": form["store"].value(),
        "taken": _taken(shop, offer.source),
    }
    return shop_response(request, shop, "onboarding/share.html", here="access", context=context)


def _offer(sources: list[Shop], wanted: str) -> Offer:
    source = next((one for one in sources if one.slug == wanted), sources[0])
    assert source.connection is not None  # noqa: S101  # sharable() gives connected ones alone
    try:
        return Offer(source=source, views=connections.store_views(source.connection))
    except ConnectorError as error:
        return Offer(source=source, views=[], problem=str(error.message))


def _taken(shop: Shop, source: Shop) -> dict[str, str]:
    """Names of the shops by the store view that they are already."""
    others = Shop.objects.filter(merchant=shop.merchant_id, connection=source.connection)
    return {one.store: one.name for one in others.exclude(store="")}


def _share(
    request: MemberRequest, shop: Shop, source: Shop, store: str, *, form: StoreViewForm
) -> bool:
    """Whether it worked; a refusal is put on the form."""
    try:
        services.share_connection(shop, source, store=store, by=request.actor)
    except ConnectorError as error:
        form.add_error(None, error.message)
        return False
    messages.success(request, _("This shop uses the access of %(other)s.") % {"other": source.name})
    with telling_when_the_queue_is_down(request):
        services.start_check(shop, by=request.actor)
        services.start_pull(shop, by=request.actor)
    return True

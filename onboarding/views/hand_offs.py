"""A task for somebody without an account: make a link, see what became of it, withdraw it, open it."""

from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from onboarding import access, links, phases, services
from onboarding.access import MemberRequest
from onboarding.forms import HandOffForm
from onboarding.models import HandOff, Shop
from onboarding.views.pages import shop_response


@access.shop_change
def hand_offs(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """Who has which task in hand, and a form for another link."""
    facts = phases.Facts(shop)
    form = HandOffForm(
        request.POST if request.method == "POST" else None,
        tasks=[task.key for task in phases.tasks(shop, facts)],
        initial={"task": request.GET.get("task", ""), "language": request.LANGUAGE_CODE},
    )
    if request.method == "POST" and form.is_valid():
        link = services.hand_off(shop, **form.cleaned_data, by=request.user)
        messages.success(request, _("The link is on its way to %(who)s.") % {"who": link.email})
        return redirect("hand_offs", shop.slug)
    context = {"form": form, "links": shop.hand_offs.select_related("created_by")}
    return shop_response(
        request, shop, "people/hand_offs.html", here="", context=context, facts=facts
    )


@require_POST
@access.shop_change
def hand_off_revoke(request: MemberRequest, shop: Shop, link: str) -> HttpResponseBase:
    found = get_object_or_404(HandOff, pk=link, shop=shop)
    services.revoke_hand_off(found, by=request.user)
    messages.success(request, _("The link of %(who)s opens nothing any more.") % {"who": found})
    return redirect("hand_offs", shop.slug)


@require_POST
@access.shop_change
def hand_off_renew(request: MemberRequest, shop: Shop, link: str) -> HttpResponseBase:
    found = get_object_or_404(HandOff, pk=link, shop=shop)
    services.renew_hand_off(found, by=request.user)
    messages.success(request, _("A new link is on its way to %(who)s.") % {"who": found.email})
    return redirect("hand_offs", shop.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def hand_off_open(request: MemberRequest, token: str) -> HttpResponseBase:
    """The link from the e-mail: by its button this browser may do the task, without the token in its address.

    To look at it opens nothing and is not written down: mail programs and scanners follow links, too.
    """
    too_often: HttpResponseBase | None = consume_or_429(request, action="open_link", limit_get=True)
    if too_often:
        return too_often
    link = links.find(HandOff, token)
    if link is None or not link.is_open:
        return access.link_over(request, link)
    task = next((task for task in phases.tasks(link.shop) if task.key == link.task), None)
    if task is None:
        raise Http404
    if not links.is_remembered(request.session, link):
        if request.method != "POST":
            return render(request, "people/link_open.html", {"link": link})
        links.remember(request.session, link)
        services.open_hand_off(link)
    return redirect(task.url)

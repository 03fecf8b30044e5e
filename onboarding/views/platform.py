"""What a shop runs on, chosen before anything else and changeable until it is connected."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from onboarding import access, platforms, services
from onboarding.access import MemberRequest
from onboarding.forms import PlatformForm
from onboarding.models import Shop
from onboarding.views.pages import shop_response


@access.shop_task("access")
def platform(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    if platforms.is_connected(shop):
        messages.info(request, _("This shop is connected already: its platform stays."))
        return redirect("access", shop.slug)
    form = PlatformForm(request.POST or None, initial={"platform": shop.platform})
    if request.method == "POST" and form.is_valid():
        services.choose_platform(shop, form.cleaned_data["platform"], by=request.actor)
        return redirect(_next(request, shop), shop.slug)
    context = {"form": form, "choices": platforms.choices(), "chosen": form["platform"].value()}
    return shop_response(request, shop, "onboarding/platform.html", here="access", context=context)


def _next(request: MemberRequest, shop: Shop) -> str:
    """Files are another task: whoever holds a link to this one has done theirs by saying so."""
    if shop.platform != platforms.OTHER:
        return "access"
    if request.hand_off is None:
        return "shop"
    messages.success(request, _("Noted. Your part is done: this shop sends files instead."))
    return "platform"

"""How the button is chosen, and the ways to put it on a page: snippet, module, tag manager, WSHOP."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from onboarding import access, services
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.views.pages import shop_response
from onboarding.views.widget_steps import TASK, address, site, sites, tabs
from onboarding.widget import consent, gtm, magento_module, snippet
from onboarding.widget.consent import TOOLS
from onboarding.widget.forms import WidgetForm
from onboarding.widget.kleep import Kleep
from onboarding.widget.settings import Placement, WidgetSettings

WAYS = ("html", "magento", "gtm", "wshop")


@access.shop_task(TASK)
def widget_settings(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    form = WidgetForm(
        request.POST if request.method == "POST" else None, chosen=WidgetSettings.of(shop.widget)
    )
    if request.method == "POST" and form.is_valid():
        was_chosen = bool(shop.widget)
        if services.save_widget_settings(shop, form.to_settings(), by=request.actor):
            is_older = _("Saved. What you copied before is an earlier version now.")
            messages.success(request, is_older if was_chosen else _("Saved."))
        return redirect("widget_install", shop.slug)
    context = {"form": form, "tools": TOOLS.values(), **tabs(shop, "settings")}
    return shop_response(
        request, shop, "onboarding/widget_settings.html", here=TASK, context=context
    )


@require_safe
@access.shop_task(TASK, viewers=True)
def widget_install(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """The ways to put the button on a page, each with its steps."""
    here, way = site(request, shop), request.GET.get("way") or _usual_way(shop)
    if way not in WAYS:
        raise Http404
    chosen = WidgetSettings.of(shop.widget)
    context = {
        "way": way,
        "ways": [
            (key, label, f"{address('widget_install', shop, here)}&way={key}")
            for key, label in _ways().items()
        ],
        "chosen": chosen,
        "needs_selector": way == "gtm" and chosen.placement is Placement.INLINE,
        "code": snippet.of_shop(shop, here) if chosen.retailer_uuid else "",
        "tool": TOOLS[chosen.cmp].label,
        "key": consent.key(chosen),
        "key_label": TOOLS[chosen.cmp].key_label,
        "install": magento_module.commands("Install"),
        "uninstall": magento_module.commands("Uninstall"),
        "event": gtm.EVENT,
        "data_layer": list(gtm.DATA_LAYER.items()),
        **tabs(shop, "install"),
        **sites(shop, here, "widget_install"),
    }
    return shop_response(
        request, shop, "onboarding/widget_install.html", here=TASK, context=context
    )


@require_safe
@access.shop_task(TASK, viewers=True)
def widget_module(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The Magento module; with `integration` it also declares the integration."""
    wanted = magento_module.permissions() if "integration" in request.GET else ()
    return _file(
        request,
        shop,
        lambda **given: magento_module.build(**given, permissions=wanted).as_zip(),
        name="kleep-size-button.zip",
        content_type="application/zip",
    )


@require_safe
@access.shop_task(TASK, viewers=True)
def widget_tag(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The container for the tag manager."""
    name = f"kleep-{shop.slug}-gtm.json"
    return _file(request, shop, gtm.as_file, name=name, content_type="application/json")


def _file(
    request: MemberRequest,
    shop: Shop,
    make: Callable[..., bytes],
    *,
    name: str,
    content_type: str,
) -> HttpResponse:
    chosen = WidgetSettings.of(shop.widget)
    if not chosen.retailer_uuid:
        raise Http404
    here = site(request, shop)
    content = make(settings=chosen, slug=shop.slug, environment=here, kleep=Kleep.configured())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _ways() -> dict[str, str]:
    return {
        "html": _("Snippet"),
        "magento": _("Magento module"),
        "gtm": "Google Tag Manager",
        "wshop": "WSHOP",
    }


def _usual_way(shop: Shop) -> str:
    """What a shop on that platform most likely takes."""
    platform = shop.connection.platform if shop.connection else shop.platform
    return platform if platform in ("magento", "wshop") else "html"

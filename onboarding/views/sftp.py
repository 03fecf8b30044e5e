"""How files come by themselves: to Kleep's SFTP server with the merchant's keys, or from the merchant's."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from connectors import sshkeys
from connectors.sshkeys import KeyRefusedError, Pair
from onboarding import access, pickups, sftp_accounts
from onboarding.access import MemberRequest
from onboarding.file_forms import NameForm, PublicKeyForm
from onboarding.models import FileSource, SftpAccount, SftpKey, Shop
from onboarding.services import files as services
from onboarding.services import sftp_keys
from onboarding.views.pages import shop_response


@require_safe
@access.shop_task("files")
def page(request: MemberRequest, shop: Shop) -> HttpResponse:
    return _page(request, shop)


@require_POST
@access.shop_task("files")
def way(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    chosen = request.POST.get("way", "")
    if chosen not in FileSource.Way.values:
        raise Http404
    source = services.source_of(shop)
    if chosen == FileSource.Way.OWN and source.server is None:
        return redirect("file_server", shop.slug)
    services.choose_way(shop, chosen, by=request.actor)
    return redirect("sftp" if chosen == FileSource.Way.KLEEP else "files", shop.slug)


@require_POST
@access.shop_task("files")
def key_add(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """What was pasted never comes back to the page: it may have been the private key."""
    form = PublicKeyForm(request.POST)
    if form.is_valid():
        try:
            key = sftp_keys.add_sftp_key(
                shop, form.cleaned_data["name"], form.cleaned_data["key"], by=request.actor
            )
        except KeyRefusedError as refused:
            form.add_error("key", str(refused.text))
        else:
            messages.success(request, _("%(key)s may log in from now on.") % {"key": key.name})
            return redirect("sftp", shop.slug)
    form.data = {"name": request.POST.get("name", "")[:100]}
    return _page(request, shop, key_form=form)


@never_cache
@require_POST
@access.shop_task("files")
def key_make(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """A new pair. Its private part stands on this one page and nowhere else, ever."""
    form = NameForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    try:
        pair = sftp_keys.make_sftp_key(shop, name, by=request.actor)
    except KeyRefusedError as refused:
        messages.error(request, str(refused.text))
        return redirect("sftp", shop.slug)
    return _page(request, shop, pair=pair)


@require_POST
@access.shop_task("files")
def key_remove(request: MemberRequest, shop: Shop, key_id: int) -> HttpResponseBase:
    try:
        sftp_keys.remove_sftp_key(shop, key_id, by=request.actor)
    except SftpKey.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The key was removed: it is refused from now on."))
    return redirect("sftp", shop.slug)


def _page(
    request: MemberRequest,
    shop: Shop,
    *,
    key_form: PublicKeyForm | None = None,
    pair: Pair | None = None,
) -> HttpResponse:
    account = SftpAccount.objects.filter(merchant=shop.merchant).first()
    source = services.source_of(shop)
    context: dict[str, Any] = {
        "source": source,
        "window": pickups.window(source.time_zone),
        "ways": FileSource.Way,
        "account": account,
        "keys": sftp_keys.keys_of(shop, by=request.actor),
        "key_form": key_form or PublicKeyForm(),
        "name_form": NameForm(auto_id="made_%s"),
        "pair": pair,
        "is_offered": pickups.is_offered(),
        "server": _server(shop, account),
        "folder": sftp_accounts.folder_of(shop),
    }
    return shop_response(request, shop, "onboarding/sftp.html", here="files", context=context)


def _server(shop: Shop, account: SftpAccount | None) -> list[tuple[str, str]]:
    """What somebody types into an SFTP program."""
    host_key = settings.SFTP_HOST_KEY
    known = [
        (_("Server"), settings.SFTP_HOST),
        (_("Port"), str(settings.SFTP_PORT) if settings.SFTP_HOST else ""),
        (_("User name"), account.username if account else _("Made with your first key")),
        (_("Folder"), sftp_accounts.folder_of(shop)),
        (_("Its fingerprint"), sshkeys.fingerprint(host_key) if host_key else ""),
    ]
    return [(name, value) for name, value in known if value]

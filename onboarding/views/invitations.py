"""An invitation: open it, make an account or use the one there is, and be led to the shop."""

from typing import cast

from allauth.account.utils import perform_login
from allauth.core.ratelimit import consume_or_429
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from onboarding import access, links, services
from onboarding.forms_people import RegisterForm
from onboarding.models import Invitation, Merchant, User

SESSION = "invitation"  # [id, seal] of the one that this browser opened


@require_safe
@never_cache
def open(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link from the e-mail. Nothing is accepted yet: mail programs open links, too."""
    too_often: HttpResponseBase | None = consume_or_429(request, action="open_link", limit_get=True)
    if too_often:
        return too_often
    invitation = links.find(Invitation, token)
    if invitation is None or not invitation.is_open:
        return access.link_over(request, invitation)
    request.session.cycle_key()
    request.session[SESSION] = [invitation.pk, invitation.seal]
    return redirect("invitation_accept")


@sensitive_post_parameters("password")
@never_cache
def accept(request: HttpRequest) -> HttpResponseBase:
    """Who is logged in joins; who has an account logs in first; everybody else makes one."""
    pk, seal = request.session.get(SESSION, (None, None))
    invitation = Invitation.objects.filter(pk=pk, seal=seal).select_related("merchant").first()
    if invitation is None or not invitation.is_open:
        return access.link_over(request, invitation)
    if isinstance(request.user, User):
        return _join(request, invitation, request.user)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return _show(request, invitation, step="log_in")
    return _register(request, invitation)


def _join(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponseBase:
    if user.email.lower() != invitation.email.lower():
        return _show(request, invitation, step="other")
    if request.method != "POST":
        return _show(request, invitation, step="join")
    try:
        services.join(invitation, user)
    except services.InvitationOverError:
        return access.link_over(request, invitation)
    return _welcome(request, invitation.merchant)


def _register(request: HttpRequest, invitation: Invitation) -> HttpResponseBase:
    form = RegisterForm(
        request.POST if request.method == "POST" else None,
        email=invitation.email,
        initial={"name": invitation.name},
    )
    if request.method != "POST" or not form.is_valid():
        return _show(request, invitation, step="register", form=form)
    try:
        user = services.register(invitation, **form.cleaned_data, language=get_language() or "")
    except services.InvitationOverError:
        return access.link_over(request, invitation)
    where = _welcome(request, invitation.merchant)
    return cast(HttpResponse, perform_login(request, user, redirect_url=where["Location"]))


def _welcome(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """To the shop where there is one, else to the list."""
    del request.session[SESSION]
    messages.success(
        request, _("Welcome. You belong to %(merchant)s now.") % {"merchant": merchant}
    )
    shops = list(merchant.shops.all()[:2])
    return redirect("shop", shops[0].slug) if len(shops) == 1 else redirect("home")


def _show(
    request: HttpRequest, invitation: Invitation, *, step: str, form: RegisterForm | None = None
) -> HttpResponse:
    log_in = f"{reverse(settings.LOGIN_URL)}?next={reverse('invitation_accept')}"
    context = {"invitation": invitation, "step": step, "form": form, "log_in_url": log_in}
    return render(request, "people/invitation.html", context)

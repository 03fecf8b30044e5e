"""Who belongs to a company: see them, invite, change a role, remove; and choose between several companies."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as render_page
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, services
from onboarding.access import MemberRequest
from onboarding.forms_people import InviteForm, RoleForm
from onboarding.models import Invitation, Membership, Merchant, User
from onboarding.views.home import back_to


@require_safe
@access.merchant_page
def people(request: MemberRequest, merchant: Merchant) -> HttpResponse:
    return _page(request, merchant, InviteForm(initial={"language": request.LANGUAGE_CODE}))


def _page(request: MemberRequest, merchant: Merchant, form: InviteForm) -> HttpResponse:
    members = Membership.objects.filter(merchant=merchant).select_related("user")
    waiting = merchant.invitations.filter(accepted_at=None, revoked_at=None)
    context = {
        "merchant": merchant,
        "members": [
            (member, _role_form(member), services.is_last_owner(member))
            for member in members.order_by("user__name", "user__email")
        ],
        "invitations": waiting.select_related("created_by"),
        "form": form,
        "may_manage": access.manageable_merchants(request.user).filter(pk=merchant.pk).exists(),
    }
    return render_page(request, "people/people.html", context)


@require_POST
@access.merchant_change
def invite(request: MemberRequest, merchant: Merchant) -> HttpResponseBase:
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            services.invite(merchant, **form.cleaned_data, by=request.user)
        except services.AlreadyMemberError:
            form.add_error("email", _("Somebody with this address belongs to the company already."))
        else:
            email = form.cleaned_data["email"]
            messages.success(
                request, _("The invitation is on its way to %(who)s.") % {"who": email}
            )
            return redirect("people", merchant.pk)
    return _page(request, merchant, form)


@require_POST
@access.merchant_change
def role(request: MemberRequest, merchant: Merchant, member: str) -> HttpResponseBase:
    membership = get_object_or_404(Membership, pk=member, merchant=merchant)
    form = _role_form(membership, request.POST)
    if form.is_valid():
        try:
            services.change_role(membership, form.cleaned_data["role"], by=request.user)
        except services.LastOwnerError:
            _say_last_owner(request)
        else:
            messages.success(request, _("%(who)s has another role now.") % {"who": membership.user})
    return redirect("people", merchant.pk)


@require_POST
@access.merchant_change
def remove(request: MemberRequest, merchant: Merchant, member: str) -> HttpResponseBase:
    membership = get_object_or_404(Membership, pk=member, merchant=merchant)
    try:
        services.remove_member(membership, by=request.user)
    except services.LastOwnerError:
        _say_last_owner(request)
        return redirect("people", merchant.pk)
    who = membership.user
    messages.success(request, _("%(who)s sees nothing of this company any more.") % {"who": who})
    return redirect("home") if who == request.user else redirect("people", merchant.pk)


def _role_form(member: Membership, data: QueryDict | None = None) -> RoleForm:
    return RoleForm(data, initial={"role": member.role}, prefix=f"member-{member.pk}")


def _say_last_owner(request: MemberRequest) -> None:
    text = _("A company needs an owner. Make somebody else one first; nothing was changed.")
    messages.warning(request, text)


@require_POST
@access.merchant_change
def renew(request: MemberRequest, merchant: Merchant, invitation: str) -> HttpResponseBase:
    found = get_object_or_404(Invitation, pk=invitation, merchant=merchant)
    try:
        services.renew_invitation(found, by=request.user)
    except services.InvitationOverError:
        messages.info(request, _("%(who)s has joined already.") % {"who": found})
    else:
        sent = _("A new invitation is on its way to %(who)s.") % {"who": found.email}
        messages.success(request, sent)
    return redirect("people", merchant.pk)


@require_POST
@access.merchant_change
def revoke(request: MemberRequest, merchant: Merchant, invitation: str) -> HttpResponseBase:
    found = get_object_or_404(Invitation, pk=invitation, merchant=merchant)
    services.revoke_invitation(found, by=request.user)
    text = _("The invitation of %(who)s opens nothing any more.") % {"who": found}
    messages.success(request, text)
    return redirect("people", merchant.pk)


@require_POST
@access.member_page
def choose(request: MemberRequest) -> HttpResponseBase:
    """Look at the shops of one of several companies, or of all; remembered."""
    wanted = request.POST.get("company", "")
    mine = access.merchants(request.user)
    chosen = get_object_or_404(mine, pk=wanted) if wanted else None
    User.objects.filter(pk=request.user.pk).update(company=chosen)
    return back_to(request)

"""A new merchant and the invitation of its first owner, in one form."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from onboarding import access, services
from onboarding.access import MemberRequest
from onboarding.forms_people import MerchantForm
from onboarding.models import StaffRole


@access.staff_change(StaffRole.MANAGER)
def merchant_new(request: MemberRequest) -> HttpResponseBase:
    form = MerchantForm(
        request.POST if request.method == "POST" else None,
        initial={"language": request.LANGUAGE_CODE},
    )
    if request.method == "POST" and form.is_valid():
        invitation = services.invite_merchant(**form.cleaned_data, by=request.user)
        sent = _("%(merchant)s was added, and the invitation is on its way to %(who)s.")
        found = {"merchant": invitation.merchant, "who": invitation.email}
        messages.success(request, sent % found)
        return redirect("people", invitation.merchant_id)
    return render(request, "people/merchant_new.html", {"form": form})

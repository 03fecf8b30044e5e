"""Dimensions that a shop fills in by hand: the template to download, and the file that comes back."""

from django import forms
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from connectors.datasets import DIMENSIONS
from connectors.files.refusals import RefusedError, sentence
from onboarding import access, dimensions_template
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.services import files
from onboarding.views.pages import shop_response, telling_when_the_queue_is_down


class DimensionsForm(forms.Form):
    file = forms.FileField(
        label=_("The template, filled in"),
        help_text=_("As CSV: in a spreadsheet choose “Save as”, then CSV."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.gz,.zip,.xlsx,.xls"}),
        error_messages={"required": _("Choose the file first.")},
    )


@require_safe
@access.shop_change
def template(request: MemberRequest, shop: Shop) -> StreamingHttpResponse:
    """A line for each variant of the shop, with what is known already."""
    return StreamingHttpResponse(
        dimensions_template.lines(shop),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="dimensions-{shop.slug}.csv"'},
    )


@access.shop_change
def page(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """The file is checked row by row like every other one, on the page of the file."""
    is_sent = request.method == "POST"
    form = DimensionsForm(request.POST, request.FILES) if is_sent else DimensionsForm()
    if is_sent and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            with telling_when_the_queue_is_down(request):
                file = files.receive_upload(
                    shop,
                    name=sent.name or "dimensions.csv",
                    stream=sent.file,
                    dataset=DIMENSIONS.name,
                    dry_run=False,
                    by=request.user,
                )
        except RefusedError as refused:
            form.add_error("file", sentence(refused.code, refused.params))
        else:
            return redirect("file", shop.slug, file.pk)
    context = {"form": form, "columns": DIMENSIONS.columns}
    return shop_response(
        request, shop, "onboarding/dimensions.html", here="configuration", context=context
    )

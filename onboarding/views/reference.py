"""What each column of the datasets means, from their declaration: the same as docs/datasets.md."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from connectors.datasets import DATASETS
from connectors.reference import NOTATION
from onboarding import access
from onboarding.access import MemberRequest


@require_safe
@access.member_page
def datasets(request: MemberRequest) -> HttpResponse:
    notation = [
        (type, *(_(text).replace("`", "") for text in texts)) for type, texts in NOTATION.items()
    ]
    context = {"datasets": list(DATASETS.values()), "notation": notation}
    return render(request, "onboarding/datasets.html", context)

"""The files of a shop: what is owed, templates, uploads, and what came so far."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from connectors import samples
from connectors.datasets import DATASETS
from connectors.files.refusals import RefusedError, sentence
from connectors.models import ReceivedFile
from onboarding import access, owing, pickups, uploads
from onboarding.access import MemberRequest
from onboarding.file_forms import RulesForm, UploadForm
from onboarding.models import FileSource, Shop, Upload
from onboarding.phases import Facts
from onboarding.phases.files import Files
from onboarding.services import files as services
from onboarding.uploads import TooManyUploadsError, UploadError
from onboarding.views.pages import shop_response

SHOWN = 50  # files of the history
_TOO_MANY = gettext_lazy(
    "Too many uploads of this shop were begun and not finished. Finish one of them, or try again tomorrow."
)


@require_safe
@access.shop_task("files", viewers=True)
def page(request: MemberRequest, shop: Shop) -> HttpResponse:
    return _page(request, shop)


@require_POST
@access.shop_task("files")
def upload(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """One file in one piece, as a browser without JavaScript sends it."""
    form = UploadForm(request.POST, request.FILES, due=owing.due(shop))
    if not form.is_valid():
        return _page(request, shop, form=form)
    sent = form.cleaned_data["file"]
    try:
        file = services.receive_upload(
            shop,
            name=sent.name or "file.csv",
            stream=sent.file,
            dataset=form.cleaned_data["dataset"],
            dry_run=_is_dry(request),
            by=request.actor,
        )
    except RefusedError as refused:
        form.add_error("file", sentence(refused.code, refused.params))
        return _page(request, shop, form=form)
    return redirect("file", shop.slug, file.pk)


@require_POST
@access.shop_task("files")
def upload_start(request: MemberRequest, shop: Shop) -> JsonResponse:
    """The same in parts: where to send them, and from where to go on."""
    try:
        made = uploads.start(
            shop,
            name=request.POST.get("name", ""),
            size=_number(request, "size"),
            modified=_number(request, "modified"),
        )
    except TooManyUploadsError:
        return JsonResponse({"error": str(_TOO_MANY)}, status=400)
    except UploadError:
        return JsonResponse({"error": _("This file is empty, or larger than we take.")}, status=400)
    address = request.path.rstrip("/") + f"/{made.pk}"
    return JsonResponse(
        {"url": address, "offset": uploads.offset(made), "part": uploads.PART_BYTES}
    )


@require_POST
@access.shop_task("files")
def upload_part(request: MemberRequest, shop: Shop, upload_id: str) -> JsonResponse:
    """One part; the last one makes a file of them all."""
    made = get_object_or_404(Upload, pk=upload_id, shop=shop)
    part = request.FILES.get("part")
    try:
        if part is None:
            raise UploadError(uploads.offset(made))
        have = uploads.add(made, _number(request, "offset"), part)
    except UploadError as error:
        return JsonResponse({"offset": error.offset}, status=409)
    if have < made.size:
        return JsonResponse({"offset": have})
    dataset = request.POST.get("dataset", "")
    if dataset not in {one.name for one in owing.due(shop)}:
        raise Http404
    try:
        with uploads.finish(made) as whole:
            file = services.receive_upload(
                shop,
                name=made.name,
                stream=whole,
                dataset=dataset,
                dry_run=_is_dry(request),
                by=request.actor,
            )
    except RefusedError as refused:
        return JsonResponse({"error": sentence(refused.code, refused.params)}, status=400)
    return JsonResponse({"done": redirect("file", shop.slug, file.pk).url})


@require_safe
@access.shop_task("files", viewers=True)
def example(request: MemberRequest, shop: Shop, dataset: str, kind: str) -> HttpResponse:
    """The template or the filled sample of a dataset."""
    make = {"template": samples.template, "sample": samples.sample}.get(kind)
    if make is None or dataset not in DATASETS:
        raise Http404
    response = HttpResponse(make(DATASETS[dataset]), content_type="text/csv; charset=utf-8")
    name = dataset if kind == "template" else f"{dataset}_2026-01-15T02-00-00"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@require_safe
@access.shop_task("files", viewers=True)
def guide(request: MemberRequest, shop: Shop, dataset: str) -> HttpResponse:
    """What each column means, from the declaration."""
    if dataset not in DATASETS:
        raise Http404
    context = {"dataset": DATASETS[dataset], "label": owing.LABELS[dataset]}
    return shop_response(request, shop, "onboarding/file_guide.html", here="files", context=context)


@require_POST
@access.shop_task("files")
def rules(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    form = RulesForm(request.POST, instance=services.source_of(shop))
    if not form.is_valid():
        return _page(request, shop, rules_form=form)
    services.set_file_rules(shop, **form.cleaned_data, by=request.actor)
    messages.success(request, _("Saved. It counts from the next file on."))
    return redirect("files", shop.slug)


@require_POST
@access.shop_task("files")
def look(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    if not services.source_of(shop).is_picked_up:
        raise Http404
    services.look_for_files(shop, by=request.actor)
    messages.success(request, _("We are looking. What is there appears below within two minutes."))
    return redirect("files", shop.slug)


def _page(
    request: MemberRequest,
    shop: Shop,
    *,
    form: UploadForm | None = None,
    rules_form: RulesForm | None = None,
) -> HttpResponse:
    facts = Facts(shop)
    due = facts.of(Files).due
    source = services.source_of(shop)
    context: dict[str, Any] = {
        "due": due,
        "title": owing.title(due),
        "form": form or UploadForm(due=due),
        "source": source,
        "rules_form": rules_form or (RulesForm(instance=source) if due else None),
        "history": _history(shop),
        "expected": _expected(source),
        "window": pickups.window(source.time_zone),
    }
    return shop_response(
        request, shop, "onboarding/files.html", here="files", context=context, facts=facts
    )


def _history(shop: Shop) -> list[ReceivedFile]:
    return list(owing.received(shop)[:SHOWN])


def _expected(source: FileSource) -> str:
    """The day of the next file by the shop's own clock, where files come every night."""
    if not source.is_picked_up:
        return ""
    return date_format(pickups.next_window(timezone.now(), source.time_zone), "j F Y")


def _is_dry(request: MemberRequest) -> bool:
    return request.POST.get("check_only") == "1"


def _number(request: MemberRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

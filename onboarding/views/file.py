"""One file: how it was read, what is asked, what is wrong with it, and its report."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from connectors.datasets import DIMENSIONS
from connectors.files.layout import Layout
from connectors.models import ReceivedFile
from onboarding import access, owing
from onboarding.access import MemberRequest
from onboarding.file_forms import AnswersForm
from onboarding.models import Shop
from onboarding.services import files as services
from onboarding.services.files import ReceivedBeforeError
from onboarding.views.pages import shop_response

State = ReceivedFile.State
ROWS = 25  # problems shown one by one
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "cp1252": "Windows-1252",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
DELIMITERS = {",": ",", ";": ";", "\t": "Tab", "|": "|"}


@require_safe
@access.shop_task("files", viewers=True)
def page(request: MemberRequest, shop: Shop, file_id: str) -> HttpResponse:
    return _page(request, shop, _file(shop, file_id))


@require_safe
@access.shop_task("files", viewers=True)
def state(request: MemberRequest, shop: Shop, file_id: str) -> HttpResponse:
    """The part of the page that fetches itself again until the file is done with."""
    file = _file(shop, file_id)
    context = {
        "shop": shop,
        "may_change": access.may_change(request, shop),
        "back": _back(request, shop, file),
        **_context(file),
    }
    return render(request, "onboarding/_file_state.html", context)


@require_POST
@access.shop_task("files")
def answer(request: MemberRequest, shop: Shop, file_id: str) -> HttpResponseBase:
    file = _file(shop, file_id)
    if file.state != State.NEEDS_ANSWER or _is_gone(file):
        return redirect("file", shop.slug, file.pk)
    form = AnswersForm(request.POST, file=file)
    if not form.is_valid():
        return _page(request, shop, file, form=form)
    services.answer_file(
        shop,
        file,
        dataset=form.cleaned_data.get("dataset", ""),
        mapping=form.mapping,
        dates=form.dates,
        by=request.actor,
    )
    return redirect("file", shop.slug, file.pk)


@require_POST
@access.shop_task("files")
def store(request: MemberRequest, shop: Shop, file_id: str) -> HttpResponseBase:
    """Send what was only checked; a second click finds it sent."""
    file = _file(shop, file_id)
    if file.state != State.CHECKED or _is_gone(file):
        return redirect("file", shop.slug, file.pk)
    try:
        services.store_checked_file(shop, file, by=request.actor)
    except ReceivedBeforeError:
        messages.warning(request, _("This file was sent before: nothing needs to be done."))
    return redirect("file", shop.slug, file.pk)


@require_safe
@access.shop_task("files", viewers=True)
def report(request: MemberRequest, shop: Shop, file_id: str) -> HttpResponseBase:
    """The file as it came, with a column that says what is wrong in each row."""
    file = _file(shop, file_id)
    if not file.report:
        raise Http404
    try:
        content = file.report.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    stem = file.name.partition(".")[0] or "file"
    return FileResponse(
        content, as_attachment=True, filename=f"{stem}-report.csv", content_type="text/csv"
    )


def _file(shop: Shop, file_id: str) -> ReceivedFile:
    return get_object_or_404(owing.received(shop), pk=file_id)


def _page(
    request: MemberRequest, shop: Shop, file: ReceivedFile, *, form: AnswersForm | None = None
) -> HttpResponse:
    context = {"back": _back(request, shop, file), **_context(file, form)}
    here = "configuration" if _is_of_products(file) else "files"
    return shop_response(request, shop, "onboarding/file.html", here=here, context=context)


def _is_of_products(file: ReceivedFile) -> bool:
    """Dimensions are never owed: they are sent from a page of the products."""
    return file.dataset == DIMENSIONS.name


def _back(request: MemberRequest, shop: Shop, file: ReceivedFile) -> str:
    """The page on which another file like it is sent; who may not go there sees the list of files."""
    may_go = access.may_change(request, shop) and not request.hand_off
    return "dimensions" if _is_of_products(file) and may_go else "files"


def _context(file: ReceivedFile, form: AnswersForm | None = None) -> dict[str, Any]:
    asks = file.state == State.NEEDS_ANSWER and not _is_gone(file)
    return {
        "file": file,
        "label": owing.LABELS.get(file.dataset, _("Not known yet")),
        "is_running": not file.is_over,
        "is_gone": _is_gone(file),
        "layout": _layout(file),
        "groups": file.grouped,
        "by_row": _by_row(file),
        "answers": (form or AnswersForm(file=file)) if asks else None,
    }


def _is_gone(file: ReceivedFile) -> bool:
    """It waited for somebody for so long that its content was deleted: see filelife.forget_old."""
    return file.state in (State.NEEDS_ANSWER, State.CHECKED) and not file.content


def _layout(file: ReceivedFile) -> list[tuple[str, str]]:
    """How it was read, for people."""
    if not file.layout:
        return []
    layout = Layout.from_json(file.layout)
    columns = ", ".join(f"{heading} → {ours}" for heading, ours in file.columns.items() if ours)
    ignored = ", ".join(heading for heading, ours in file.columns.items() if not ours)
    return [
        (_("Letters"), ENCODINGS.get(layout.encoding, layout.encoding)),
        (_("Columns separated by"), DELIMITERS.get(layout.delimiter, layout.delimiter)),
        (_("Decimal mark"), layout.decimal),
        (_("Columns read"), columns),
        (_("Columns left out"), ignored),
    ]


def _by_row(file: ReceivedFile) -> list[tuple[int, list[str]]]:
    found: dict[int, list[str]] = defaultdict(list)
    for problem in file.first_problems:
        found[problem.row].append(problem.message)
    return sorted(found.items())[:ROWS]

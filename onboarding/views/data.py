"""What arrived: counts, a preview without personal data, and files to download."""

import tempfile
import zipfile
from pathlib import Path
from typing import IO

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from connectors import exporting
from connectors.formats import FORMATS
from onboarding import access, preview, services
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.views.pages import shop_response


@require_safe
@access.shop_page
def data(request: MemberRequest, shop: Shop) -> HttpResponse:
    if shop.connection is None:
        raise Http404
    counts, order_lines = preview.counts(shop), preview.order_lines(shop)
    context = {
        "counts": counts,
        "rows": {count.dataset: count.rows for count in counts},
        "variants": preview.variants(shop),
        "orders": len({line["order_id"] for line in order_lines}),
        "order_lines": order_lines,
        "formats": list(FORMATS),
    }
    return shop_response(request, shop, "onboarding/data.html", here="data", context=context)


@require_POST
@access.shop_page
def export(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """Everything of the shop in one zip: a file per dataset and the manifest that proves them."""
    format = request.POST.get("format", "csv")
    if shop.connection is None or format not in FORMATS:
        raise Http404
    archive = _archive(shop, format)
    services.note_export(shop, format=format, by=request.user)
    return FileResponse(archive, as_attachment=True, filename=f"{shop.slug}-{format}.zip")


def _archive(shop: Shop, format: str) -> IO[bytes]:
    """The zip as an open file without a name: it is gone when the answer was sent, whatever happens."""
    assert shop.connection is not None  # noqa: S101  # seen above
    archive = tempfile.TemporaryFile(suffix=".zip")  # noqa: SIM115  # the response closes it
    with tempfile.TemporaryDirectory(prefix="export-") as name:
        folder = Path(name)
        exporting.export(
            shop.connection, out=folder, format=format, scope=shop.store, shop=shop.slug
        )
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            for file in sorted(folder.iterdir()):
                zipped.write(file, file.name)
    archive.seek(0)
    return archive

"""What WSHOP offers, as Kleep's guide asks for it: one entry per endpoint."""

from django.utils.translation import gettext_lazy as _

from connectors.base import Permission, Resource
from connectors.datasets import ORDERS, PRODUCTS, RETURN_REASONS, RETURNS, Dataset
from connectors.errors import Text
from connectors.wshop.dialect import DIALECT

PROFILE = _("Back Office > Users > Profiles")
API_ACCESS = _("Back Office > Users")


def _resource(
    name: str, label: Text, *, dataset: Dataset | None = None, required: bool = False
) -> Resource:
    endpoint = DIALECT.endpoints[name]
    return Resource(
        name=name,
        label=label,
        path=endpoint.path,
        dataset=dataset,
        cursor_field="updated_at" if endpoint.ordered else None,
        required=required,
        permission=Permission(id=endpoint.path, path=PROFILE, printed=(f"/{endpoint.path}",)),
    )


AUTHENTICATE = Resource(
    name="authenticate",
    label=_("Log-in"),
    path="authenticate",
    required=True,
    permission=Permission(id="API access", path=API_ACCESS, printed=("/authentificate",)),
)

RESOURCES = (
    AUTHENTICATE,
    _resource("products", _("Products"), dataset=PRODUCTS, required=True),
    _resource("sizes", _("Sizes"), required=True),
    _resource("departments", _("Departments"), required=True),
    _resource("attributes", _("Attributes")),
    _resource("orders", _("Orders"), dataset=ORDERS, required=True),
    _resource("returns", _("Returns"), dataset=RETURNS),
    _resource("return_reasons", _("Reasons for returns"), dataset=RETURN_REASONS),
)

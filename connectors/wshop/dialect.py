"""What we assume of WSHOP's API: one table per endpoint, the only place to correct when we are wrong.

WSHOP documents the prefix /api/v1, the action in the URL, parameters in a JSON body, the Bearer token,
authenticate with `email` and `password`, and the envelope success / data / error. Everything else here is
our assumption. connectors/wshop/documentation.py writes these tables into docs/wshop.md.

A path such as `billing.country` leads into objects, `images[].url` into each object of a list. A blank
name or path means: WSHOP does not offer it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verb(StrEnum):
    POST = "POST"
    GET = "GET"


class Parameters(StrEnum):
    """Where the parameters of a request go."""

    BODY = "body"  # a JSON object
    QUERY = "query"


class Style(StrEnum):
    """How a long list is cut into pages."""

    PAGE = "page"  # page number and size
    OFFSET = "offset"  # records to skip, and size
    CURSOR = "cursor"  # a token of the answer leads to the next page
    NONE = "none"  # one answer holds everything


@dataclass(frozen=True, kw_only=True)
class Paging:
    style: Style = Style.PAGE
    number: str = "page"  # parameter: page number, records to skip, or token
    first: int = 1  # number of the first page (style page)
    size: str = "limit"  # parameter: records per page
    limit: int = 100  # records per page that we ask for; a shop may give fewer
    total: str = "total"  # path in the answer: records that match; may be absent
    next: str = ""  # path in the answer: token of the next page (style cursor)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How to ask for what changed. Without `sort` every pull reads all that the filter leaves."""

    since: str = "updated_from"  # parameter: lower bound of updated_at
    until: str = "updated_to"  # parameter: upper bound of updated_at
    inclusive: bool = True  # the lower bound itself is given too
    sort: Mapping[str, str] = field(
        default_factory=lambda: {"sort": "updated_at,id", "direction": "asc"}
    )
    ties_by_id: bool = True  # records of one moment come in the order of their numeric ids


@dataclass(frozen=True, kw_only=True)
class Dates:
    format: str = "%Y-%m-%d %H:%M:%S"  # of strptime; or iso, unix (seconds), unix_ms
    zone: str = "UTC"  # of dates that name none, e.g. Europe/Paris


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One endpoint. `fields`: our name of a value -> its path in a record."""

    path: str  # below /api/v1/; documented
    verb: Verb = Verb.POST
    parameters: Parameters = Parameters.BODY
    records: str = "data"  # path of the list in the answer
    fields: Mapping[str, str]
    lines: str = ""  # path of the lines in a record; blank: the record has none
    line_fields: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)  # value that is an id -> its endpoint
    needed: tuple[str, ...] = ()  # values that a whole page of records never lacks
    paging: Paging = Paging()
    changes: Changes | None = None
    dates: Dates = Dates()

    @property
    def ordered(self) -> Changes | None:
        """How to read what changed in its order; None where the shop can not."""
        return self.changes if self.changes and self.changes.sort and self.changes.since else None


@dataclass(frozen=True, kw_only=True)
class Login:
    paths: tuple[str, ...] = ("authenticate", "authentificate")  # the second as in Kleep's guide
    email: str = "email"  # documented
    password: str = "password"  # noqa: S105  # the name of a field; documented
    token: str = "data.token"  # noqa: S105  # a path in the answer


class Reason(StrEnum):
    """Why WSHOP refuses, as far as its words tell."""

    TOKEN = "token"  # noqa: S105  # a reason, not a token
    LOCKED = "locked"
    NO_API_ACCESS = "no_api_access"
    PERMISSION = "permission"
    UNKNOWN_ENDPOINT = "unknown_endpoint"
    SLOW_DOWN = "slow_down"
    MAINTENANCE = "maintenance"
    PASSWORD = "password"  # noqa: S105  # a reason, not a password


@dataclass(frozen=True, kw_only=True)
class Dialect:
    login: Login = Login()
    # Looked for in error.message, in lower case and without accents; the first line that has one decides
    # where the HTTP status leaves it open.
    words: tuple[tuple[Reason, tuple[str, ...]], ...] = (
        (Reason.TOKEN, ("token", "jwt", "jeton", "session expir")),
        (Reason.LOCKED, ("locked", "blocked", "bloque", "verrouille")),
        (Reason.NO_API_ACCESS, ("api access", "access to the api", "acces api", "acces a l'api")),
        (Reason.SLOW_DOWN, ("too many", "rate limit", "slow down", "trop de requetes")),
        (Reason.MAINTENANCE, ("maintenance",)),
        (Reason.UNKNOWN_ENDPOINT, ("unknown endpoint", "unknown action", "unknown resource")),
        (
            Reason.PERMISSION,
            (
                "permission",
                "not allowed",
                "forbidden",
                "profile",
                "profil",
                "droits",
                "non autorise",
            ),
        ),
        (Reason.PASSWORD, ("password", "credentials", "mot de passe", "identifiants")),
    )
    endpoints: Mapping[str, Endpoint]


LABELS = {"id": "id", "label": "label"}

DIALECT = Dialect(
    endpoints={
        "products": Endpoint(
            path="products/get",
            fields={
                "id": "id",
                "updated_at": "updated_at",
                "title": "name",
                "description": "description",
                "url": "url",
                "images": "images[].url",
                "department": "department_id",
                "active": "active",
                "is_new": "is_new",
                "currency": "currency",
                "internal_reference": "reference",
                "parent_reference": "model_reference",
                "attribute_codes": "attributes[].code",
                "attribute_values": "attributes[].value",
            },
            lines="variants",
            line_fields={
                "id": "id",
                "sku": "sku",
                "ean": "ean",
                "size": "size_id",
                "active": "active",
                "price": "price",
            },
            labels={"size": "sizes", "department": "departments"},
            needed=("title", "sku"),
            changes=Changes(),
        ),
        "sizes": Endpoint(path="sizes/get", fields=LABELS),
        "departments": Endpoint(path="departments/get", fields=LABELS),
        "attributes": Endpoint(
            path="attributes/get",
            fields={"id": "code", "label": "label"},
            lines="options",
            line_fields=LABELS,
        ),
        "orders": Endpoint(
            path="orders/get",
            fields={
                "id": "id",
                "updated_at": "updated_at",
                "created_at": "created_at",
                "status": "status",
                "customer": "customer.email",
                "currency": "currency",
                "country": "billing_address.country",
                "store": "store",
            },
            lines="lines",
            line_fields={
                "id": "id",
                "product_id": "product_id",
                "variant_id": "variant_id",
                "sku": "sku",
                "quantity": "quantity",
                "quantity_cancelled": "quantity_cancelled",
                "quantity_refunded": "quantity_refunded",
                "price": "price_excl_tax",
            },
            needed=("created_at", "product_id", "variant_id", "quantity", "price"),
            changes=Changes(),
        ),
        "returns": Endpoint(
            path="returns/get",
            fields={
                "id": "id",
                "updated_at": "updated_at",
                "created_at": "created_at",
                "order_id": "order_id",
                "status": "status",
            },
            lines="lines",
            line_fields={
                "id": "id",
                "order_line_id": "order_line_id",
                "product_id": "product_id",
                "variant_id": "variant_id",
                "sku": "sku",
                "quantity": "quantity",
                "reason": "reason_id",
                "comment": "comment",
            },
            labels={"reason": "return_reasons"},
            needed=("created_at", "order_id", "quantity"),
            changes=Changes(),
        ),
        "return_reasons": Endpoint(path="returns/getreasons", fields=LABELS),
    }
)

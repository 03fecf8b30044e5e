"""What support's admin pages have in common: whose shop it is, who may act, what must be typed first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.models import Connection
from onboarding.access import MemberRequest
from onboarding.models import Shop, User
from onboarding.staff_permissions import REPAIR, RETRY

MOST_AT_ONCE = 200  # rows of one action
FOUND = 500  # connections that a search leads to
# What leads from a row to its shop or its connection, in one step.
TOWARDS = ("connection", "cursor", "check_run", "run", "page", "decision", "upload", "shop")


class ByRole:
    """Mixin: actions with permissions=["retry"] or ["repair"], for whoever has that of their role."""

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return person(request).has_perm(RETRY)

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return person(request).has_perm(REPAIR)


class OfAShop(ByRole):
    """Mixin for rows of a connection: found by their shop or merchant, with the way to the console."""

    search_help_text: Any = gettext_lazy(
        "A shop's slug or address, a company's name, or the number of what is listed here."
    )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        first, *others = _base(self).get_list_display(request)
        return (first, "consoles", *others)

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        asked = _base(self).get_list_select_related(request)
        path = self._path
        return (*(asked or ()), *([path] if path else []))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        shops = f"{self._path}__shops" if self._path else "shops"
        rows: QuerySet[Any] = _base(self).get_queryset(request)
        return rows.prefetch_related(shops)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the page's own columns, or by whose a row is: asked apart, so that an index serves."""
        term = term.strip()
        if not term:
            return queryset, False
        page: Any = self
        wanted = [_exactly(queryset.model, name, term) for name in page.get_search_fields(request)]
        if mine := _connections(term):
            wanted.append(Q(**{f"{self._path or 'pk'}__in": mine}))
        either = Q.create([one for one in wanted if one], connector=Q.OR)
        return (queryset.filter(either) if either else queryset.none()), False

    @property
    def _path(self) -> str:
        page: Any = self
        return page.to_connection or ""

    @admin.display(description=gettext_lazy("In the console"))
    def consoles(self, row: Model) -> SafeString | str:
        connection: Any = row
        for step in self._path.split("__") if self._path else ():
            connection = getattr(connection, step)
        links = [(console_url(shop), shop.name) for shop in connection.shops.all()]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "-"


def _base(page: OfAShop) -> Any:
    """The page that it is mixed into: another one each time, which the types cannot say."""
    return super(OfAShop, page)


def _exactly(model: type[Model], lookup: str, term: str) -> Q | None:
    """That column with that value; None where the column can hold no such value."""
    field = get_fields_from_path(model, lookup.removesuffix("__exact"))[-1]
    try:
        return Q(**{lookup: field.to_python(term)})
    except ValidationError:
        return None


def _connections(term: str) -> list[UUID]:
    """By the shop, the merchant, the address or the id."""
    of_term = Q(shops__slug__iexact=term) | Q(shops__merchant__name__icontains=term)
    of_term |= Q(config__url__icontains=term)
    if by_id := _exactly(Connection, "id__exact", term):
        of_term |= by_id
    found = Connection.objects.filter(of_term)
    return list(found.order_by("pk").values_list("pk", flat=True).distinct()[:FOUND])


def console_url(shop: Shop) -> str:
    return reverse("console_shop", args=[shop.slug])


def shop_of(row: Any) -> Shop | None:
    """The shop that a row of any table belongs to: of a connection of several, the first one."""
    if isinstance(row, Shop):
        return row
    if isinstance(row, Connection):
        return row.shops.order_by("pk").first()
    for step in TOWARDS:
        if isinstance(towards := getattr(row, step, None), Model):
            return shop_of(towards)
    return None


def shops_of(connections: Iterable[UUID]) -> dict[UUID, Shop]:
    """The first shop of each, in whose history is written what is done to it."""
    shops = Shop.objects.filter(connection__in=set(connections)).order_by("-pk")
    return {cast(UUID, shop.connection_id): shop for shop in shops}


@dataclass(frozen=True)
class Question:
    """What is shown before an action that is not undone: what will happen, and a word to type."""

    title: str
    action: str
    lines: list[str]
    word: str
    button: str


def answered(request: HttpRequest, word: str) -> bool:
    return request.POST.get("typed", "").strip() == word


def ask(
    page: Any, request: HttpRequest, question: Question, rows: Iterable[Model]
) -> TemplateResponse:
    """The page that asks; where something else was typed, again, with that said."""
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "media": page.media,
        "title": question.title,
        "question": question,
        "rows": [str(row.pk) for row in rows],
        "is_wrong": "typed" in request.POST,
    }
    return TemplateResponse(request, "admin/typed_confirmation.html", context)


def too_many(page: Any, request: HttpRequest, rows: QuerySet[Any]) -> bool:
    """Whether somebody chose more than an action takes at once; says so."""
    if rows[: MOST_AT_ONCE + 1].count() <= MOST_AT_ONCE:
        return False
    text = _("Choose %(most)d at most. Nothing was done.") % {"most": MOST_AT_ONCE}
    page.message_user(request, text, messages.ERROR)
    return True


def say(page: Any, request: HttpRequest, text: str | Promise, count: int, *, left: int = 0) -> None:
    """How much was done; and of how much there is no shop in whose history it could be written."""
    level = messages.SUCCESS if count else messages.WARNING
    page.message_user(request, str(text) % {"count": count}, level)
    if left:
        text = _("Of no shop any more, and left alone: %(count)d.")
        page.message_user(request, text % {"count": left}, messages.WARNING)


def member(request: HttpRequest) -> MemberRequest:
    return cast(MemberRequest, request)


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # the admin lets nobody else in
    return request.user

"""What the pages of the admin have in common: they show, and are asked only what they offer."""

import json
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib.admin import EmptyFieldListFilter, SimpleListFilter
from django.core.paginator import Paginator
from django.db import connections
from django.http import HttpRequest
from django.utils.functional import cached_property

# What Django's filters and the bar of dates add to the name of a field.
OF_FILTERS = ("", "__exact", "__isnull", "__id__exact", "__gte", "__lt")
ROUGH_FROM = 100_000  # rows
OF_DATES = ("__year", "__month", "__day", "__gte", "__lt")


class OnlyAskedByFilters:
    """Mixin of an admin page: its address takes what its filters and links to it ask, and nothing else.

    Django lets an address ask any column of the row: ?sealed__startswith=a would tell it letter by letter.
    """

    narrowed_by: ClassVar[tuple[str, ...]] = ()  # what links to this list ask, beside its filters

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in self.narrowed_by or lookup in self._offered(request)

    def _offered(self, request: HttpRequest) -> set[str]:
        page: Any = self
        dates = page.date_hierarchy
        offered = {f"{dates}{end}" for end in OF_DATES} if dates else set()
        for one in page.get_list_filter(request):
            if isinstance(one, type) and issubclass(one, SimpleListFilter):
                offered.add(str(one.parameter_name))
            elif isinstance(one, tuple) and one[1] is EmptyFieldListFilter:
                offered.add(f"{one[0]}__isempty")
            elif isinstance(one, str):
                offered |= {f"{one}{end}" for end in OF_FILTERS}
        return offered


def among(
    field: str, named: Any, values: Callable[[], Iterable[tuple[str, Any]]]
) -> type[SimpleListFilter]:
    """A filter whose choices are known: Django's own asks the whole table for them."""

    class Among(SimpleListFilter):
        title = named
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return list(values())

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return Among


class RoughPaginator(Paginator[Any]):
    """Of a long list believes the number that PostgreSQL's planner expects: counting takes long."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        if connections[rows.db].vendor == "postgresql":
            planned = rows.order_by().values("pk").explain(format="json")
            # Blank where Django knows without asking that nothing can be found.
            roughly: int = json.loads(planned)[0]["Plan"]["Plan Rows"] if planned else 0
            if roughly > ROUGH_FROM:
                return roughly
        exactly: int = super().count
        return exactly


class LookOnly(OnlyAskedByFilters):
    """Mixin of an admin page that shows and does not change."""

    paginator: Any = RoughPaginator
    show_full_result_count = False  # counting fifty million orders for a headline is not worth it
    list_per_page = 50
    # How a row leads to its connection, as a query says it: "cursor__connection"; None: not at all.
    to_connection: ClassVar[str | None] = None

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

"""What the pages of the admin have in common: they show, and do not change."""

from typing import Any

from django.http import HttpRequest


class LookOnly:
    """Mixin of an admin page that shows and does not change."""

    show_full_result_count = False  # counting fifty million orders for a headline is not worth it
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

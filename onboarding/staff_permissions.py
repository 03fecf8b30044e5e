"""What Kleep's staff may do in the administration: derived from their role, no groups to keep by hand.

Whoever has a role reads; nobody of them adds, changes or deletes a row. Superusers may what Django lets them.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.backends import BaseBackend

from onboarding.models import StaffRole, User

# The actions of the administration, as permissions.
RETRY, REPAIR = "onboarding.retry", "onboarding.repair"
MORE: dict[str, tuple[str, ...]] = {
    StaffRole.SUPPORT: (RETRY,),
    StaffRole.APPROVER: (),
    StaffRole.MANAGER: (RETRY, REPAIR),
}
# Whose rows they read: ours, and how people log in. Not Django's permissions and groups.
APPS = ("connectors", "onboarding", "account", "mfa", "usersessions", "admin")


class StaffRoleBackend(BaseBackend):
    """Beside the backends that log people in: it lets nobody in by itself."""

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or not user_obj.is_staff:
            return set()
        return set(_of_role(user_obj.staff_role))

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Asked some hundred times for one page of the administration."""
        is_staff = isinstance(user_obj, User) and user_obj.is_active and user_obj.is_staff
        return is_staff and perm in _of_role(user_obj.staff_role)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(
            permission.startswith(f"{app_label}.")
            for permission in self.get_user_permissions(user_obj)
        )


@cache
def _of_role(role: str) -> frozenset[str]:
    if role not in MORE:
        return frozenset()
    views = (
        f"{model._meta.app_label}.view_{model._meta.model_name}"
        for model in apps.get_models()
        if model._meta.app_label in APPS
    )
    return frozenset((*views, *MORE[role]))

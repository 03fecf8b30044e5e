"""What the header of every page knows of the person: their companies, and whether they may add one."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from onboarding import access
from onboarding.models import Merchant, StaffRole, User


def companies(request: HttpRequest) -> dict[str, Any]:
    """`companies`: of somebody who is not of Kleep's staff, who finds them by searching."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    if user.is_staff:
        return {"may_invite_companies": user.is_superuser or user.staff_role == StaffRole.MANAGER}

    def mine() -> list[Merchant]:
        return list(access.merchants(user).order_by("name"))

    return {"companies": SimpleLazyObject(mine)}

"""One line of the history for every state change."""

from typing import Any

from onboarding.models import Event, Shop, User


def record(shop: Shop, kind: str, *, by: User | None, **data: Any) -> Event:
    """One line of the shop's history. `data` never holds a secret."""
    return Event.objects.create(
        merchant_id=shop.merchant_id, shop=shop, actor=by, kind=kind, data=data
    )

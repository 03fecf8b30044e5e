"""One line of the history for every state change."""

from typing import Any

from onboarding.models import Actor, Event, HandOff, Merchant, Shop


def record(of: Shop | Merchant, kind: str, *, by: Actor | None, **data: Any) -> Event:
    """One line of the history of a shop, or of a merchant itself. `data` never holds a secret."""
    shop, merchant_id = (of, of.merchant_id) if isinstance(of, Shop) else (None, of.pk)
    who = {"hand_off": by} if isinstance(by, HandOff) else {"actor": by}
    return Event.objects.create(merchant_id=merchant_id, shop=shop, kind=kind, data=data, **who)

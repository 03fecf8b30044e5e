"""What support repairs from the administration: cursors, leases, the seals of secrets."""

import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from connectors import leases, pulling, rotation
from connectors.models import Cursor, PullRun
from connectors.rotation import Column, Rotation, Sealed
from onboarding.models import Merchant, Shop, User
from onboarding.services.recording import record

logger = logging.getLogger(__name__)

# How a row that holds a secret leads to its merchant, by the first of these columns that it has.
TO_MERCHANT = {"tenant": "tenant", "merchant": "merchant", "shop": "shop__merchant"}


def reset_cursor(shop: Shop, cursor_id: int, *, by: User) -> Cursor:
    """The next pull of that data begins at the beginning. Raises Cursor.DoesNotExist for another shop's."""
    cursor = _cursor(shop, cursor_id)
    stood_at = cursor.position_at.isoformat() if cursor.position_at else ""
    with transaction.atomic():
        pulling.reset(cursor)
        record(shop, "cursor_reset", by=by, resource=str(cursor), stood_at=stood_at)
    return cursor


def release_lease(shop: Shop, cursor: Cursor, *, by: User) -> bool:
    """Take a pull from its worker, as it was read. False where nobody, or somebody else by now, has it.

    Raises Cursor.DoesNotExist for another shop's.
    """
    _cursor(shop, cursor.pk)
    at_work = leases.is_at_work(cursor)
    with transaction.atomic():
        if not leases.take_away(cursor):
            return False
        record(shop, "lease_released", by=by, resource=str(cursor), at_work=at_work)
    return True


def note_run_log(shop: Shop, run: PullRun, *, by: User) -> None:
    """Who took the log of a pull out of the portal. Raises Cursor.DoesNotExist for another shop's."""
    _cursor(shop, run.cursor_id)
    record(shop, "run_log_exported", by=by, run=run.pk)


def seal_anew(store: str, keys: Iterable[Any], *, by: User | None) -> Rotation:
    """Seal these rows of one of rotation.stores() with the newest key; each merchant's history tells it.

    Raises KeyError on an unknown store.
    """
    with transaction.atomic():
        done = rotation.renew(store, keys)
        for merchant, rows in _merchants(rotation.named(store), done.renewed):
            record(merchant, "keys_rotated", by=by, rows=rows, table=store)
    logger.info(
        "%s: %s rows sealed anew by person %s, %s do not open",
        *(store, done.resealed, by.pk if by else None, len(done.failed)),
    )
    return done


def _merchants(store: Sealed, keys: list[Any]) -> Iterable[tuple[Merchant, int]]:
    """Whose rows these are, and how many. People's second factors are no merchant's."""
    if not keys or not isinstance(store, Column):
        return []
    columns = {field.name for field in store.model._meta.concrete_fields}
    path = next((path for column, path in TO_MERCHANT.items() if column in columns), None)
    if path is None:
        return []
    rows = store.model._default_manager.filter(pk__in=keys)
    counted = Counter(rows.values_list(path, flat=True))
    merchants = Merchant.objects.in_bulk([key for key in counted if key])
    return [(merchant, counted[key]) for key, merchant in merchants.items()]


def _cursor(shop: Shop, cursor_id: int) -> Cursor:
    return Cursor.objects.get(pk=cursor_id, connection=shop.connection_id)

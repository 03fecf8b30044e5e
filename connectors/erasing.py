"""Takes data out for good: of one shopper, or of a whole connection. What comes later stays nameless.

A shopper is known by a keyed hash alone. It is remembered, so that what the shop still has of them comes in
without it from then on: an order line that belongs to nobody.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from connectors import filelife
from connectors.models import TABLES, Connection, ErasedShopper, ProductLink, ReceivedFile
from kleep_portal import crypto

BATCH = 5_000  # rows removed by one statement: nobody waits long for a lock
OF_PEOPLE = ("orders", "customers")  # the datasets with a customer_ref

Counts = dict[str, int]  # removed rows by dataset


def pseudonym_of(tenant: UUID) -> Callable[[str], str]:
    """How identifiers of this merchant's shoppers become keyed hashes; blank for those who were erased."""
    erased = frozenset(
        ErasedShopper.objects.filter(tenant=tenant).values_list("customer_ref", flat=True)
    )
    plain = partial(crypto.pseudonym, str(tenant))
    if not erased:
        return plain

    def pseudonym(value: str) -> str:
        found = plain(value)
        return "" if found in erased else found

    return pseudonym


def erase_shopper(tenant: UUID, identifier: str) -> Counts:
    """Remove every row of the shopper with this e-mail address or number, of all the merchant's shops.

    Remembered before anything is removed: a pull that is under way brings nothing back under their name.
    """
    reference = crypto.pseudonym(str(tenant), identifier)
    if not reference:
        return {}
    ErasedShopper.objects.get_or_create(tenant=tenant, customer_ref=reference)
    return _remove_shopper(tenant, reference)


def sweep() -> int:
    """Remove what a pull that was under way stored while a shopper was erased; how many rows that were."""
    erased = ErasedShopper.objects.values_list("tenant", "customer_ref")
    removed = sum(sum(_remove_shopper(tenant, one).values()) for tenant, one in erased.iterator())
    return removed + TABLES["customers"].objects.filter(customer_ref="").delete()[0]


def _remove_shopper(tenant: UUID, reference: str) -> Counts:
    connections = Connection.objects.filter(tenant=tenant).values("pk")
    mine = {"connection__in": list(connections.values_list("pk", flat=True))}
    with transaction.atomic():
        orders = TABLES["orders"].objects.filter(**mine, customer_ref=reference)
        keys = set(orders.values_list("connection", "order_id"))
        counts = {"returns": sum(_remove_returns(*key) for key in keys)}
        for name in OF_PEOPLE:
            rows = TABLES[name].objects.filter(**mine, customer_ref=reference)
            counts[name] = rows.delete()[0]
    return {name: count for name, count in counts.items() if count}


def _remove_returns(connection: UUID, order: str) -> int:
    return int(TABLES["returns"].objects.filter(connection=connection, order_id=order).delete()[0])


def erase_connection(connection: Connection) -> Counts:
    """Remove everything of a connection: credentials, data, files, what was checked and pulled.

    Paused first. May be interrupted and done again.
    """
    Connection.objects.filter(pk=connection.pk).update(sealed="", paused_at=timezone.now())
    tables: dict[str, type[Any]] = {**TABLES, "links": ProductLink}
    counts = {
        name: count
        for name, table in tables.items()
        if (count := remove_in_batches(table.objects.filter(connection=connection)))
    }
    files = ReceivedFile.objects.filter(connection=connection)
    for file in files.iterator():
        filelife.remove_stored(file)
    if number := files.count():
        counts["files"] = number
    connection.delete()
    return counts


def remove_in_batches(rows: "models.QuerySet[Any]") -> int:
    """Remove rows that nothing else points to, BATCH of them at a time; how many they were."""
    removed = 0
    while True:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not keys:
            return removed
        removed += rows.model._base_manager.filter(pk__in=keys)._raw_delete(rows.db)


def described(counts: Mapping[str, int]) -> str:
    """The counts for a person: "orders 12, returns 3"; "nothing" where there was nothing."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"

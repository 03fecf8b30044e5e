"""Takes data out for good: of one shopper, or of a whole connection. What comes later stays nameless.

A shopper is known by a keyed hash alone. It is remembered, so that what the shop still has of them comes in
without it from then on: an order line that belongs to nobody.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from connectors import filelife
from connectors.models import (
    TABLES,
    Connection,
    Cursor,
    ErasedShopper,
    ProductLink,
    ReceivedFile,
)
from kleep_portal import crypto

BATCH = 5_000  # rows removed by one statement: nobody waits long for a lock
OF_PEOPLE = ("orders", "customers")  # the datasets with a customer_ref

Counts = dict[str, int]  # removed rows by dataset


class Work:
    """What a removal tells of itself on its way; whoever wants to know more overrides it."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def took(self, name: str, count: int) -> None:
        """So many went. Called in the transaction that removed them."""
        self.counts[name] += count

    def go_on(self) -> None:
        """Called between two batches: what it raises ends the removal there, to be done again later."""


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


def forget_shopper(tenant: UUID, identifier: str) -> str:
    """Remember that this e-mail address or number is nobody from now on; its keyed hash, blank for none.

    Before anything is removed: a pull that is under way brings nothing back under their name.
    """
    reference = crypto.pseudonym(str(tenant), identifier)
    if reference:
        ErasedShopper.objects.get_or_create(tenant=tenant, customer_ref=reference)
    return reference


def count_shopper(tenant: UUID, reference: str) -> Counts:
    """How many rows there are of a shopper, in all the merchant's shops."""
    orders = _of_shopper("orders", tenant, reference)
    keys = set(orders.values_list("connection", "order_id"))
    counts = {"returns": sum(_returns(*key).count() for key in keys)}
    return counts | {name: _of_shopper(name, tenant, reference).count() for name in OF_PEOPLE}


def sweep() -> int:
    """Remove what a pull that was under way stored while a shopper was erased; how many rows that were."""
    erased = ErasedShopper.objects.values_list("tenant", "customer_ref")
    removed = sum(sum(remove_shopper(tenant, one).values()) for tenant, one in erased.iterator())
    return removed + TABLES["customers"].objects.filter(customer_ref="").delete()[0]


def remove_shopper(tenant: UUID, reference: str, work: Work | None = None) -> Counts:
    """Remove every row of the shopper with that keyed hash, of all the merchant's shops."""
    work = work or Work()
    with transaction.atomic():
        keys = set(_of_shopper("orders", tenant, reference).values_list("connection", "order_id"))
        work.took("returns", sum(_returns(*key).delete()[0] for key in keys))
        for name in OF_PEOPLE:
            work.took(name, _of_shopper(name, tenant, reference).delete()[0])
    return dict(+work.counts)


def _of_shopper(name: str, tenant: UUID, reference: str) -> "models.QuerySet[Any]":
    connections = Connection.objects.filter(tenant=tenant).values_list("pk", flat=True)
    return TABLES[name].objects.filter(connection__in=list(connections), customer_ref=reference)


def _returns(connection: UUID, order: str) -> "models.QuerySet[Any]":
    return TABLES["returns"].objects.filter(connection=connection, order_id=order)


def rows_of(connection: Connection) -> "dict[str, models.QuerySet[Any]]":
    """What was read and sent, by dataset; the links between products and variants beside it."""
    tables: dict[str, type[Any]] = {**TABLES, "links": ProductLink}
    return {name: table.objects.filter(connection=connection) for name, table in tables.items()}


def erase_connection(connection: Connection, work: Work) -> None:
    """Remove everything of a connection: credentials, data, files, what was checked and pulled.

    Paused first. May be interrupted and done again.
    """
    Connection.objects.filter(pk=connection.pk).update(sealed="", paused_at=timezone.now())
    for name, rows in rows_of(connection).items():
        remove_in_batches(rows, took=partial(work.took, name), go_on=work.go_on)
    remove_files(ReceivedFile.objects.filter(connection=connection), work)
    with transaction.atomic():
        # Whoever stores a page holds its cursor: nobody does any more, and what came meanwhile goes, too.
        list(Cursor.objects.select_for_update().filter(connection=connection).order_by("pk"))
        for name, rows in rows_of(connection).items():
            work.took(name, rows._raw_delete(rows.db))
        connection.delete()


def remove_files(files: "models.QuerySet[ReceivedFile]", work: Work) -> None:
    """Files with what lies in the storage of them."""
    for file in files.iterator():
        filelife.remove_stored(file)
        with transaction.atomic():
            file.delete()
            work.took("files", 1)
        work.go_on()


def remove_in_batches(
    rows: "models.QuerySet[Any]",
    *,
    took: Callable[[int], None] = lambda _count: None,
    go_on: Callable[[], None] = lambda: None,
) -> int:
    """Remove rows that nothing else points to, BATCH of them at a time; how many they were."""
    removed = 0
    while True:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not keys:
            return removed
        with transaction.atomic():
            count = rows.model._base_manager.filter(pk__in=keys)._raw_delete(rows.db)
            took(count)
        removed += count
        go_on()


def described(counts: Mapping[str, int]) -> str:
    """The counts for a person: "orders 12, returns 3"; "nothing" where there was nothing."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"

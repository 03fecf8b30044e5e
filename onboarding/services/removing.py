"""How data is taken out for good: in slices that workers take up one after the other.

What went is counted in the transaction that removed it, and whatever interrupts an erasure, it goes on where
it was: the report tells of every row once.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connectors import erasing
from connectors.models import Connection, ReceivedFile, SeenFile
from onboarding import audit, uploads
from onboarding.models import Certificate, Erasure, Evidence, Membership, Merchant, Shop, User
from onboarding.services.recording import record

Kind = Erasure.Kind
LEASE = timedelta(minutes=10)  # longer than a task may run
LOOK_EVERY = 0.2  # seconds
FIRST_WAIT = timedelta(minutes=1)  # after a failure; then 2, 4, 8 minutes


class _TimeUpError(Exception):
    """The slice is over: what went is gone, the rest goes in the next one."""


class _Work(erasing.Work):
    """Counts in the report itself, and ends with its slice."""

    def __init__(self, erasure: Erasure, seconds: float) -> None:
        super().__init__()
        self._erasure, self._end = erasure, time.monotonic() + seconds

    def took(self, name: str, count: int) -> None:
        if count:
            row = Erasure.objects.select_for_update().get(pk=self._erasure.pk)
            row.counts[name] = row.counts.get(name, 0) + count
            row.save(update_fields=["counts"])

    def go_on(self) -> None:
        if time.monotonic() > self._end:
            raise _TimeUpError


def due() -> QuerySet[Erasure]:
    """What nobody is at, though it is asked for."""
    mine = Erasure.objects.filter(finished_at=None, due_at__lte=timezone.now())
    return mine.filter(failures__lt=Erasure.MOST_FAILURES)


def claim(erasure_id: int) -> Erasure | None:
    """The erasure is ours for a slice; None where somebody is at it, or it is over."""
    if not due().filter(pk=erasure_id).update(due_at=timezone.now() + LEASE):
        return None
    return Erasure.objects.select_related("merchant", "shop__connection", "by").get(pk=erasure_id)


def go_on(erasure: Erasure, *, seconds: float = float("inf")) -> bool:
    """So many seconds of it; whether it is done."""
    act: dict[str, Callable[[Erasure, _Work], None]] = {
        Kind.SHOPPER: _erase_shopper,
        Kind.SHOP: _erase_shop,
        Kind.MERCHANT: _erase_merchant,
    }
    try:
        act[erasure.kind](erasure, _Work(erasure, seconds))
    except _TimeUpError:
        Erasure.objects.filter(pk=erasure.pk).update(due_at=timezone.now(), failures=0)
        return False
    return True


def at_once(erasure: Erasure) -> Erasure:
    """All of it, here and now; where a worker is at it, wait for its end."""
    while not (erasure.is_done or erasure.is_stuck):
        claimed = claim(erasure.pk)
        if claimed is None:
            time.sleep(LOOK_EVERY)
        else:
            _all_of(claimed)
        erasure.refresh_from_db(fields=["finished_at", "failures", "counts"])
    return erasure


def _all_of(erasure: Erasure) -> None:
    try:
        go_on(erasure)
    except BaseException:  # whoever asks again need not wait for the end of our lease
        Erasure.objects.filter(pk=erasure.pk, finished_at=None).update(due_at=timezone.now())
        raise


def note_failure(erasure: Erasure) -> None:
    """Try again a little later; after the last time a person has to look."""
    again_at = timezone.now() + FIRST_WAIT * 2**erasure.failures
    mine = Erasure.objects.filter(pk=erasure.pk)
    mine.update(failures=erasure.failures + 1, due_at=again_at)


def _erase_shopper(erasure: Erasure, work: _Work) -> None:
    merchant = erasure.merchant
    if merchant is not None:
        erasing.remove_shopper(merchant.pk, erasure.customer_ref, work)
    with transaction.atomic():
        if _close(erasure) and merchant is not None:
            record(merchant, "shopper_erased", by=erasure.by, counts=erasure.counts)


def _erase_shop(erasure: Erasure, work: _Work) -> None:
    shop, merchant = erasure.shop, erasure.merchant
    if shop is not None:
        _empty(shop, work)
    with transaction.atomic():
        if _close(erasure) and shop is not None and merchant is not None:
            events = audit.forget_shop(shop)
            shop.delete()
            record(
                merchant,
                audit.ERASED,
                by=erasure.by,
                slug=erasure.subject,
                events=events,
                counts=erasure.counts,
            )


def _erase_merchant(erasure: Erasure, work: _Work) -> None:
    merchant = erasure.merchant
    if merchant is None:
        _close(erasure)
        return
    for shop in merchant.shops.select_related("connection"):
        _empty(shop, work)
    # What several of its shops share, and what none of them uses any more.
    for connection in Connection.objects.filter(tenant=merchant.pk):
        erasing.erase_connection(connection, work)
    with transaction.atomic():
        if not _close(erasure):
            return
        people = list(only_here(merchant).values_list("pk", flat=True))
        work.took("events", audit.Events.filter(merchant=merchant).count())
        work.took("people", len(people))
        merchant.delete()
        User.objects.filter(pk__in=people).delete()


def _close(erasure: Erasure) -> bool:
    """Part of the transaction that does the rest of it; False where another worker was faster."""
    open_ = Erasure.objects.filter(pk=erasure.pk, finished_at=None)
    closed = open_.update(finished_at=timezone.now(), due_at=None, customer_ref="")
    erasure.refresh_from_db(fields=["finished_at", "due_at", "customer_ref", "counts"])
    return bool(closed)


def only_here(merchant: Merchant) -> QuerySet[User]:
    """People who belong to no other company, and are not Kleep's."""
    elsewhere = Membership.objects.exclude(merchant=merchant).values("user")
    return merchant.members.filter(is_staff=False).exclude(pk__in=elsewhere)


def connections_of(shop: Shop) -> QuerySet[Connection]:
    """Its API's, and that of the server which its files come from."""
    return Connection.objects.filter(Q(shops=shop) | Q(file_sources__shop=shop)).distinct()


def others_of(connection: Connection, shop: Shop) -> QuerySet[Shop]:
    """The shops that use the connection beside this one."""
    users = Shop.objects.filter(Q(connection=connection) | Q(file_source__server=connection))
    return users.exclude(pk=shop.pk)


def pictures_of(shop: Shop) -> QuerySet[Evidence]:
    return Evidence.objects.filter(run__shop=shop)


def papers_of(shop: Shop) -> QuerySet[Certificate]:
    return Certificate.objects.filter(decision__shop=shop)


def _empty(shop: Shop, work: _Work) -> None:
    """Remove what is large or lies in files; the shop itself goes with the caller's transaction."""
    _remove_stored(pictures_of(shop), "evidence", work)
    _remove_stored(papers_of(shop), "certificates", work)
    for upload in shop.uploads.all():
        uploads.remove(upload)
    for connection in connections_of(shop):
        if not others_of(connection, shop).exists():
            erasing.erase_connection(connection, work)
            continue
        # Of what is shared, the files that came for this shop.
        mine = {"connection": connection, "shop": shop.slug}
        erasing.remove_files(ReceivedFile.objects.filter(**mine), work)
        SeenFile.objects.filter(**mine).delete()


def _remove_stored(
    rows: "QuerySet[Evidence] | QuerySet[Certificate]", name: str, work: _Work
) -> None:
    for row in rows:
        if row.file.name:
            default_storage.delete(row.file.name)
        with transaction.atomic():
            row.delete()
            work.took(name, 1)
        work.go_on()

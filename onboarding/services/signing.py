"""The merchant's side of a go-live: the machine's look at the pages, signatures under lines and the whole."""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding import tasks
from onboarding.checklist import Checklist
from onboarding.golive import Stage
from onboarding.models import Decision, Membership, PageRun, ProductPage, Shop, Tick, User
from onboarding.services.deciding import (
    CHANGED,
    NO_PAGES,
    NOT_LOOKED,
    NOT_THE_MERCHANTS,
    OPEN_LINES,
    RefusedError,
    decide,
    locked,
    must_be_allowed,
    withdraw,
)
from onboarding.services.recording import record
from onboarding.signed_lines import WANTED, By

MOST_PAGES = 5  # of one site: more tell nothing new


def start_page_runs(shop: Shop, environment: str, *, by: User | None) -> list[PageRun]:
    """Look at every product page of that site; a page that waits or is looked at now is not asked twice.

    Raises RefusedError where there are none.
    """
    pages = ProductPage.objects.filter(shop=shop, environment=environment)
    urls = list(pages.values_list("url", flat=True)[:MOST_PAGES])
    if not urls:
        raise RefusedError(NO_PAGES)
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=shop.pk)  # of two clicks, one asks
        known = {run.url for run in Checklist(shop, environment).runs if not run.is_over}
        now = timezone.now()
        runs = [
            PageRun.objects.create(
                shop=shop, environment=environment, url=url, asked_by=by, queued_at=now
            )
            for url in urls
            if url not in known
        ]
        if runs:
            record(shop, "page_check_started", by=by, environment=environment, pages=len(runs))
        for run in runs:
            transaction.on_commit(partial(tasks.look_at_page.delay, run.pk))
    return runs


def tick(shop: Shop, item: str, *, by: User, fingerprint: str | None = None) -> Tick:
    """Sign a line. `fingerprint`: of the page that the person was shown; it must still be the same.

    A second click signs nothing more.

    Raises RefusedError, KeyError on an unknown line.
    """
    wanted = WANTED[item]
    checklist = Checklist(shop, Shop.Environment.PREPROD)
    if wanted.by is By.KLEEP:
        must_be_allowed(by)
    if wanted.of_page and not checklist.is_complete:
        raise RefusedError(NOT_LOOKED)
    if wanted.of_page and fingerprint is not None and fingerprint != checklist.fingerprint:
        raise RefusedError(CHANGED)
    signed = {
        "environment": checklist.environment,
        "item": item,
        "by": by,
        "run": next(iter(checklist.newest.values()), None),
        "fingerprint": checklist.fingerprint if wanted.of_page else "",
    }
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=shop.pk)  # the second waits for the first
        if same := Tick.objects.filter(shop=shop, withdrawn_at=None, **signed).first():
            return same
        withdraw(shop, item)
        made = Tick.objects.create(shop=shop, **signed)
        record(shop, "line_signed", by=by, item=item)
    return made


def untick(shop: Shop, item: str, *, by: User) -> bool:
    """Take a signature back; False where there is none. Raises RefusedError, KeyError."""
    if WANTED[item].by is By.KLEEP:
        must_be_allowed(by)
    with transaction.atomic():
        if not withdraw(shop, item):
            return False
        record(shop, "line_withdrawn", by=by, item=item)
    return True


def signs_for_merchant(by: User, shop: Shop) -> bool:
    """Whether the merchant's signature may be theirs. Two of Kleep's staff alone bring no shop live."""
    members = Membership.objects.filter(user=by, merchant=shop.merchant_id)
    return not by.is_staff or members.exclude(role=Membership.Role.VIEWER).exists()


def confirm(shop: Shop, *, by: User) -> Decision:
    """The merchant's signature under the whole of it. Raises RefusedError."""
    if not signs_for_merchant(by, shop):
        raise RefusedError(NOT_THE_MERCHANTS)
    with transaction.atomic():
        facts = locked(shop)
        if facts.stage not in (Stage.PREPARING, Stage.UNDONE):
            raise RefusedError(_("This was confirmed already: it is Kleep's turn."))
        if not facts.preprod.is_complete:
            raise RefusedError(NOT_LOOKED)
        if facts.preprod.merchant_blockers:
            raise RefusedError(OPEN_LINES)
        return decide(shop, Decision.Kind.CONFIRMED, by=by, checklist=facts.preprod)

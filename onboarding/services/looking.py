"""Looks at a shop's product pages without a browser: asked for, done, and repeated every day."""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from kleep_portal import crypto, redaction
from onboarding.models import Actor, PageLook, ProductPage, Shop
from onboarding.services.recording import record
from onboarding.services.widget import storefront_credentials
from onboarding.widget import detect, looking
from onboarding.widget.kleep import Kleep
from onboarding.widget.settings import WidgetSettings

KEPT = 30  # looks of each page
STUCK_AFTER = timedelta(minutes=3)  # its task was lost with the queue, or failed
ATTEMPTS = 3  # then the look says that it failed
BATCH = 200  # looks that one beat queues


def start_look(shop: Shop, environment: str, *, by: Actor | None) -> list[PageLook]:
    """Look at that site's product pages, each in a task of its own; one that waits already is enough."""
    from onboarding import tasks  # which import the services

    made = []
    with transaction.atomic():
        for page in shop.product_pages.filter(environment=environment):
            if not _is_waiting(page):
                made.append(PageLook.objects.create(page=page, asked_by=str(by or "")))
        if made and by is not None:
            record(shop, "pages_looked_at", by=by, environment=environment)
        for look in made:
            transaction.on_commit(partial(tasks.look_for_widget.delay, look.pk))
    return made


def _is_waiting(page: ProductPage) -> bool:
    since = timezone.now() - STUCK_AFTER
    return page.looks.filter(finished_at=None, asked_at__gt=since).exists()


def run_look(look: PageLook) -> None:
    """Load the page, keep what is found, note a change for the worse or the better."""
    PageLook.objects.filter(pk=look.pk).update(attempts=F("attempts") + 1)
    _finish(look, _found(look.page))


def _finish(look: PageLook, findings: list[detect.Finding]) -> None:
    page = look.page
    before = page.looks.exclude(finished_at=None).first()
    look.findings = [
        {"code": finding.code, "params": redaction.scrub_within(finding.params)}
        for finding in findings
    ]
    look.finished_at = timezone.now()
    with transaction.atomic():
        look.save(update_fields=["findings", "finished_at"])
        kept = page.looks.values_list("pk", flat=True)[:KEPT]
        page.looks.exclude(pk__in=list(kept)).delete()
        if before is not None and _codes(before) != _codes(look):
            changed = {"url": page.url, "before": _codes(before), "after": _codes(look)}
            record(page.shop, "page_changed", by=None, **changed)


def _found(page: ProductPage) -> list[detect.Finding]:
    shop = page.shop
    try:
        credentials = storefront_credentials(shop, page.environment)
    except crypto.SealError:
        return [detect.Finding("password_refused")]
    loaded = looking.load(page.url, credentials=credentials)
    wanted = detect.Shop(
        settings=WidgetSettings.of(shop.widget),
        environment=page.environment,
        kleep=Kleep.configured(),
        has_credentials=credentials is not None,
    )
    return detect.find(loaded, wanted)


def _codes(look: PageLook) -> list[str]:
    return [finding["code"] for finding in look.findings]


def due_looks() -> list[PageLook]:
    """What waits in no queue: production's pages that nobody looked at for a day, and looks that were lost.

    Marked as queued; the caller queues them. One that failed too often ends and says so.
    """
    now = timezone.now()
    newest = PageLook.objects.filter(page=OuterRef("pk")).values("asked_at")[:1]
    pages = ProductPage.objects.annotate(looked_at=Subquery(newest)).filter(
        Q(looked_at=None) | Q(looked_at__lt=now - timedelta(days=1)),
        environment=Shop.Environment.PRODUCTION,
    )
    made = [PageLook.objects.create(page=page) for page in pages[:BATCH]]
    lost = PageLook.objects.filter(finished_at=None, queued_at__lt=now - STUCK_AFTER)
    for look in lost.filter(attempts__gte=ATTEMPTS).select_related("page__shop")[:BATCH]:
        _finish(look, [detect.Finding("failed")])
    again = list(lost.filter(attempts__lt=ATTEMPTS).order_by("pk")[:BATCH])
    PageLook.objects.filter(pk__in=[look.pk for look in again]).update(queued_at=now)
    return [*made, *again]

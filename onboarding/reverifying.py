"""What follows from a look at a page: live at last, or broken again; and when live shops are due again."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from onboarding import looking, services
from onboarding.browser.lines import Status
from onboarding.checklist import OPTIONAL, stored_lines
from onboarding.golive import GoLive, Stage
from onboarding.models import Decision, Evidence, PageRun, Shop

DAY = timedelta(days=1)
KEPT_PER_PAGE = 2  # to be shown side by side


def after(run: PageRun) -> None:
    """Called when a run is over."""
    if not looking.is_production(run) or run.state != PageRun.State.FINISHED:
        return
    stage = GoLive(run.shop).stage
    if stage is Stage.APPROVED:
        services.verify_production(run.shop)
    elif stage is Stage.LIVE:
        services.print_certificate(run.shop)  # where its task was lost, or printing failed
        before = looking.previous(run)
        if before is not None and is_fine(before) != is_fine(run):
            services.note_page_change(run, is_fine=is_fine(run))


def is_fine(run: PageRun) -> bool:
    """Nothing that a go-live needs is missing."""
    return all(
        line.status in (Status.PASSED, Status.WARNING)
        for line in stored_lines(run)
        if line.item not in OPTIONAL
    )


def look_where_due() -> None:
    """Once a day, each shop at a time of its own, so that they do not come all at once."""
    now = timezone.now()
    for shop in live_shops().annotate(looked_at=Subquery(_looks().values("asked_at")[:1])):
        if shop.looked_at is None or shop.looked_at < last_turn(shop.slug, now):
            services.start_page_runs(shop, Shop.Environment.PRODUCTION, by=None)


def live_shops() -> QuerySet[Shop]:
    newest = Decision.objects.filter(shop=OuterRef("pk")).order_by("-pk")
    live = Shop.objects.annotate(newest=Subquery(newest.values("kind")[:1]))
    has_page = live.filter(product_pages__environment=Shop.Environment.PRODUCTION).distinct()
    return has_page.filter(newest=Decision.Kind.VERIFIED)


def _looks() -> QuerySet[PageRun]:
    production = Shop.Environment.PRODUCTION
    return PageRun.objects.filter(shop=OuterRef("pk"), environment=production).order_by("-pk")


def last_turn(slug: str, now: datetime) -> datetime:
    """The latest moment at which this shop's daily look was due: always at the same second of the day."""
    second = int.from_bytes(hashlib.sha256(slug.encode()).digest()[:4]) % 86_400
    today = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=second)
    return today if today <= now else today - DAY


def delete_old_evidence() -> None:
    """Kept: what signatures stand on, and the newest looks at each page."""
    old = timezone.now() - timedelta(days=settings.BROWSER_EVIDENCE_DAYS)
    unsigned = PageRun.objects.filter(asked_at__lt=old, ticks=None, decisions=None)
    for run in unsigned.select_related("shop").iterator(chunk_size=200):
        newer = PageRun.objects.filter(
            shop=run.shop, environment=run.environment, url=run.url, pk__gt=run.pk
        )
        if newer.count() >= KEPT_PER_PAGE:
            for picture in Evidence.objects.filter(run=run):
                picture.file.delete(save=False)
            run.delete()

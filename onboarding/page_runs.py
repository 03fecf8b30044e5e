"""The looks at product pages that count now: a live shop has months of others."""

from collections import defaultdict
from typing import Any

from django.db.models import OuterRef, Q, QuerySet

from onboarding.models import PageLook, PageRun, ProductPage
from onboarding.together import Together

Site = tuple[int, str]  # a shop's id and the environment


def pages(together: Together) -> dict[Site, list[ProductPage]]:
    """By site its product pages, each with the ids of its newest look and runs."""
    runs = PageRun.objects.filter(
        shop=OuterRef("shop"), environment=OuterRef("environment"), url=OuterRef("url")
    )
    looks = PageLook.objects.filter(page=OuterRef("pk"))
    annotated = ProductPage.objects.filter(shop__in=together.shops).annotate(
        newest_run=_newest(runs),
        newest_finished=_newest(runs.filter(state=PageRun.State.FINISHED)),
        newest_look=_newest(looks),
    )
    found: dict[Site, list[ProductPage]] = defaultdict(list)
    for page in annotated:
        found[page.shop_id, page.environment].append(page)
    return found


def _newest(rows: "QuerySet[Any]") -> "QuerySet[Any, Any]":
    return rows.order_by("-pk").values("pk")[:1]


def runs(together: Together) -> dict[Site, list[PageRun]]:
    """By site the newest run of each page, its newest finished one, and what is under way; newest first."""
    known = together.read(pages)
    every = [page for found in known.values() for page in found]
    if not every:
        return {}
    ids = {pk for page in every for pk in (page.newest_run, page.newest_finished)}  # type: ignore[attr-defined]  # annotated
    shown = {(page.shop_id, page.environment, page.url) for page in every}
    under_way = Q(shop__in=together.shops, state__in=PageRun.UNDER_WAY)
    wanted = PageRun.objects.filter(under_way | Q(pk__in=ids - {None}))
    found: dict[Site, list[PageRun]] = defaultdict(list)
    for run in wanted.defer("details").select_related("asked_by"):
        if (run.shop_id, run.environment, run.url) in shown:
            found[run.shop_id, run.environment].append(run)
    return found


def looks(together: Together) -> dict[Site, list[PageLook]]:
    """By site the newest look, without a browser, of each page that has one; newest first."""
    known = together.read(pages)
    every = {page.pk: page for found in known.values() for page in found}
    ids = [page.newest_look for page in every.values() if page.newest_look]  # type: ignore[attr-defined]  # annotated
    found: dict[Site, list[PageLook]] = defaultdict(list)
    for look in PageLook.objects.filter(pk__in=ids):
        look.page = every[look.page_id]
        found[look.page.shop_id, look.page.environment].append(look)
    return found

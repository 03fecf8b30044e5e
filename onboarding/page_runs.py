"""The looks at the product pages of a site that count now: a live shop has months of others."""

from collections.abc import Mapping
from itertools import chain

from django.db.models import OuterRef, Q

from onboarding.models import PageRun, ProductPage, Shop


def newest(shop: Shop, environment: str) -> dict[str, list[int]]:
    """By page its newest run and its newest finished one, where there are any."""
    runs = PageRun.objects.filter(shop=shop, environment=environment, url=OuterRef("url"))
    newest = runs.order_by("-pk").values("pk")
    pages = ProductPage.objects.filter(shop=shop, environment=environment).annotate(
        newest=newest[:1], finished=newest.filter(state=PageRun.State.FINISHED)[:1]
    )
    found = pages.values_list("url", "newest", "finished")
    return {url: [pk for pk in runs if pk is not None] for url, *runs in found}


def that_count(shop: Shop, environment: str, newest: Mapping[str, list[int]]) -> list[PageRun]:
    """Those, and whatever is under way on these pages; the newest first."""
    if not newest:
        return []
    under_way = Q(url__in=list(newest)) & ~Q(state__in=PageRun.OVER)
    wanted = PageRun.objects.filter(
        under_way | Q(pk__in=list(chain.from_iterable(newest.values()))),
        shop=shop,
        environment=environment,
    )
    return list(wanted.defer("details").select_related("asked_by"))

"""The questions of the API. Everything of it is read-only; a shop is named by its slug."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import translation
from ninja import NinjaAPI, Query
from ninja.errors import HttpError

from connectors import measured
from connectors.readiness import Readiness
from onboarding import phases
from onboarding.api import schemas
from onboarding.api.clients import Rate, Token, needs
from onboarding.golive import GoLive, Stage
from onboarding.models import Shop

api = NinjaAPI(
    title="Kleep onboarding portal",
    version="1",
    description="Shops, how far they are, and how good and fresh their data is. Read-only.",
    urls_namespace="api",
    auth=Token(),
    throttle=[Rate()],
    docs_url=None,  # the document is for programs; a page of it would need scripts from elsewhere
)


def _shop(slug: str) -> Shop:
    return get_object_or_404(Shop.objects.select_related("merchant", "connection"), slug=slug)


@api.get("/shops", response=schemas.ShopsOut, summary="All shops, a page at a time")
def shops(request: HttpRequest, page: Query[schemas.Paging]) -> dict[str, Any]:
    needs("shops")(request)
    found = Shop.objects.select_related("merchant", "connection").order_by("slug")
    asked = list(found.filter(slug__gt=page.after)[: page.limit + 1])
    shown = asked[: page.limit]
    return {
        "count": found.count(),
        "next": shown[-1].slug if len(asked) > page.limit else None,
        "shops": [_described(shop) for shop in shown],
    }


@api.get("/shops/{slug}", response=schemas.ShopOut, summary="One shop")
def shop(request: HttpRequest, slug: str) -> dict[str, Any]:
    needs("shops")(request)
    return _described(_shop(slug))


@api.get("/shops/{slug}/status", response=schemas.StatusOut, summary="How far the shop is")
def status(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Every task of every phase, computed now; titles and facts in English."""
    needs("status")(request)
    found = _shop(slug)
    facts = phases.Facts(found)
    with translation.override("en"):
        drawn = [_phase(phase, tasks) for phase, tasks in phases.of_shop(found, facts)]
    is_live = facts.of(GoLive).stage is Stage.LIVE  # also while its page is broken
    return {"slug": found.slug, "is_live": is_live, "phases": drawn}


@api.get("/shops/{slug}/readiness", response=schemas.ReadinessOut, summary="How good its data is")
def ready(request: HttpRequest, slug: str) -> dict[str, Any]:
    needs("readiness")(request)
    measured = _measured(slug)
    measures = [
        {
            "name": one.name,
            "number": one.number,
            "of": one.of,
            "share": one.share,
            "verdict": one.verdict.value,
            "sentence": one.sentence,
        }
        for one in measured.measures
    ]
    return {"slug": slug, "is_ok": measured.is_ok, "measures": measures}


@api.get("/shops/{slug}/freshness", response=schemas.FreshnessOut, summary="How fresh its data is")
def fresh(request: HttpRequest, slug: str) -> dict[str, Any]:
    needs("readiness")(request)
    datasets = [
        {
            "dataset": line.dataset,
            "rows": line.rows,
            "looked_at": line.looked_at,
            "newest": line.newest,
            "hours": line.hours,
            "verdict": line.verdict.value,
        }
        for line in _measured(slug).freshness
    ]
    return {"slug": slug, "datasets": datasets}


def _measured(slug: str) -> Readiness:
    found = _shop(slug)
    if found.connection is None:
        raise HttpError(409, "This shop is not connected yet: there is no data to measure.")
    with translation.override("en"):
        return measured.measure(found.connection, found.store)


def _described(shop: Shop) -> dict[str, Any]:
    return {
        "slug": shop.slug,
        "name": shop.name,
        "merchant": shop.merchant.name,
        "platform": shop.connection.platform if shop.connection else shop.platform,
        "environment": shop.environment,
        "storefront_url": shop.storefront_url,
        "languages": shop.languages,
        "created_at": shop.created_at,
    }


def _phase(phase: phases.Phase, tasks: list[phases.Task]) -> dict[str, Any]:
    return {
        "key": phase.key,
        "title": str(phase.title),
        "is_done": phases.is_done(tasks),
        "tasks": [
            {
                "key": task.key,
                "title": task.title,
                "state": task.state.value,
                "waiting_on": None if task.is_done else task.turn.value,
                "since": task.since,
                "fact": task.fact,
            }
            for task in tasks
        ],
    }

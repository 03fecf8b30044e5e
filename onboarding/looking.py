"""One run of the machine: from a row in the queue to lines, pictures and a fingerprint in the database."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.core.cache import cache
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from kleep_portal import redaction
from onboarding.browser import fingerprint, running, verdicts
from onboarding.browser.lines import Line
from onboarding.browser.observations import Job, Observed
from onboarding.models import Evidence, PageRun, Shop
from onboarding.services.widget import storefront_credentials
from onboarding.widget import consent
from onboarding.widget.kleep import Kleep
from onboarding.widget.settings import WidgetSettings

logger = logging.getLogger(__name__)

State = PageRun.State
ATTEMPTS = 2
QUEUE_AGAIN_AFTER = timedelta(minutes=5)
# The worker with the browser leaves a sign of life, which the staff's pages look for.
SIGN, SIGN_SECONDS = "browser-worker", 600
READY, MISSING, SILENT = "ready", "missing", "silent"
OWN_BUTTON = "the shop's own"


def worker_state() -> str:
    """ready; missing: its worker has no browser; silent: no such worker was heard of."""
    return str(cache.get(SIGN) or SILENT)


def leave_sign() -> bool:
    """Whether this worker has a browser, noted for the pages."""
    has_browser = running.is_installed()
    cache.set(SIGN, READY if has_browser else MISSING, SIGN_SECONDS)
    return has_browser


def look(run_id: int) -> PageRun | None:
    """Do one run; None where there is nothing to do: another worker has it, or no browser is here."""
    if not leave_sign():
        return None
    waiting = PageRun.objects.filter(pk=run_id, state=State.QUEUED)
    now = timezone.now()
    if not waiting.update(state=State.RUNNING, started_at=now, attempts=F("attempts") + 1):
        return None
    run = PageRun.objects.select_related("shop").get(pk=run_id)
    job = job_of(run)
    with running.looked_at(job) as (observed, folder):
        _store(run, job, observed, folder)
    leave_sign()
    return run


def job_of(run: PageRun) -> Job:
    """What the browser is told: the page, Kleep's hosts, the shop's consent tool. Raises NoBrowserError."""
    kleep, widget = Kleep.configured(), WidgetSettings.of(run.shop.widget)
    secrets = dict(storefront_credentials(run.shop, run.environment) or {})
    hosts = [urlsplit(origin).netloc.lower() for origin in kleep.origins]
    return Job(
        url=run.url,
        button_id=kleep.button_id,
        hosts=tuple(hosts),
        drawer_host=urlsplit(kleep.drawer_url).netloc.lower(),
        retailer_argument=kleep.arguments["retailer"],
        product_argument=kleep.arguments["product"],
        variant_argument=kleep.arguments["variant"],
        retailer=widget.retailer_uuid,
        accept_buttons=_accept_buttons(widget),
        user=secrets.get("username", ""),
        password=secrets.get("password", ""),
        language=widget.language,
        program=running.program(),
        sandboxed=settings.BROWSER_SANDBOX,
        patience=settings.BROWSER_PATIENCE_SECONDS,
        max_bytes=settings.BROWSER_TRAFFIC_MB * 2**20,
        max_requests=settings.BROWSER_REQUESTS,
        allow_loopback=settings.ALLOW_PRIVATE_ADDRESSES,
        ports=_ports(run.url, *kleep.origins),
    )


def _accept_buttons(widget: WidgetSettings) -> dict[str, str]:
    """The shop's own first, then those of every tool that a snippet knows."""
    own = {OWN_BUTTON: consent.accept_button(widget)}
    known = {str(tool.label): tool.accept for tool in consent.TOOLS.values()}
    return {name: button for name, button in {**own, **known}.items() if button}


def _ports(*urls: str) -> tuple[int, ...]:
    """Of the page and of Kleep: beside those of the web, no other is opened."""
    return tuple({port for url in urls if (port := urlsplit(url).port)})


def _store(run: PageRun, job: Job, observed: Observed, folder: Path) -> None:
    """All of it or nothing: a run whose pictures cannot be kept is done again."""
    run.finished_at = timezone.now()
    run.details = _details(observed)
    if observed.error:
        logger.error("run %s: the browser failed: %s", run.pk, redaction.scrub(observed.error))
        run.state = State.FAILED
    else:
        run.state = State.FINISHED
        run.lines = _lines(verdicts.lines(observed, job))
        run.fingerprint = fingerprint.of_page(observed)
    with transaction.atomic():
        run.save(update_fields=["state", "finished_at", "details", "lines", "fingerprint"])
        for view in observed.views:
            for name in view.pictures:
                with (folder / name).open("rb") as picture:
                    Evidence.objects.create(
                        run=run, name=Path(name).stem, file=File(picture, name=name)
                    )


def _lines(found: list[Line]) -> list[dict[str, Any]]:
    """For the database, without what the page may have read of the password before it."""
    lines: list[dict[str, Any]] = msgspec.to_builtins(found)
    for finding in (finding for line in lines for finding in line["findings"]):
        finding["params"] = redaction.scrub_within(finding["params"])
    return lines


def _details(observed: Observed) -> dict[str, object]:
    """For people who look closer. No bodies, no cookies, no queries of addresses."""
    views = {
        view.name: {
            "console": [
                [said.level, redaction.scrub(said.text), redaction.scrub(said.url)]
                for said in view.console
            ],
            "failed": [[redaction.scrub(one.url), one.reason] for one in view.failed],
            "load_ms": view.load_ms,
            "button_ms": view.button.after_ms if view.button else None,
            "drawer_ms": view.drawer.after_ms if view.drawer else None,
            "consent": view.consent,
        }
        for view in observed.views
    }
    return {
        "views": views,
        "added_ms": observed.timing.added,
        "seconds": round(observed.seconds, 1),
        "bytes": observed.bytes,
        "requests": observed.requests,
        "memory": observed.peak_memory,
        "browser": observed.browser,
        "stopped": observed.stopped,
        "refused": [one.host for one in observed.refusals if one.code == "private_address"],
    }


def release_lost() -> None:
    """Runs whose worker died are queued again, or given up after the second time."""
    long_ago = timezone.now() - timedelta(seconds=settings.BROWSER_SECONDS + 60)
    lost = PageRun.objects.filter(state=State.RUNNING, started_at__lt=long_ago)
    lost.filter(attempts__lt=ATTEMPTS).update(state=State.QUEUED, queued_at=None)
    lost.update(state=State.FAILED, finished_at=timezone.now())


def to_queue(limit: int) -> list[int]:
    """Runs that wait in no queue: marked as queued now, and to be queued by the caller."""
    old = timezone.now() - QUEUE_AGAIN_AFTER
    waiting = PageRun.objects.filter(Q(queued_at=None) | Q(queued_at__lt=old), state=State.QUEUED)
    found = list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])
    PageRun.objects.filter(pk__in=found).update(queued_at=timezone.now())
    return found


def previous(run: PageRun) -> PageRun | None:
    """The run of the same page before that one."""
    same = PageRun.objects.filter(shop=run.shop, environment=run.environment, url=run.url)
    return same.filter(state=State.FINISHED, pk__lt=run.pk).first()


def is_production(run: PageRun) -> bool:
    return run.environment == Shop.Environment.PRODUCTION

"""The paper of a go-live: who signed what and when, what the machine saw; as a page, and printed as PDF.

Printed by the browser that has verified the pages: it sets the HTML that people see on the screen, in any
script, and tags the PDF for screen readers. No library for PDFs is needed beside it.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.template.loader import render_to_string
from django.utils import translation

from onboarding import looking
from onboarding.browser import running, sentences
from onboarding.checklist import stored_lines
from onboarding.models import Certificate, Decision, PageRun, Tick
from onboarding.signed_lines import WANTED

Kind = Decision.Kind
STYLE = "css/certificate.css"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A line of the paper that a person stands for."""

    title: str
    who: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Everything on the certificate, in the active language."""

    decision: Decision
    confirmed: Decision | None
    approved: Decision | None
    signatures: list[Signature]
    runs: list[PageRun]
    lines: list[str]
    browser: str

    @property
    def number(self) -> str:
        return f"{self.decision.shop.slug}-{self.decision.pk}"


def paper(decision: Decision) -> Paper:
    """Of the decision by which a shop went live."""
    earlier = decision.shop.decisions.filter(pk__lt=decision.pk).select_related("by")
    approved = earlier.filter(kind=Kind.APPROVED).first()
    confirmed = earlier.filter(kind=Kind.CONFIRMED).first()
    runs = list(decision.runs.order_by("url"))
    lines = [sentences.title(line.item) for line in stored_lines(runs[0])] if runs else []
    return Paper(
        decision=decision,
        confirmed=confirmed,
        approved=approved,
        signatures=list(_signatures(approved)) if approved else [],
        runs=runs,
        lines=lines,
        browser=str(runs[0].details.get("browser", "")) if runs else "",
    )


def _signatures(approved: Decision) -> list[Signature]:
    """The lines as they were signed when Kleep approved."""
    given: dict[str, Tick] = {}
    ticks = Tick.objects.filter(shop=approved.shop, at__lte=approved.at).select_related("by")
    for tick in ticks:
        is_void = tick.withdrawn_at is not None and tick.withdrawn_at <= approved.at
        if not is_void and tick.item in WANTED:
            given.setdefault(tick.item, tick)
    return [
        Signature(title=str(wanted.title), who=str(given[key].by or ""), at=given[key].at)
        for key, wanted in WANTED.items()
        if key in given
    ]


def make(decision_id: int) -> None:
    """Print it in every language of the portal; what is printed already stays as it is."""
    decision = Decision.objects.select_related("shop__merchant").filter(pk=decision_id).first()
    if decision is None or decision.kind != Kind.VERIFIED or not looking.leave_sign():
        return
    for language, _name in settings.LANGUAGES:
        if not decision.certificates.filter(language=language).exists():
            with translation.override(language):
                html = as_html(decision)
            content = ContentFile(running.print_pdf(html), name=f"{decision.pk}-{language}.pdf")
            Certificate.objects.get_or_create(
                decision=decision, language=language, defaults={"file": content}
            )


def as_html(decision: Decision) -> str:
    """A document that needs nothing else: its style is in it, and no address."""
    found = finders.find(STYLE)
    style = Path(found).read_text(encoding="utf-8") if isinstance(found, str) else ""
    context = {"paper": paper(decision), "style": style}
    made = render_to_string("onboarding/certificate_print.html", context)
    return made.encode().decode()  # a plain str: Django's safe one goes into no message

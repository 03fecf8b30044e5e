"""Why a shop does not go on, for Kleep's staff: every cause in one list, with what they can do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from connectors.models import PullRun, ReceivedFile
from onboarding import findings
from onboarding.checklist import State as RowState
from onboarding.golive import GoLive, Stage
from onboarding.phases import Access, Facts
from onboarding.phases.files import Files
from onboarding.phases.widget import Widget
from onboarding.widget import sentences
from onboarding.widget.detect import Finding, Tone, tone

STOPPED = {PullRun.State.FAILED, PullRun.State.HELD}
STUCK = {ReceivedFile.State.REFUSED, ReceivedFile.State.NEEDS_ANSWER, ReceivedFile.State.FAILED}
MOST = 12  # of one kind


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """`why`: as the merchant reads it; `detail`: for us. `cursor` may be pulled again, `held` be released."""

    what: str
    why: str
    detail: str = ""
    since: datetime | None = None
    url: str = ""
    cursor: int | None = None
    held: int | None = None
    may_check: bool = False


def of(facts: Facts) -> list[Blocker]:
    """In the order of the phases; nothing where all goes well."""
    return [
        *_of_check(facts),
        *_of_pulls(facts),
        *_of_files(facts),
        *_of_widget(facts),
        *_of_pages(facts),
    ]


def _of_check(facts: Facts) -> Iterator[Blocker]:
    known = facts.of(Access)
    if known.check is None or known.check.finished_at is None or known.check_is_ok:
        return
    details = dict(known.check.lines.values_list("resource", "detail"))
    lines = [one for one in findings.lines(known.check) if one.tone == "bad"]
    for line in lines[:MOST]:
        yield Blocker(
            what=_("Check: %(what)s") % {"what": line.label},
            why=line.message or line.status_text,
            detail=details[line.resource],
            since=line.answered_at,
            url=reverse("check", args=[facts.shop.slug]),
            may_check=True,
        )


def _of_pulls(facts: Facts) -> Iterator[Blocker]:
    for run in facts.of(Access).runs:
        if run.state in STOPPED:
            cursor = run.cursor
            resource = cursor.connection.connector_class.resource(cursor.resource)
            scope = f" ({cursor.scope})" if cursor.scope else ""
            yield Blocker(
                what=_("Pull: %(what)s") % {"what": f"{resource.label}{scope}"},
                why=run.message or run.get_state_display(),
                detail=run.detail,
                since=run.finished_at or run.started_at,
                url=reverse("pull", args=[facts.shop.slug]),
                cursor=cursor.pk if run.state == PullRun.State.FAILED else None,
                held=run.pk if run.state == PullRun.State.HELD else None,
            )


def _of_files(facts: Facts) -> Iterator[Blocker]:
    for one in facts.of(Files).needed:
        file = one.last
        if file is not None and file.state in STUCK:
            yield Blocker(
                what=_("File: %(what)s") % {"what": file.name},
                why=file.message or file.get_state_display(),
                detail=file.detail,
                since=file.received_at,
                url=reverse("file", args=[facts.shop.slug, file.pk]),
            )


def _of_widget(facts: Facts) -> Iterator[Blocker]:
    for look in facts.of(Widget).looks[:MOST]:
        wrong = [Finding(one["code"], one["params"]) for one in look.findings]
        for finding in (one for one in wrong if tone(one) is Tone.WRONG):
            said = sentences.Sentence.of(finding)
            yield Blocker(
                what=_("Button: %(what)s") % {"what": look.page.url},
                why=f"{said.title}. {said.text}",
                since=look.finished_at,
                url=reverse("widget", args=[facts.shop.slug]),
            )


def _of_pages(facts: Facts) -> Iterator[Blocker]:
    known = facts.of(GoLive)
    is_over = known.stage in (Stage.APPROVED, Stage.LIVE)
    site, checklist = ("golive", known.production) if is_over else ("validate", known.preprod)
    failing = [row for row in checklist.machine if row.state is RowState.FAILED and row.blocks]
    for row in failing[:MOST]:
        yield Blocker(
            what=_("Product page: %(what)s") % {"what": row.title},
            why=" ".join(row.findings),
            since=row.at,
            url=reverse(site, args=[facts.shop.slug]),
        )
    sent_back = known.sent_back
    if sent_back is not None:
        said = " ".join(filter(None, [sent_back.reason, *sent_back.reasons.values()]))
        yield Blocker(
            what=_("Sent back by %(who)s") % {"who": sent_back.by or _("Kleep")},
            why=said,
            since=sent_back.at,
            url=reverse("console_golive", args=[facts.shop.slug]),
        )

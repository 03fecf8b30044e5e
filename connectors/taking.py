"""Takes a received file: checks it, asks what it does not say, stores it; resumable at any instant.

A file is read whole before anything of it is stored: what is refused or asked leaves the tables as they were.
The good rows are put aside in the private storage, ready as the database reads them, and stored from there
block by block, each block and how far we are in one transaction. Whoever is killed in between leaves a file
that goes on where it stopped; rows that are stored twice are the same rows.
"""

import logging
import math
import time
from collections.abc import Mapping
from concurrent.futures import wait
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from connectors import catalogue, examining, filelife, reporting, storing_files
from connectors.answering import begin
from connectors.datasets import DATASETS
from connectors.examining import Examined
from connectors.filelife import Claim, LostError, Renewing
from connectors.files.problems import Group, Problem
from connectors.files.refusals import RefusedError
from connectors.models import ReceivedFile
from connectors.received_files import aside
from connectors.storing_files import Place

State = ReceivedFile.State
logger = logging.getLogger(__name__)

BLOCK = 2 << 20  # bytes of lines that are stored in one transaction
POLL_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a file. `report`: its path in the private storage, blank where nothing is wrong."""

    name: str
    dataset: str
    status: str  # a ReceivedFile.State that is_over
    rows: int
    accepted: int
    rejected: int
    report: str
    message: str  # why all of it was refused
    questions: list[dict[str, Any]]  # files.layout.Question
    groups: list[Group]
    problems: list[Problem]  # the first ones


def take(
    file: ReceivedFile,
    *,
    policy: str | None = None,
    mapping: Mapping[str, str] | None = None,
    date_order: str | None = None,
    dry_run: bool | None = None,
) -> Outcome:
    """Check a file and store it, here and now; what was taken is not taken again.

    `mapping`: {heading of the file: our column, or "" for none}. `date_order`: dmy or mdy; 1900 or 1904
    where the dates are a spreadsheet's numbers. Both are remembered for the next file of this dataset.
    `policy` and `dry_run`: as the file has them where they are not given. Waits for whoever works on it.
    """
    begin(file, policy=policy, mapping=mapping, date_order=date_order, dry_run=dry_run)
    while not file.is_over:
        if take_slice(file, seconds=math.inf) is None:
            time.sleep(POLL_SECONDS)
        file.refresh_from_db()
    return outcome(file)


def take_slice(file: ReceivedFile, *, seconds: float) -> bool | None:
    """Work on a file for about so long, after it was checked. Whether there is more to do; None: not ours."""
    claim = filelife.claim(file)
    if claim is None:
        return None
    try:
        if file.attempts > settings.PULL_ATTEMPTS:
            _fail(claim, f"{file.attempts - 1} attempts ended without a word")
        elif file.state == State.STORING or _check(claim, file):
            return _store(claim, file, until=time.monotonic() + seconds)
    except LostError as lost:
        logger.warning("lease lost: %s", lost)
    except (OperationalError, InterfaceError):
        raise  # the lease expires, and the file goes on
    except OSError:  # the disk is full, say: the same once more, later
        claim.end(due_at=timezone.now())
        raise
    except Exception as error:  # our own bug: it must end, and be seen
        logger.exception("file %s failed", file.pk)
        _fail(claim, type(error).__name__)
    return False


def _check(claim: Claim, file: ReceivedFile) -> bool:
    """Whether its rows are to be stored now. Raises LostError."""
    claim.renew(state=State.CHECKING)
    try:
        with examining.examined(file, tick=claim.tick) as found:
            return _conclude(claim, file, found)
    except RefusedError as refused:
        changes = {"error": refused.code, "params": refused.params, "checked_at": timezone.now()}
        claim.end(state=State.REFUSED, finished_at=timezone.now(), due_at=None, **changes)
        return False


def _conclude(claim: Claim, file: ReceivedFile, found: Examined) -> bool:
    prepared = found.prepared
    changes: dict[str, Any] = {
        "layout": prepared.layout.to_json(),
        "columns": prepared.matched.columns,
        "questions": [question.to_json() for question in found.questions],
        "rows": found.rows,
        "accepted": found.good,
        "rejected": found.rows - found.good,
        "groups": found.grouped.largest(),
        "problems": found.grouped.firsts(),
        "checked_at": timezone.now(),
    }
    if found.questions:
        claim.end(**{**changes, "state": State.NEEDS_ANSWER, "due_at": None, "accepted": 0})
        return False
    refusal = _refusal(file, found)
    if found.spool.count and (refusal or file.dry_run):
        changes["report"] = reporting.write(file, prepared.layout, found.spool, claim.tick)
    if refusal:
        changes |= {"error": refusal.code, "params": refusal.params, "accepted": 0}
        claim.end(state=State.REFUSED, finished_at=timezone.now(), due_at=None, **changes)
        return False
    if file.dry_run:
        claim.end(state=State.CHECKED, finished_at=timezone.now(), due_at=None, **changes)
        return False
    _put_aside(claim, file, found)
    plan = {"columns": found.columns, "has_repeats": found.has_repeats}
    claim.renew(**changes, plan=plan, state=State.STORING, position=0)
    file.refresh_from_db()
    return True


def _refusal(file: ReceivedFile, found: Examined) -> RefusedError | None:
    if not found.good:
        return RefusedError("too_wrong")
    bad = found.rows - found.good
    if bad and file.policy == ReceivedFile.Policy.REFUSE_FILE:
        return RefusedError("any_wrong", rows=bad)
    return None


def _put_aside(claim: Claim, file: ReceivedFile, found: Examined) -> None:
    default_storage.delete(aside(file))  # what an attempt before left
    found.lines.seek(0)
    default_storage.save(aside(file), Renewing(found.lines, claim.tick))
    reporting.keep_problems(file, found, claim.tick)


def _store(claim: Claim, file: ReceivedFile, *, until: float) -> bool:
    """Whether there is more to do. Raises LostError."""
    with reporting.beside(file) as report:
        is_over = _store_blocks(claim, file, until=until)
        while wait([report], timeout=POLL_SECONDS).not_done:
            claim.tick()
    if not is_over:
        claim.end(due_at=timezone.now(), report=report.result())
        return True
    now = timezone.now()
    claim.end(state=State.TAKEN, finished_at=now, due_at=None, report=report.result())
    default_storage.delete(aside(file))
    reporting.forget(file)
    return False


def _store_blocks(claim: Claim, file: ReceivedFile, *, until: float) -> bool:
    """Whether all of them are stored now. At least one is."""
    position = file.position
    with default_storage.open(aside(file), "rb") as stream:
        stream.seek(position)
        while lines := stream.read(BLOCK):
            lines += stream.readline()
            position += len(lines)
            _store_block(claim, file, lines, position)
            if time.monotonic() > until:
                return False
    return True


def _store_block(claim: Claim, file: ReceivedFile, lines: bytes, position: int) -> None:
    """Some rows, and how far we are: all or nothing."""
    place = Place(
        connection_id=file.connection_id,
        scope=catalogue.stored_scope(file.connection, file.scope) if file.scope else "",
        file=file.pk,
        has_repeats=file.plan["has_repeats"],
    )
    dataset = DATASETS[file.dataset]
    with transaction.atomic():
        claim.renew(position=position, attempts=0)
        counts = storing_files.store_lines(dataset, tuple(file.plan["columns"]), lines, place)
        ReceivedFile.objects.filter(pk=file.pk).update(
            created=F("created") + counts.created,
            updated=F("updated") + counts.updated,
            unchanged=F("unchanged") + counts.unchanged,
        )


def _fail(claim: Claim, detail: str) -> None:
    try:
        claim.end(
            state=State.FAILED,
            error="portal",
            params={},
            detail=detail,
            finished_at=timezone.now(),
            due_at=None,
        )
    except LostError as lost:
        logger.warning("lease lost: %s", lost)


def outcome(file: ReceivedFile) -> Outcome:
    return Outcome(
        name=file.name,
        dataset=file.dataset,
        status=file.state,
        rows=file.rows,
        accepted=file.accepted,
        rejected=file.rejected,
        report=file.report.name or "",
        message=file.message,
        questions=file.questions,
        groups=file.grouped,
        problems=file.first_problems,
    )

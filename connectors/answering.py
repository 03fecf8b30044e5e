"""Has a received file taken, with the answers to what it does not say, kept for the next one like it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors import filelife
from connectors.datasets import DATASETS
from connectors.files.dates import ORIGINS
from connectors.files.detect import simple
from connectors.models import FileAnswers, ReceivedFile

State = ReceivedFile.State


def begin(
    file: ReceivedFile,
    *,
    dataset: str = "",
    policy: str | None = None,
    mapping: Mapping[str, str] | None = None,
    date_order: str | None = None,
    dry_run: bool | None = None,
) -> None:
    """Have a file taken from now on, with these answers; whoever calls takes it, or queues it.

    A file that was asked about, refused, failed or only checked begins anew. Nothing happens to one that is
    being stored or was taken. Raises KeyError on an unknown dataset.
    """
    if dataset:
        DATASETS[dataset]
    answers = _answers(file, mapping, date_order)
    changes: dict[str, Any] = {"state": State.RECEIVED, "due_at": timezone.now(), "attempts": 0}
    changes |= {"answers": answers, "error": "", "params": {}, "detail": "", "questions": []}
    changes |= {"dataset": dataset} if dataset else {}
    changes |= {"policy": policy} if policy else {}
    changes |= {"dry_run": dry_run} if dry_run is not None else {}
    with transaction.atomic():
        mine = ReceivedFile.objects.filter(filelife.is_free(), pk=file.pk)
        mine.exclude(state__in=[State.STORING, State.TAKEN]).update(**changes)
        file.refresh_from_db()
        _remember(file, mapping, date_order)


def _answers(
    file: ReceivedFile, mapping: Mapping[str, str] | None, date_order: str | None
) -> dict[str, Any]:
    answers = dict(file.answers)
    if mapping:
        answers["mapping"] = {**(answers.get("mapping") or {}), **_simplified(mapping)}
    if date_order:
        answers["date_system" if date_order in ORIGINS else "date_order"] = date_order
    return answers


def _simplified(mapping: Mapping[str, str]) -> dict[str, str]:
    return {simple(heading): column for heading, column in mapping.items()}


def _remember(
    file: ReceivedFile, mapping: Mapping[str, str] | None, date_order: str | None
) -> None:
    if file.dataset and (mapping or date_order):
        FileAnswers.objects.update_or_create(
            connection=file.connection, dataset=file.dataset, defaults=file.answers
        )

"""Work on files for the Celery workers: look at servers, miss files that do not come."""

import logging

from celery import shared_task
from django.db import transaction

from connectors import pickup
from connectors.errors import ConnectorError
from connectors.fileserver import HostKeyChangedError
from onboarding import missing_files, pickups, uploads
from onboarding.models import FileSource
from onboarding.services import files
from onboarding.services.recording import record

logger = logging.getLogger(__name__)


@shared_task
def queue_pickups() -> None:
    """Queue the looks that are due; miss what should have come; tidy up uploads that nobody went on with."""
    for source_id in pickups.to_queue():
        pick_up.delay(source_id)
    missing_files.tell()
    uploads.forget_old()


@shared_task
def pick_up(source_id: int) -> None:
    """One look at one shop's server; what it brings is queued, each file by itself, in order."""
    source = pickups.claim(source_id)
    if source is None:
        return
    found: pickup.Look | None = None
    error: ConnectorError | None = None
    try:
        try:
            found = pickups.look(source, files.target_of(source.shop))
        except ConnectorError as raised:
            error = raised
            _note(source, raised)
        _queue_received(source)
    finally:
        pickups.conclude(source, found, error)


def _note(source: FileSource, error: ConnectorError) -> None:
    logger.info("files of shop %s: %s", source.shop.slug, error.code)
    if source.server is not None:
        source.server.learn(error)
    if isinstance(error, HostKeyChangedError):
        missing_files.tell_host_key(source, error)


def _queue_received(source: FileSource) -> None:
    """All that came and waits in no queue, as a look that broke off or a dead worker leaves it."""
    for file in pickups.received(source):
        with transaction.atomic():
            files.queue_file(file, policy=source.policy)
            record(source.shop, "file_received", by=None, name=file.name, file=str(file.pk))

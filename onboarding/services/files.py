"""Files that a merchant sends: how they come, and what is done with one of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction
from django.utils import timezone

from connectors import connections, ingesting
from connectors.models import Connection, ReceivedFile
from onboarding import file_queue
from onboarding.models import Actor, FileSource, Shop
from onboarding.services.recording import record


class ReceivedBeforeError(Exception):
    """A file of the same name and content was received before."""


def source_of(shop: Shop) -> FileSource:
    """How the shop's files come; not saved yet where nobody chose."""
    found = FileSource.objects.select_related("server").filter(shop=shop).first()
    return found or FileSource(shop=shop)


def choose_way(shop: Shop, way: str, *, by: Actor | None) -> FileSource:
    """Upload, Kleep's server or the merchant's own. Nothing that was set up for another way is lost."""
    with transaction.atomic():
        source = source_of(shop)
        source.way = way
        source.due_at = timezone.now() if source.is_picked_up else None
        source.error, source.params, source.notes = "", {}, []
        source.save()
        record(shop, "file_way_chosen", by=by, way=way)
    return source


def set_file_rules(
    shop: Shop, *, policy: str, archive: bool, time_zone: str, by: Actor | None
) -> FileSource:
    """What is done with a file in which some rows are wrong, and with one that was taken."""
    with transaction.atomic():
        source = source_of(shop)
        source.policy, source.archive, source.time_zone = policy, archive, time_zone
        source.save()
        record(
            shop,
            "file_rules_set",
            by=by,
            policy=policy,
            archive=archive,
            time_zone=time_zone,
        )
    return source


def save_file_server(
    shop: Shop, *, config: Mapping[str, Any], secrets: Mapping[str, str], by: Actor | None
) -> FileSource:
    """Log in to the merchant's server, then keep how. Raises ConnectorError; nothing has changed then.

    Calls the server: not in a transaction.
    """
    source = source_of(shop)
    server = source.server or Connection(tenant=shop.merchant_id, platform="sftp")
    connections.set_credentials(
        server, config=config, secrets=secrets, by=by.email if by else "", prove=True
    )
    with transaction.atomic():
        source.server = server
        source.way = FileSource.Way.OWN
        source.due_at = timezone.now()
        source.error, source.params = "", {}
        source.save()
        record(shop, "file_server_saved", by=by, config=dict(config))
    return source


def look_for_files(shop: Shop, *, by: Actor | None) -> None:
    """Look at the server now; what is just arriving is taken a minute later."""
    source = source_of(shop)
    with transaction.atomic():
        FileSource.objects.filter(pk=source.pk).update(due_at=timezone.now())
        record(shop, "files_looked_for", by=by)
        transaction.on_commit(partial(file_queue.pick_up, source.pk))


def receive_upload(
    shop: Shop, *, name: str, stream: BinaryIO, dataset: str, dry_run: bool, by: Actor
) -> ReceivedFile:
    """Keep an uploaded file and queue its check. Raises files.refusals.RefusedError, OSError."""
    file = ingesting.receive(
        target_of(shop),
        name=name,
        stream=stream,
        origin=ReceivedFile.Origin.UPLOAD,
        shop=shop.slug,
        by=by.email,
        dataset=dataset,
        scope=shop.store,
        dry_run=dry_run,
    )
    with transaction.atomic():
        queue_file(file, policy=source_of(shop).policy)
        record(shop, "file_received", by=by, name=file.name, file=str(file.pk), dry_run=dry_run)
    return file


def queue_file(file: ReceivedFile, *, policy: str) -> None:
    """Have it checked and stored; nothing happens to one that was taken before."""
    if file.state == ReceivedFile.State.RECEIVED:
        ingesting.begin(file, policy=policy)
        _queue(file)


def store_checked_file(shop: Shop, file: ReceivedFile, *, by: Actor) -> None:
    """A file that was only checked is taken after all. Raises ReceivedBeforeError."""
    try:
        with transaction.atomic():
            ingesting.begin(file, policy=source_of(shop).policy, dry_run=False)
            record(shop, "file_received", by=by, name=file.name, file=str(file.pk))
            _queue(file)
    except IntegrityError:
        raise ReceivedBeforeError from None


def answer_file(
    shop: Shop,
    file: ReceivedFile,
    *,
    dataset: str = "",
    mapping: Mapping[str, str] | None = None,
    dates: Sequence[str] = (),
    by: Actor,
) -> None:
    """What a file did not say itself; remembered for the next file of its kind."""
    with transaction.atomic():
        ingesting.begin(file, dataset=dataset, mapping=mapping)
        for answered in dates:  # dmy or mdy, 1900 or 1904
            ingesting.begin(file, date_order=answered)
        record(shop, "file_answered", by=by, name=file.name, file=str(file.pk))
        _queue(file)


def target_of(shop: Shop) -> Connection:
    """Whose rows they will be; a shop without an API gets a connection for its files."""
    if shop.connection is None:
        with transaction.atomic():
            shop.connection = ingesting.files_connection(shop.merchant_id)
            shop.save(update_fields=["connection"])
    return shop.connection


def _queue(file: ReceivedFile) -> None:
    transaction.on_commit(partial(file_queue.take, str(file.pk)))

"""What Kleep's staff do to shops beside the go-live: owners, notes, reminders, pauses, retries."""

import re
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from connectors import pulling, schedule, tasks
from connectors.models import Connection, Cursor
from onboarding import mail, phases
from onboarding.models import Membership, Note, Shop, User
from onboarding.phases import Party
from onboarding.services.connecting import NotConnectedError
from onboarding.services.hand_offs import CLICKED_TWICE
from onboarding.services.recording import record

MENTION = re.compile(r"@([\w.+-]+@[\w-]+\.[\w.-]*\w|[\w.+-]+)")


def assign(shop: Shop, owner: User | None, *, by: User) -> None:
    """Who of Kleep's staff looks after the shop."""
    with transaction.atomic():
        Shop.objects.filter(pk=shop.pk).update(owner=owner)
        record(shop, "owner_assigned", by=by, owner=str(owner or ""))


def write_note(shop: Shop, text: str, *, by: User) -> Note:
    """A note about the shop; staff who are mentioned by @name or @address get an e-mail.

    A second click writes nothing more.
    """
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=shop.pk)  # the second waits for the first
        just_now = timezone.now() - CLICKED_TWICE
        same = Note.objects.filter(shop=shop, author=by, text=text, at__gt=just_now).first()
        if same is not None:
            return same
        note = Note.objects.create(shop=shop, author=by, text=text)
        mentioned = [person for person in _mentioned(text) if person != by]
        note.mentions.set(mentioned)
        record(shop, "note_written", by=by)
        for person in mentioned:
            mail.send("mentioned", to=person, shop=shop, once=f"note {note.pk}", who=str(by))
    return note


def _mentioned(text: str) -> list[User]:
    """Of the staff only; by address, the part before the @, or the first name."""
    words = {word.lower() for word in MENTION.findall(text)}
    if not words:
        return []
    staff = User.objects.filter(is_staff=True, is_active=True)
    return [person for person in staff if words & _names(person)]


def _names(person: User) -> set[str]:
    first = person.name.split()[0].lower() if person.name.strip() else ""
    return {person.email, person.email.partition("@")[0], first} - {""}


def nudge(shop: Shop, *, by: User) -> int:
    """Remind the owners of the merchant of what is their turn; once a day at most. How many were told."""
    task = phases.next_task(phases.tasks(shop))
    if task is None or task.turn is not Party.MERCHANT:
        return 0
    owners = User.objects.filter(
        membership__merchant=shop.merchant_id,
        membership__role=Membership.Role.OWNER,
        is_active=True,
    )
    day = f"nudge {shop.pk} {timezone.now():%Y-%m-%d}"
    with transaction.atomic():
        told = [_remind(shop, owner, day) for owner in owners]
        count = sum(told)
        if count:
            record(shop, "nudged", by=by, task=task.key)
    return count


def _remind(shop: Shop, owner: User, day: str) -> bool:
    """In the owner's language; False where they were reminded today."""
    with translation.override(owner.language or settings.LANGUAGE_CODE):
        task = phases.next_task(phases.tasks(shop))
        title = task.title if task else ""
    return mail.send("task_waiting", to=owner, shop=shop, once=day, task=title) is not None


def pause(shop: Shop, *, by: User) -> None:
    with transaction.atomic():
        schedule.pause(_connection(shop))
        record(shop, "pulls_paused", by=by)


def resume(shop: Shop, *, by: User) -> None:
    with transaction.atomic():
        schedule.resume(_connection(shop))
        record(shop, "pulls_resumed", by=by)


def retry(shop: Shop, cursor_id: int, *, by: User) -> Cursor:
    """Pull one resource now. Raises Cursor.DoesNotExist for another shop's."""
    connection = _connection(shop)
    cursor = Cursor.objects.get(pk=cursor_id, connection=connection)
    with transaction.atomic():
        Cursor.objects.filter(pk=cursor.pk).update(due_at=timezone.now(), queued_at=None)
        record(shop, "pull_retried", by=by, resource=str(cursor))
        tasks.queue_next(connection)
    return cursor


def repull(shop: Shop, cursor_id: int, since: datetime, until: datetime, *, by: User) -> Cursor:
    """Read what changed in a range of dates once more.

    Raises Cursor.DoesNotExist, ValueError on a range that cannot be, AlreadyRunningError.
    """
    connection = _connection(shop)
    cursor = Cursor.objects.get(pk=cursor_id, connection=connection)
    with transaction.atomic():
        pulling.repull(connection, cursor.resource, since, until, scope=cursor.scope)
        record(
            shop,
            "range_repulled",
            by=by,
            resource=str(cursor),
            since=since.isoformat(),
            until=until.isoformat(),
        )
        tasks.queue_next(connection)
    return cursor


def note_look(shop: Shop, *, by: User) -> None:
    """Staff look at the merchant's pages as the merchant sees them."""
    record(shop, "seen_by_staff", by=by)


def _connection(shop: Shop) -> Connection:
    if shop.connection is None:
        raise NotConnectedError(shop.slug)
    return shop.connection

"""Takes files from a file server: only what no longer grows, each one once, in the order of their names.

A look lists Kleep's folders and keeps what it saw. A file that was the same in two looks, or that got its
name from a temporary one, is fetched to this machine, goes on there after a cut, and is handed over whole:
received first, then noted as taken, then put aside. A crash between any two of these repeats the last one,
which finds that it was done.
"""

import errno
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from connectors import fileserver, halves, receiving
from connectors.errors import ConnectorError, RetryLaterError
from connectors.files import names
from connectors.files.refusals import RefusedError
from connectors.fileserver import Entry, FileServer
from connectors.models import Connection, ReceivedFile, SeenFile
from connectors.pickup_rules import (
    ARCHIVE,
    FOLDERS,
    TEMPORARY,
    Note,
    may_be_noted,
    objection,
    shown,
)

MOST_NOTES = 50


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder that holds Kleep's folders. `shop`: the slug of the one whose files lie there.

    `archive`: what was taken is put aside there.
    """

    server: FileServer
    folder: str
    shop: str = ""
    archive: bool = True


@dataclass(kw_only=True)
class Look:
    """What one look came to. `is_unfinished`: there is more to do, in a moment or at once."""

    received: list[ReceivedFile] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    is_unfinished: bool = False

    def note(self, path: str, code: str) -> None:
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(path=shown(path), code=code))


def look(connection: Connection, place: Place, *, scope: str = "", seconds: float) -> Look:
    """Take what is complete, for about so long. Rows will be those of `connection`.

    Raises ConnectorError where the server or the folder as a whole cannot be used, NoRoomError where our own
    disk is full; what was received until then stays received.
    """
    until = time.monotonic() + seconds
    found = Look()
    ready = [file for folder in FOLDERS for file in _complete(connection, place, folder, found)]
    ready.sort(key=lambda file: (file.said_at, FOLDERS.index(file.folder), file.entry.name))
    halves.forget_old()
    room = settings.SFTP_MAX_BYTES_A_DAY - _bytes_of_today(connection)
    for file in ready:
        if time.monotonic() > until:
            found.is_unfinished = True
            break
        room -= file.entry.size
        if room < 0:
            found.note(file.path, "quota")
            continue
        try:
            _take(connection, place, file, found, scope=scope, until=until)
        except fileserver.NoRoomError:
            raise
        except (fileserver.SliceOverError, fileserver.FileChangedError):
            found.is_unfinished = True
        except fileserver.FileForbiddenError:
            found.note(file.path, "unreadable")
        except RefusedError:
            found.note(file.path, "large")
    return found


def _bytes_of_today(connection: Connection) -> int:
    """What came by SFTP within a day, for the quota."""
    since = timezone.now() - timedelta(days=1)
    mine = ReceivedFile.objects.filter(connection=connection, origin=ReceivedFile.Origin.SFTP)
    return mine.filter(received_at__gte=since).aggregate(sum=Sum("size"))["sum"] or 0


@dataclass(frozen=True, kw_only=True)
class _File:
    folder: str
    path: str
    entry: Entry
    seen: SeenFile

    @property
    def said_at(self) -> datetime:
        return names.read(self.entry.name).at or receiving.moment(self.entry.modified)


def _complete(connection: Connection, place: Place, folder: str, found: Look) -> Iterator[_File]:
    """Files of one folder that may be taken now, and those that still have to be put aside."""
    home = f"{place.folder.rstrip('/')}/{folder}"
    try:
        entries = place.server.entries(home, limit=settings.SFTP_MAX_FILES)
    except fileserver.FolderMissingError:
        return  # nothing of that kind is sent
    before = {seen.path: seen for seen in _seen(connection, place, home)}
    _forget_gone(before, {f"{home}/{entry.name}" for entry in entries})
    for entry in entries:
        path = f"{home}/{entry.name}"
        if (code := objection(folder, entry)) is not None:
            if code:
                found.note(path, code)
            elif may_be_noted(path):
                _see(connection, place, path, entry, before)
            continue
        seen = _see(connection, place, path, entry, before)
        if seen.is_taken:
            if place.archive:
                _put_aside(place, path, found)
        elif _is_stable(seen, entry, home, before):
            yield _File(folder=folder, path=path, entry=entry, seen=seen)
        else:
            found.note(path, "growing")
            found.is_unfinished = True


def _seen(connection: Connection, place: Place, home: str) -> list[SeenFile]:
    mine = SeenFile.objects.filter(connection=connection, shop=place.shop)
    return list(mine.filter(path__startswith=f"{home}/"))


def _see(
    connection: Connection, place: Place, path: str, entry: Entry, before: dict[str, SeenFile]
) -> SeenFile:
    seen = before.get(path)
    if seen and (seen.size, seen.modified) == (entry.size, entry.modified):
        return seen
    values = {
        "size": entry.size,
        "modified": entry.modified,
        "since": timezone.now(),
        "is_taken": False,
    }
    return SeenFile.objects.update_or_create(
        connection=connection, shop=place.shop, path=path, defaults=values
    )[0]


def _is_stable(seen: SeenFile, entry: Entry, home: str, before: dict[str, SeenFile]) -> bool:
    """Seen twice and the same, or complete when it got its name from a temporary one."""
    if timezone.now() - seen.since >= timedelta(seconds=settings.SFTP_STABLE_SECONDS):
        return before.get(seen.path) is seen
    stem = f"{home}/{entry.name}".rpartition(".")[0]
    return any(
        one.path.startswith((f"{home}/{entry.name}.", f"{stem}.", f"{home}/.{entry.name}"))
        and TEMPORARY.fullmatch(one.path.rpartition("/")[2])
        and one.size == entry.size
        for one in before.values()
    )


def _forget_gone(before: dict[str, SeenFile], there: set[str]) -> None:
    gone = [seen.pk for path, seen in before.items() if path not in there]
    SeenFile.objects.filter(pk__in=gone).delete()


def _take(
    connection: Connection, place: Place, file: _File, found: Look, *, scope: str, until: float
) -> None:
    half = halves.of(connection, place.shop, file.path, file.entry)
    try:
        with half.open("ab") as into:
            place.server.fetch(file.path, file.entry, into, until=until)
        with half.open("rb") as content:
            received = receiving.receive(
                connection,
                name=file.entry.name,
                stream=content,
                origin=ReceivedFile.Origin.SFTP,
                shop=place.shop,
                dataset=file.folder,
                scope=scope,
                mtime=receiving.moment(file.entry.modified),
            )
    except (fileserver.FileChangedError, RefusedError):
        half.unlink(missing_ok=True)
        raise
    except (OSError, fileserver.NoRoomError) as error:
        if isinstance(error, OSError) and error.errno not in (
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EFBIG,
        ):
            raise
        half.unlink(missing_ok=True)
        raise fileserver.NoRoomError(name=file.entry.name) from None
    SeenFile.objects.filter(pk=file.seen.pk).update(is_taken=True)
    half.unlink(missing_ok=True)
    found.received.append(received)
    if place.archive:
        _put_aside(place, file.path, found)


def _put_aside(place: Place, path: str, found: Look) -> None:
    """Under its own name, or with the moment behind it where one of that name lies there already."""
    folder, _slash, name = path.rpartition("/")
    stamp = timezone.now().strftime("%Y%m%dT%H%M%S%f")
    for target in (name, f"{name}.{stamp}"):
        try:
            place.server.move(path, f"{folder}/{ARCHIVE}/{target}")
        except RetryLaterError:
            raise
        except ConnectorError:
            continue
        return
    found.note(path, "not_aside")

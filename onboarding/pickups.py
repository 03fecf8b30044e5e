"""When a shop's files are looked for, and where: the rules between a shop and connectors.pickup."""

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors import connections, pickup, registry, schedule
from connectors.base import Settings
from connectors.errors import ConnectorError, CredentialsError, MerchantError
from connectors.fileserver import FileServer, HostKeyChangedError, HostKeyUnknownError
from connectors.models import Connection, ReceivedFile
from kleep_portal import redaction
from onboarding import owing, sftp_accounts
from onboarding.models import FileSource, SftpAccount

# Kleep asks for files between these, in the shop's time.
WINDOW_BEGINS, WINDOW_ENDS = time(2), time(5)
BUSY_UNTIL = time(8)  # exports are late, too
IN_WINDOW, ELSE = timedelta(minutes=15), timedelta(hours=1)
AGAIN = timedelta(minutes=1)  # what just arrived is looked at again
HELD = timedelta(minutes=15)  # longer than a slice
QUEUED_AGAIN_AFTER = timedelta(minutes=10)


class NotReadyError(MerchantError):
    """Kleep's server or the account on it is not set up yet."""

    code = "sftp_not_ready"
    text = _("Not set up yet: add a key, or ask Kleep whether its SFTP server is running.")


def server_of(source: FileSource) -> FileServer:
    """The server that the files lie on; close it. Raises ConnectorError."""
    if source.way == FileSource.Way.KLEEP:
        return kleeps_server()
    if source.server is None:
        raise NotReadyError
    server = connections.open_connector(source.server)
    assert isinstance(server, FileServer)  # noqa: S101  # its platform is one
    return server


def kleeps_server() -> FileServer:
    """As the portal reads it. Raises NotReadyError where the settings name none."""
    if not is_offered():
        raise NotReadyError(detail="SFTP_HOST, SFTP_HOST_KEY or SFTP_KEY_FILE is not set")
    key = Path(settings.SFTP_KEY_FILE).read_text(encoding="ascii")
    redaction.remember_always(key)
    connector = registry.platforms()["sftp"]
    server = connector(
        Settings(
            config={
                "url": f"sftp://{settings.SFTP_HOST}:{settings.SFTP_PORT}",
                "user": settings.SFTP_USER,
                "auth": "key",
                "host_key": settings.SFTP_HOST_KEY,
            },
            secrets={"secret": key},
            pseudonym=str,
        )
    )
    assert isinstance(server, FileServer)  # noqa: S101  # its platform is one
    return server


def is_offered() -> bool:
    """Whether this portal has an SFTP server of Kleep's own."""
    return all((settings.SFTP_HOST, settings.SFTP_HOST_KEY, settings.SFTP_KEY_FILE))


def folder_of(source: FileSource) -> str:
    """Where Kleep's folders lie, as the portal sees them on that server."""
    if source.way == FileSource.Way.OWN:
        return str(source.server.config.get("folder") or "/") if source.server else "/"
    account = SftpAccount.objects.filter(merchant=source.shop.merchant).first()
    if account is None:
        raise NotReadyError(detail="no key was added yet")
    return f"/{account.username}{sftp_accounts.folder_of(source.shop)}"


def look(source: FileSource, target: Connection) -> pickup.Look:
    """One look, of a slice's length at most. Raises ConnectorError."""
    with server_of(source) as server:
        assert isinstance(server, FileServer)  # noqa: S101  # its platform is one
        place = pickup.Place(
            server=server,
            folder=folder_of(source),
            shop=source.shop.slug,
            archive=source.archive,
        )
        return pickup.look(
            target, place, scope=source.shop.store, seconds=settings.PULL_SLICE_SECONDS
        )


def received(source: FileSource) -> list[ReceivedFile]:
    """What was fetched for the shop and is not to be taken yet, the oldest data first."""
    waiting = owing.received(source.shop).filter(
        origin=ReceivedFile.Origin.SFTP,
        state=ReceivedFile.State.RECEIVED,
        due_at=None,
    )
    return list(waiting.order_by("said_at", "received_at"))


def claim(source_id: int) -> FileSource | None:
    """The source is ours for a while, or None where somebody else looks."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    mine = FileSource.objects.filter(free, pk=source_id).exclude(way=FileSource.Way.UPLOAD)
    if not mine.update(lease_until=now + HELD):
        return None
    return FileSource.objects.select_related("shop__merchant", "shop__connection", "server").get(
        pk=source_id
    )


def conclude(
    source: FileSource, found: pickup.Look | None, error: ConnectorError | None = None
) -> None:
    """Write down what the look came to and when the next one is."""
    now = timezone.now()
    FileSource.objects.filter(pk=source.pk).update(
        lease_until=None,
        looked_at=now,
        due_at=_next(source, error, now, again=found is not None and found.is_unfinished),
        error=error.code if error else "",
        params=error.params if error else {},
        detail=error.detail if error else "",
        notes=[vars(note) for note in found.notes] if found else F("notes"),
    )


def _next(
    source: FileSource, error: ConnectorError | None, now: datetime, *, again: bool
) -> datetime | None:
    """Never, where the server is another one; a day later, where it refuses us: that may lock the account."""
    if isinstance(error, HostKeyChangedError | HostKeyUnknownError):
        return None
    if isinstance(error, CredentialsError):
        return next_window(now, source.time_zone)
    return now + AGAIN if again else next_look(now, source.time_zone)


def to_queue() -> list[int]:
    """Sources whose time has come and that nobody looks at; each is due again later, were its task lost."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    waiting = FileSource.objects.filter(free, due_at__lte=now).exclude(way=FileSource.Way.UPLOAD)
    found = list(waiting.order_by("due_at").values_list("pk", flat=True)[:500])
    FileSource.objects.filter(pk__in=found).update(due_at=now + QUEUED_AGAIN_AFTER)
    return found


def next_look(now: datetime, zone: str) -> datetime:
    """Often in the window and after it, hourly else; at the latest when the window begins."""
    here = now.astimezone(ZoneInfo(zone))
    if schedule.is_within(WINDOW_BEGINS, BUSY_UNTIL, here.time()):
        return now + IN_WINDOW
    return min(now + ELSE, next_window(now, zone))


def next_window(now: datetime, zone: str) -> datetime:
    """When the next window begins."""
    here = now.astimezone(ZoneInfo(zone))
    begins = here.replace(hour=WINDOW_BEGINS.hour, minute=0, second=0, microsecond=0)
    return begins if begins > here else begins + timedelta(days=1)


def window(zone: str) -> dict[str, str]:
    """The hours in which Kleep asks for files, and whose hours they are, as a page writes them."""
    return {"begins": f"{WINDOW_BEGINS:%H:%M}", "ends": f"{WINDOW_ENDS:%H:%M}", "zone": zone}


def last_window_end(now: datetime, zone: str) -> datetime:
    """Until when the last export should have arrived."""
    here = now.astimezone(ZoneInfo(zone))
    ends = here.replace(hour=BUSY_UNTIL.hour, minute=0, second=0, microsecond=0)
    return ends if ends <= here else ends - timedelta(days=1)

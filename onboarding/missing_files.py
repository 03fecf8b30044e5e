"""Says so once when a file that used to come by SFTP has not come: nobody else would notice."""

from datetime import timedelta

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from connectors.fileserver import HostKeyChangedError
from connectors.models import ReceivedFile
from onboarding import mail, owing, pickups
from onboarding.models import Event, FileSource, Membership, Shop, User
from onboarding.services.recording import record

BATCH = 500


def missing(source: FileSource) -> list[owing.Due]:
    """What came before and did not in the last window. A file that never came is an open task, not a miss."""
    now = timezone.now()
    ends = pickups.last_window_end(now, source.time_zone)
    return [
        one
        for one in owing.due(source.shop)
        if one.is_needed
        and one.last is not None
        and one.last.origin == ReceivedFile.Origin.SFTP
        and one.last.received_at < ends - timedelta(days=1)
    ]


def tell() -> None:
    """One event and one e-mail per person for each miss, however long it lasts."""
    sources = FileSource.objects.exclude(way=FileSource.Way.UPLOAD).filter(looked_at__isnull=False)
    in_turn = sources.order_by(F("missed_at").asc(nulls_first=True), "pk")
    for source in in_turn.select_related("shop__merchant", "shop__connection")[:BATCH]:
        FileSource.objects.filter(pk=source.pk).update(missed_at=timezone.now())
        for one in missing(source):
            _tell(source, one)


def _tell(source: FileSource, one: owing.Due) -> None:
    assert one.last is not None  # noqa: S101  # what is missing came before
    incident = f"{one.name}:{one.last.pk}"
    _once(
        source.shop,
        "file_missing",
        incident,
        file=one.last.name,
        came_at=one.last.received_at.date().isoformat(),
    )


def tell_host_key(source: FileSource, error: HostKeyChangedError) -> None:
    """Somebody has to find out whether it is still the same server."""
    shown = str(error.params["shown"])
    _once(source.shop, "host_key_changed", shown, shown=shown, known=str(error.params["known"]))


def _once(shop: Shop, kind: str, incident: str, **words: str) -> None:
    """One event, and one e-mail to each person who can mend it."""
    if Event.objects.filter(shop=shop, kind=kind, data__incident=incident).exists():
        return
    record(shop, kind, by=None, incident=incident, **words)
    path = reverse("files", args=[shop.slug])
    for person in User.objects.filter(
        membership__merchant=shop.merchant,
        membership__role__in=(Membership.Role.OWNER, Membership.Role.DEVELOPER),
        is_active=True,
    ):
        mail.send(kind, to=person, shop=shop, once=f"{shop.pk}:{incident}", path=path, **words)

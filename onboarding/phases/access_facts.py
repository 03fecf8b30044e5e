"""What is known of the access to a shop's data: its connection, the newest check and runs, what waits."""

from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from connectors import checking
from connectors.models import TABLES, Check, Connection, Cursor, PullRun
from connectors.newest import cursors_of, newest_runs_of
from onboarding import platforms
from onboarding.models import Shop
from onboarding.together import Together, checks

BEGINS_WITHIN = timedelta(seconds=30)


class Access:
    """What is known of the access to a shop's data."""

    def __init__(self, shop: Shop, together: Together) -> None:
        self.shop, self.together = shop, together

    @property
    def connection(self) -> Connection | None:
        return self.shop.connection

    @cached_property
    def platform(self) -> str:
        return platforms.platform_of(self.shop)

    @property
    def is_by_files(self) -> bool:
        return self.platform == platforms.OTHER

    @property
    def is_given(self) -> bool:
        return self.connection is not None and self.connection.secrets_set_at is not None

    @property
    def is_refused(self) -> bool:
        return self.connection is not None and self.connection.health == Connection.Health.FAILING

    @cached_property
    def try_at(self) -> datetime | None:
        """When a shop that fails again and again is asked next; None: it does not."""
        circuit = getattr(self.connection, "circuit", None)
        if circuit is None or circuit.opened_at is None:
            return None
        found: datetime = circuit.try_at or timezone.now()
        return found

    @cached_property
    def check(self) -> Check | None:
        return self.together.read(checks).get(self.connection.pk) if self.connection else None

    @cached_property
    def check_is_ok(self) -> bool:
        return self.check is not None and checking.is_ok(self.check)

    @cached_property
    def runs(self) -> list[PullRun]:
        """The newest run of every cursor."""
        return self.together.read(_runs)[self.connection.pk] if self.connection else []

    @property
    def waiting(self) -> int:
        """Resources that were asked for and that no worker has taken up yet."""
        if self.connection is None:
            return 0
        now = timezone.now()
        return sum(
            cursor.queued_at is not None or (cursor.due_at is not None and cursor.due_at <= now)
            for cursor in self.together.read(cursors)[self.connection.pk]
            if not cursor.is_running  # type: ignore[attr-defined]  # annotated
        )

    @property
    def is_waiting(self) -> bool:
        return self.waiting > 0

    @cached_property
    def is_beginning(self) -> bool:
        """The check has just gone well: the first pull begins by itself."""
        finished = self.check.finished_at if self.check else None
        is_fresh = finished is not None and timezone.now() - finished < BEGINS_WITHIN
        return is_fresh and self.check_is_ok and not self.runs and not self.is_waiting

    @cached_property
    def has_data(self) -> bool:
        return self.connection is not None and self.connection.pk in self.together.read(_filled)


def cursors(together: Together) -> dict[UUID, list[Cursor]]:
    """By connection."""
    return cursors_of(together.connections)


def _runs(together: Together) -> dict[UUID, list[PullRun]]:
    known = together.read(cursors)
    found: dict[UUID, list[PullRun]] = {key: [] for key in known}
    for run in newest_runs_of(one for ones in known.values() for one in ones):
        found[run.cursor.connection_id].append(run)
    return found


def _filled(together: Together) -> set[UUID]:
    """Connections of which there is a product or an order."""
    stored = [
        Exists(TABLES[name].objects.filter(connection=OuterRef("pk"), deleted_at=None))
        for name in ("products", "orders")
    ]
    known = Connection.objects.filter(pk__in=[one.pk for one in together.connections])
    return set(known.filter(stored[0] | stored[1]).values_list("pk", flat=True))

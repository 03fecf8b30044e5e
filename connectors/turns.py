"""Whose turn it is: what is due, and how long a slice may go on while others wait.

A shop that is read for hours would hold a worker for a minute at a time, and shops that need a moment would
wait for it. So a slice ends early where a shop waits that nobody is at; its continuation is queued behind it.
"""

import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from connectors import leases, schedule
from connectors.models import Connection, Cursor

LOOK_SECONDS = 0.5  # between two looks at who waits


def due() -> QuerySet[Cursor]:
    """Cursors whose time has come and that nobody holds: new runs, continuations, runs whose worker died.

    None of a shop that is paused, has its quiet hours, or fails again and again.
    """
    now = timezone.now()
    awake = Connection.objects.filter(paused_at=None, circuit__opened_at=None).exclude(
        schedule.are_quiet(now)
    )
    return Cursor.objects.filter(leases.is_free(now), due_at__lte=now, connection__in=awake)


def does_anyone_wait(but: Connection) -> bool:
    """Whether something is due of another shop, one that no worker is at."""
    served = Cursor.objects.filter(lease_until__gt=timezone.now()).values("connection")
    return due().exclude(connection__in=served).exclude(connection=but.pk).exists()


@dataclass
class Turn:
    """Of one slice. `most`: seconds that it may take; None: the settings', and fewer where others wait."""

    connection: Connection
    most: float | None = None
    _began: float = field(default_factory=lambda: time.monotonic())
    _looked: float = float("-inf")

    def is_over(self) -> bool:
        now = time.monotonic()
        took = now - self._began
        if self.most is not None:
            return took >= self.most
        if took >= settings.PULL_SLICE_SECONDS:
            return True
        return took >= settings.PULL_SHARED_SLICE_SECONDS and self._is_wanted(now)

    def _is_wanted(self, now: float) -> bool:
        if now < self._looked + LOOK_SECONDS:
            return False
        self._looked = now
        return does_anyone_wait(self.connection)

"""Connections to shops, what was checked, what was pulled and where we stopped.

What was pulled itself stands in tables.py, one table per dataset.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors import registry, without_api
from connectors.base import Connector, Position
from connectors.circuit_state import Circuit
from connectors.erased import ErasedShopper
from connectors.errors import AddressError, ConnectorError, PermissionMissingError, render
from connectors.readings import PullSpan, SeenPage
from connectors.received_files import FileAnswers, ReceivedFile
from connectors.seen_files import SeenFile
from connectors.tables import TABLES, DatasetRow, ProductLink

__all__ = [  # Django looks for every model here
    "TABLES",
    "Check",
    "CheckLine",
    "Circuit",
    "Connection",
    "Cursor",
    "DatasetRow",
    "ErasedShopper",
    "FileAnswers",
    "ProductLink",
    "PullRun",
    "PullSpan",
    "ReceivedFile",
    "SeenFile",
    "SeenPage",
]
RUNNING, TROUBLED = models.Q(state="running"), models.Q(state__in=("held", "failed"))


class Connection(models.Model):
    """One set of credentials of one platform. Several shops of the same merchant may share it."""

    class Health(models.TextChoices):
        UNKNOWN = "unknown", _("Not tested yet")
        WORKING = "working", _("Working")
        FAILING = "failing", _("Failing")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The merchant's id. This app knows no merchants; whoever asks for a connection scopes by it.
    tenant = models.UUIDField(db_index=True, editable=False)
    platform = models.CharField(max_length=32, editable=False)
    config = models.JSONField(default=dict, help_text="Public: may be shown to the merchant.")
    # See kleep_portal.crypto; bound to this row's id.
    sealed = models.TextField(default="", editable=False)
    secrets_set_at = models.DateTimeField(null=True, editable=False)
    secrets_set_by = models.CharField(max_length=254, default="", editable=False)
    health = models.CharField(
        max_length=16, choices=Health.choices, default=Health.UNKNOWN, editable=False
    )
    proved_at = models.DateTimeField(null=True, editable=False)  # last proof of life
    paused_at = models.DateTimeField(null=True, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)  # between the two the shop is left alone
    time_zone = models.CharField(max_length=64, default="", blank=True)  # blank: UTC
    # Requests to this shop at once; None: PULL_READERS.
    readers = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.platform} {self.config.get('url', '')}"

    @property
    def connector_class(self) -> type[Connector]:
        return registry.connector_of(self.platform)

    @property
    def has_api(self) -> bool:
        return self.platform != without_api.KEY

    @property
    def most_readers(self) -> int:
        usual: int = settings.PULL_READERS
        return max(self.readers or usual, 1)

    def learn(self, *errors: ConnectorError | None) -> None:
        """Note what calls to the shop say of the credentials; None is a call that went well.

        One good answer, or a permission that is missing, proves them, whatever the other calls say. A shop
        that is down says nothing.
        """
        mine = Connection.objects.filter(pk=self.pk)
        if any(error is None or isinstance(error, PermissionMissingError) for error in errors):
            mine.update(health=self.Health.WORKING, proved_at=timezone.now())
        elif any(_is_refusal(error) for error in errors):
            mine.update(health=self.Health.FAILING)


def _is_refusal(error: ConnectorError | None) -> bool:
    is_refused = error is not None and error.check_status == CheckLine.Status.CREDENTIALS
    return is_refused or isinstance(error, AddressError)


class Check(models.Model):
    """One test of every resource of a connection."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="checks")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"check {self.pk}"


class CheckLine(models.Model):
    """What one resource answered. The sentence is rendered from `error` and `params` when it is shown."""

    class Status(models.TextChoices):
        READY = "ready", _("Ready")
        MISSING_PERMISSION = "missing_permission", _("Missing permission")
        NOT_AVAILABLE = "not_available", _("Not in your edition")
        CREDENTIALS = "credentials", _("Credentials refused")
        UNREACHABLE = "unreachable", _("Shop did not answer")
        FAILED = "failed", _("Failed")
        EMPTY = "empty", _("Nothing there yet")
        NOT_TESTED = "not_tested", _("Not tested")

    check_run = models.ForeignKey(Check, models.CASCADE, related_name="lines")
    resource = models.CharField(max_length=64)
    status = models.CharField(max_length=32, choices=Status.choices, default=Status.NOT_TESTED)
    count = models.BigIntegerField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=64, default="", blank=True)
    params = models.JSONField(default=dict, blank=True)
    detail = models.TextField(default="", blank=True)
    request_id = models.CharField(max_length=64, default="", blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_run", "resource"], name="one_line_per_resource")
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.status}"

    @property
    def message(self) -> str:
        """The merchant's sentence in the active language; blank where nothing is wrong."""
        return render(self.error, self.params) if self.error else ""


class Cursor(models.Model):
    """Where the pull of one resource stands, and who is at it. Everything up to `position` is stored."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="cursors")
    resource = models.CharField(max_length=64)
    scope = models.CharField(max_length=64, default="", blank=True)
    position_at = models.DateTimeField(null=True, blank=True)
    position_id = models.BigIntegerField(default=0)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_holder = models.CharField(max_length=100, db_default="", editable=False)  # see holders.py
    # Requests that whoever holds it has under way at once.
    readers = models.PositiveSmallIntegerField(default=1, editable=False)
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)  # None: not scheduled
    # Since when a task for it waits in the queue; None once it was taken up.
    queued_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource", "scope"], name="one_cursor_per_resource"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.scope}".strip()

    @property
    def position(self) -> Position | None:
        return Position(self.position_at, self.position_id) if self.position_at else None


class PullRun(models.Model):
    """One pull of one resource, from its first slice to its last."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")  # by a person, or to begin anew
        HELD = "held", _("Held")  # too little came: a person decides, see wholes.py

    class Kind(models.TextChoices):
        CHANGES = "changes", _("Changes")  # since the cursor
        WHOLE = "whole", _("Everything")  # what it does not see, the shop no longer has
        RANGE = "range", _("A range of dates")  # again; leaves the cursor where it is

    cursor = models.ForeignKey(Cursor, models.CASCADE, related_name="runs")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.CHANGES)
    # Something was stored before: what this run does not see is marked as deleted.
    marks = models.BooleanField(default=False)
    released_by = models.CharField(max_length=254, default="", blank=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField()
    # How far this run has come. The cursor never goes back, but a run begins before it: see windows.py.
    position_at = models.DateTimeField(null=True)
    position_id = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)  # slices since it last came farther
    expected = models.BigIntegerField(null=True)  # records that the shop announced
    fetched = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    deleted = models.BigIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    error = models.CharField(max_length=64, default="", blank=True)
    params = models.JSONField(default=dict, blank=True)
    detail = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [  # two runs of one cursor at once would fight over its position
            models.UniqueConstraint(fields=["cursor"], condition=RUNNING, name="one_running_pull")
        ]
        indexes = [
            models.Index(fields=["cursor", "-started_at", "-id"], name="newest_runs"),
            models.Index(fields=["started_at"], condition=TROUBLED, name="troubled_pulls"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.state}"

    @property
    def position(self) -> Position | None:
        return Position(self.position_at, self.position_id) if self.position_at else None

    @property
    def message(self) -> str:
        return render(self.error, self.params) if self.error else ""

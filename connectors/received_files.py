"""Files that merchants send: what came, what was found in them, how far they were taken."""

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors.files.problems import Group, Problem
from connectors.files.refusals import sentence


def _content(file: "ReceivedFile", _name: str) -> str:
    """Where the content lies: never under a name that somebody else chose."""
    return f"received/{file.connection_id}/{file.pk}"


def _report(file: "ReceivedFile", _name: str) -> str:
    return f"reports/{file.connection_id}/{file.pk}.csv"


def aside(file: "ReceivedFile") -> str:
    """Where its checked rows wait in the private storage until they are stored."""
    return f"checked/{file.connection_id}/{file.pk}"


def problems_aside(file: "ReceivedFile") -> str:
    """Where what is wrong with it waits until its report is written."""
    return f"{aside(file)}.problems"


class ReceivedFile(models.Model):
    """One file as it came. Its rows are stored under its connection, with their origin and row number."""

    class Origin(models.TextChoices):
        UPLOAD = "upload", _("Upload")
        SFTP = "sftp", "SFTP"
        COMMAND = "command", _("Command")

    class State(models.TextChoices):
        RECEIVED = "received", _("Waiting")
        CHECKING = "checking", _("Being checked")
        NEEDS_ANSWER = "needs_answer", _("A question for you")
        REFUSED = "refused", _("Refused")
        STORING = "storing", _("Being stored")
        TAKEN = "taken", _("Taken")
        CHECKED = "checked", _("Checked only")  # a dry run: nothing was stored
        FAILED = "failed", _("Failed")  # on our side

    class Policy(models.TextChoices):
        GOOD_ROWS = "good_rows", _("Take the good rows")
        REFUSE_FILE = "refuse_file", _("Refuse the file if any row is wrong")

    # Where a file of the same name and content would be the same one once more.
    LIVE = (State.RECEIVED, State.CHECKING, State.NEEDS_ANSWER, State.STORING, State.TAKEN)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        "connectors.Connection", models.CASCADE, related_name="received_files"
    )
    # The slug of the shop that it came for: several may share a connection, and not their files.
    shop = models.CharField(max_length=100, default="", blank=True)
    scope = models.CharField(max_length=64, default="", blank=True)  # store view, of products
    dataset = models.CharField(max_length=32, default="", blank=True)  # blank: not known yet
    name = models.CharField(max_length=255)
    origin = models.CharField(max_length=16, choices=Origin.choices)
    size = models.BigIntegerField()
    mtime = models.DateTimeField(null=True)  # at its sender's
    said_at = models.DateTimeField()  # in its name, else mtime, else when it came: orders files
    sha256 = models.CharField(max_length=64)
    content = models.FileField(upload_to=_content, max_length=200, blank=True)
    by = models.CharField(max_length=254, default="", blank=True)
    language = models.CharField(max_length=8, default="en")  # of the report
    dry_run = models.BooleanField(default=False)
    policy = models.CharField(max_length=16, choices=Policy.choices, default=Policy.GOOD_ROWS)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECEIVED)
    received_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    layout = models.JSONField(default=dict, blank=True)  # files.detect.Layout
    columns = models.JSONField(default=dict, blank=True)  # {heading of the file: our column or ""}
    questions = models.JSONField(default=list, blank=True)  # files.questions.Question
    answers = models.JSONField(default=dict, blank=True)  # {"mapping": {...}, "date_order": "dmy"}
    error = models.CharField(max_length=64, default="", blank=True)  # why all of it was refused
    params = models.JSONField(default=dict, blank=True)
    detail = models.TextField(default="", blank=True)  # for staff
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    groups = models.JSONField(default=list, blank=True)  # files.problems.Group, the largest first
    problems = models.JSONField(default=list, blank=True)  # the first files.problems.Problem
    report = models.FileField(upload_to=_report, max_length=200, blank=True)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)

    # How its checked rows are stored, {"columns": [...], "has_repeats": bool}; and how far, see taking.py.
    plan = models.JSONField(default=dict, blank=True, editable=False)
    # A lease, as a cursor's.
    position = models.BigIntegerField(default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_holder = models.CharField(max_length=100, db_default="", editable=False)
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)  # None: not to be taken

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["connection", "-received_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "shop", "scope", "dataset", "name", "sha256"],
                condition=models.Q(
                    dry_run=False,
                    state__in=["received", "checking", "needs_answer", "storing", "taken"],
                ),
                name="taken_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    # Django's own translate every choice to say one: too much for a long list.
    def get_state_display(self) -> str:  # type: ignore[no-redef]  # instead of it
        return str(self.State(self.state).label)

    def get_origin_display(self) -> str:  # type: ignore[no-redef]  # the same
        return str(self.Origin(self.origin).label)

    @property
    def is_over(self) -> bool:
        """Nothing more happens to it by itself."""
        return self.state not in {self.State.RECEIVED, self.State.CHECKING, self.State.STORING}

    @property
    def message(self) -> str:
        """Why all of it was refused, in the active language; blank where it was not."""
        return sentence(self.error, self.params) if self.error else ""

    @property
    def grouped(self) -> list[Group]:
        return [Group(**group) for group in self.groups]

    @property
    def first_problems(self) -> list[Problem]:
        return [Problem(**problem) for problem in self.problems]


class FileAnswers(models.Model):
    """What a merchant answered about the files of one dataset, kept for the next file."""

    connection = models.ForeignKey("connectors.Connection", models.CASCADE, related_name="+")
    dataset = models.CharField(max_length=32)
    mapping = models.JSONField(default=dict)  # {heading, simplified: our column or ""}
    date_order = models.CharField(max_length=8, default="", blank=True)  # dmy or mdy
    date_system = models.CharField(max_length=8, default="", blank=True)  # 1900 or 1904

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "dataset"], name="one_answer_per_dataset")
        ]

    def __str__(self) -> str:
        return f"answers about {self.dataset}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "mapping": self.mapping,
            "date_order": self.date_order,
            "date_system": self.date_system,
        }

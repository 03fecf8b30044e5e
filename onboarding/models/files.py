"""How a merchant's files reach Kleep: by SFTP, from which server, with which keys; and uploads under way."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors import sshkeys
from connectors.errors import render
from connectors.models import Connection, ReceivedFile
from connectors.pickup_rules import Note
from onboarding.models.links import HandOff
from onboarding.models.people import Merchant
from onboarding.models.shops import Shop


class SftpAccount(models.Model):
    """A merchant's user on Kleep's SFTP server. Its folders follow from the merchant's shops."""

    merchant = models.OneToOneField(Merchant, models.CASCADE, related_name="sftp_account")
    # A system user's name: see deploy/sftp/provision.py, which refuses any other.
    username = models.CharField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.username


class SftpKey(models.Model):
    """One public key that opens the account. OpenSSH reads these rows: deploy/sftp/authorized_keys.py."""

    account = models.ForeignKey(SftpAccount, models.CASCADE, related_name="keys")
    name = models.CharField(max_length=100)
    line = models.TextField(editable=False)  # type and base64
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=254, default="", editable=False)
    # Whose holder added it, and sees and removes no other: the account is the whole merchant's.
    hand_off = models.ForeignKey(HandOff, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["account", "line"], name="one_key_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def type(self) -> str:
        return self.line.partition(" ")[0]

    @property
    def fingerprint(self) -> str:
        return sshkeys.fingerprint(self.line)


class FileSource(models.Model):
    """Where a shop's files come from, and what is done with them. A shop without one sends none yet."""

    class Way(models.TextChoices):
        UPLOAD = "upload", _("Upload them here")
        KLEEP = "kleep", _("Send them to Kleep's SFTP server")
        OWN = "own", _("Kleep fetches them from your SFTP server")

    shop = models.OneToOneField(Shop, models.CASCADE, related_name="file_source")
    way = models.CharField(max_length=16, choices=Way.choices, default=Way.UPLOAD)
    # The merchant's own server.
    server = models.ForeignKey(
        Connection, models.SET_NULL, null=True, blank=True, related_name="file_sources"
    )
    archive = models.BooleanField(default=True)  # what was taken is put aside on the server
    policy = models.CharField(
        max_length=16,
        choices=ReceivedFile.Policy.choices,
        default=ReceivedFile.Policy.GOOD_ROWS,
    )
    time_zone = models.CharField(max_length=64, default="Europe/Paris")
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)  # of the next look
    lease_until = models.DateTimeField(null=True, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)
    missed_at = models.DateTimeField(null=True, editable=False)  # when we last missed its files
    # What the last look came to.
    error = models.CharField(max_length=64, default="", blank=True)
    params = models.JSONField(default=dict, blank=True)
    detail = models.TextField(default="", blank=True)  # for staff
    notes = models.JSONField(default=list, blank=True)  # pickup_rules.Note

    def __str__(self) -> str:
        return f"files of {self.shop}"

    @property
    def is_picked_up(self) -> bool:
        return self.way != self.Way.UPLOAD

    @property
    def message(self) -> str:
        return render(self.error, self.params) if self.error else ""

    @property
    def remarks(self) -> list[Note]:
        return [Note(**note) for note in self.notes]


class Upload(models.Model):
    """A file on its way through the browser, in parts; it goes on after a cut. Gone once it is complete."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    modified = models.BigIntegerField(default=0)  # at its sender's, in milliseconds
    started_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class UploadPart(models.Model):
    """A part of an upload, in the private storage."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    offset = models.BigIntegerField()
    size = models.BigIntegerField()
    content = models.CharField(max_length=200)  # its name in the storage

    class Meta:
        ordering = ["offset"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "offset"], name="one_part_per_offset")
        ]

    def __str__(self) -> str:
        return f"{self.offset} of {self.upload_id}"

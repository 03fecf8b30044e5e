"""How a merchant's files reach Kleep: the account on Kleep's SFTP server and its keys."""

from django.db import models

from connectors import sshkeys
from onboarding.models.people import Merchant


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

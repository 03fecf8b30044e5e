"""What the portal does with a server that holds files: look, fetch, put aside. And what can go wrong there.

A platform that is a file server is a Connector as well: its credentials are sealed, its lines are checked and
shown like those of a shop's API. It has no pages: files are picked up, see pickup.py.
"""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from connectors.base import Connector, Page, Position, Resource
from connectors.errors import (
    CredentialsError,
    MerchantError,
    RetryLaterError,
    ShopDownError,
    UnexpectedAnswerError,
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One name in a folder, as the server lists it. `name` may be anything a server can hold."""

    name: str
    size: int
    modified: int  # seconds since 1970
    is_file: bool  # False for folders, links, pipes and devices


class FileServer(Connector):
    """A Connector to a server that holds files. Paths are absolute, with slashes."""

    @abstractmethod
    def host_key(self) -> str:
        """The key that the server shows now, as one line; asked before anything secret is sent."""

    @abstractmethod
    def entries(self, folder: str, *, limit: int) -> list[Entry]:
        """What lies in a folder. Raises TooManyFilesError, FolderMissingError, FolderForbiddenError."""

    @abstractmethod
    def fetch(self, path: str, entry: Entry, into: BinaryIO, *, until: float) -> None:
        """Append what `into` does not have yet; whole at the end.

        `until`: time.monotonic() by which it must stop. Raises SliceOverError then, FileChangedError where
        the file is no longer the one that was listed; what came until then stays in `into`.
        """

    @abstractmethod
    def move(self, path: str, to: str) -> None:
        """Put a file aside, making the folder; never over another one. Raises FolderForbiddenError."""

    def pages(
        self, resource: Resource, *, since: Position | None, until: datetime, scope: str = ""
    ) -> Iterator[Page]:
        return iter(())


class HostKeyUnknownError(MerchantError):
    code = "sftp_host_key_unknown"
    text = _("Nobody has confirmed this server's host key yet. Compare its fingerprint first.")


class HostKeyChangedError(MerchantError):
    """`shown`, `known`: fingerprints."""

    code = "sftp_host_key_changed"
    text = _(
        "The server shows another host key than the one that was confirmed (%(shown)s instead of"
        " %(known)s). We stopped before we sent anything. If whoever runs the server has changed its key,"
        " confirm the new one; if not, tell them."
    )


class LoginRefusedError(CredentialsError):
    code = "sftp_login_refused"
    text = _(
        "The server does not let %(user)s in with what you gave. Check the user name, and that the key or"
        " the password belongs to it."
    )


class LoginKindError(CredentialsError):
    """`kinds`: what the server accepts instead."""

    code = "sftp_login_kind"
    text = _("The server does not accept this kind of log-in for %(user)s. It accepts: %(kinds)s.")


class NotSshError(MerchantError):
    code = "sftp_not_ssh"
    text = _(
        "Something answers at %(host)s, but it is no SFTP server. Check the port; usual is 22."
    )
    check_status = "unreachable"


class OldServerError(MerchantError):
    code = "sftp_old_server"
    text = _(
        "%(host)s only offers encryption that is no longer safe. Ask whoever runs it to update its SSH"
        " server."
    )


class NoSftpError(MerchantError):
    code = "sftp_no_subsystem"
    text = _("The log-in works, but the server does not offer SFTP to this user.")


class NotSftpError(MerchantError):
    code = "sftp_other_words"
    text = _(
        "The log-in works, but then the server sends text where SFTP should begin. Mostly a start-up file"
        " of the user, such as .bashrc, prints a greeting: have that taken out."
    )


class FolderMissingError(MerchantError):
    code = "sftp_folder_missing"
    text = _("There is no folder %(folder)s on the server.")


class FolderForbiddenError(MerchantError):
    code = "sftp_folder_forbidden"
    text = _("The server does not allow this in %(folder)s. Check the permissions of the folder.")


class FileForbiddenError(MerchantError):
    code = "sftp_file_forbidden"
    text = _("The server does not let us read %(name)s. Check the permissions of the file.")


class TooManyFilesError(MerchantError):
    code = "sftp_too_many_files"
    text = _(
        "More than %(limit)s files lie in %(folder)s. Move those that were taken to another folder."
    )


class FileChangedError(RetryLaterError):
    code = "sftp_file_changed"
    text = _("%(name)s changed while we read it. We take it when it is complete.")


class SliceOverError(RetryLaterError):
    code = "sftp_slice_over"
    text = _("%(name)s is being fetched. We go on where we are.")


class NoRoomError(RetryLaterError):
    code = "sftp_no_room"
    text = _("Our own storage is full just now. %(name)s stays where it is; we take it later.")


class ServerHungUpError(ShopDownError):
    code = "sftp_hung_up"
    text = _("%(host)s hung up. We go on where we were by ourselves.")


class ServerSilentError(ShopDownError):
    code = "sftp_silent"
    text = _("%(host)s took our question and did not answer in time. We try again by ourselves.")


class ServerFailedError(UnexpectedAnswerError):
    code = "sftp_failed"
    text = _("The server reported a failure that we do not know. Kleep has been told.")


class EarlierStepError(MerchantError):
    code = "sftp_earlier_step"
    text = _("Comes after the line above: that one must work first.")

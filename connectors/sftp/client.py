"""One SFTP session: through the network's door, to the host key that was confirmed, bounded in everything."""

import io
import logging
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

import paramiko

from connectors import fileserver as failures
from connectors.errors import ConnectorError
from connectors.fileserver import Entry
from connectors.http import guarded_socket
from connectors.sftp.failing import TURNED_DOWN, failure
from connectors.sftp.listing import ANSWER_SECONDS, Client, ended_after, entry_of
from connectors.sftp.reading import Reading
from connectors.sshkeys import fingerprint

# It logs what the other side says, tracebacks included; our errors say it in our words.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

CONNECT_SECONDS = 10.0
WHOLE_SECONDS = 60.0  # of one step, however slowly or emptily each answer comes
# The quick ciphers first: these check each packet with the processor's own instructions.
CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
)
KEY_KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


@dataclass(frozen=True, kw_only=True)
class Login:
    """Where to, as whom. `host_key`: the one line that was confirmed; blank: none was."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    host_key: str = ""


class Session:
    """Steps in this order: open(), check_host_key(), log_in(). Then files. Close it."""

    def __init__(self, login: Login) -> None:
        self.login = login
        self._transport: paramiko.Transport | None = None
        self._sftp: Client | None = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = self._sftp = None

    def open(self) -> None:
        """Connect and agree on keys. Nothing secret is sent."""
        sock = guarded_socket(self.login.host, self.login.port, timeout=CONNECT_SECONDS)
        with self._named():
            try:
                transport = paramiko.Transport(sock)
            except BaseException:
                sock.close()
                raise
            self._transport = transport
            transport.banner_timeout = transport.auth_timeout = ANSWER_SECONDS
            options = transport.get_security_options()
            options.ciphers = [cipher for cipher in CIPHERS if cipher in options.ciphers]
            options.key_types = _confirmed_first(options.key_types, self.login.host_key)
            try:
                transport.start_client(timeout=ANSWER_SECONDS)
            except (EOFError, ConnectionError, paramiko.SSHException):
                if transport.remote_version:
                    raise
                # It said something else than an SSH server says first, or nothing at all.
                raise failures.NotSshError(host=self.login.host) from None

    def host_key(self) -> str:
        key = self._opened.get_remote_server_key()
        return f"{key.get_name()} {key.get_base64()}"

    def check_host_key(self) -> None:
        """Raises HostKeyUnknownError, HostKeyChangedError; nothing secret was sent then."""
        shown, known = self.host_key(), self.login.host_key
        if not known:
            raise failures.HostKeyUnknownError
        if shown != known:
            raise failures.HostKeyChangedError(shown=fingerprint(shown), known=fingerprint(known))

    def log_in(self) -> None:
        self.check_host_key()
        login, transport = self.login, self._opened
        with self._named():
            if login.private_key:
                transport.auth_publickey(login.user, _private_key(login.private_key))
            else:
                transport.auth_password(login.user, login.password, fallback=False)
        with self._asking():
            try:
                self._sftp = Client.of(transport)
            except paramiko.SFTPError:
                raise failures.NotSftpError from None
            except (paramiko.SSHException, EOFError) as error:
                raise failures.NoSftpError(detail=type(error).__name__) from None

    def folder(self, folder: str) -> None:
        """Raises FolderMissingError, also where something else has that name."""
        with self._asking(folder=folder):
            if not stat.S_ISDIR(self._files.stat(folder).st_mode or 0):
                raise failures.FolderMissingError(folder=folder)

    def peek(self, path: str, name: str) -> None:
        """Read a little of a file."""
        with self._asking(name=name), self._files.open(path, "rb") as remote:
            remote.read(1)

    def entries(self, folder: str, *, limit: int) -> list[Entry]:
        found = []
        with self._asking(folder=folder):
            for entry in self._files.entries(folder):
                found.append(entry)
                if len(found) > limit:
                    raise failures.TooManyFilesError(limit=limit, folder=folder)
        return found

    def fetch(self, path: str, entry: Entry, into: BinaryIO, *, until: float) -> None:
        name, seconds = entry.name, max(until - time.monotonic(), 0) + ANSWER_SECONDS
        with self._asking(name=name, seconds=seconds):
            self._refuse_other(self._files.lstat(path), entry)
            with self._files.open(path, "rb") as remote:
                self._refuse_other(remote.stat(), entry)
                have = into.seek(0, io.SEEK_END)
                reading = Reading(self._files, remote, have, entry.size)
                for piece in reading.pieces():
                    _keep(piece, into, name)
                    have += len(piece)
                    if time.monotonic() > until and have < entry.size:
                        self.close()  # nobody waits for what is under way
                        raise failures.SliceOverError(name=name)
                if have < entry.size:
                    raise failures.FileChangedError(name=name, detail="shorter than it was")
                # Written into meanwhile, or replaced: another file than the one that was looked at.
                self._refuse_other(remote.stat(), entry)
            self._refuse_other(self._files.lstat(path), entry)

    def move(self, path: str, to: str) -> None:
        folder = to.rpartition("/")[0]
        with self._asking(folder=folder):
            try:
                self._files.mkdir(folder, 0o755)
            except OSError as error:
                if error.errno in TURNED_DOWN:
                    raise
            self._files.rename(path, to)  # the protocol's own: refused where `to` exists

    @property
    def is_logged_in(self) -> bool:
        return self._sftp is not None

    @property
    def _opened(self) -> paramiko.Transport:
        if self._transport is None:
            raise RuntimeError("the session is not open")
        return self._transport

    @property
    def _files(self) -> "Client":
        if self._sftp is None:
            raise RuntimeError("nobody has logged in")
        return self._sftp

    def _refuse_other(self, now: paramiko.SFTPAttributes, listed: Entry) -> None:
        if entry_of(listed.name, now) != listed:
            raise failures.FileChangedError(name=listed.name)

    @contextmanager
    def _asking(
        self, *, folder: str = "", name: str = "", seconds: float | None = None
    ) -> Iterator[None]:
        """One step of what was logged in for, ended after `seconds`, a minute where nothing is said."""
        whole = WHOLE_SECONDS if seconds is None else seconds
        with (
            ended_after(whole, self._opened, self.login.host),
            self._named(folder=folder, name=name),
        ):
            yield

    @contextmanager
    def _named(self, *, folder: str = "", name: str = "") -> Iterator[None]:
        """What paramiko and the system raise, turned into the caller's next move."""
        try:
            yield
        except ConnectorError:
            raise
        except (OSError, EOFError, paramiko.SSHException, paramiko.SFTPError) as error:
            host, user = self.login.host, self.login.user
            raise failure(error, host=host, user=user, folder=folder, name=name) from None


def _keep(piece: bytes, into: BinaryIO, name: str) -> None:
    """A failure of our own disk is not one of the server."""
    try:
        into.write(piece)
    except OSError as error:
        raise failures.NoRoomError(name=name, detail=type(error).__name__) from None


def _confirmed_first(kinds: Sequence[str], host_key: str) -> list[str]:
    """A server that has got another kind of key beside the confirmed one still shows the confirmed one."""
    known = host_key.partition(" ")[0]
    return sorted(
        kinds, key=lambda kind: kind != known and not (known == "ssh-rsa" and "rsa" in kind)
    )


def _private_key(text: str) -> paramiko.PKey:
    for kind in KEY_KINDS:
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError):
            continue
    raise failures.LoginRefusedError(user="", detail="the stored key does not open")

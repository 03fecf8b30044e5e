"""Lists the folders of an SFTP server piece by piece, whatever their names hold."""

import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR

from connectors.errors import ConnectorError
from connectors.fileserver import Entry, ServerSilentError

ANSWER_SECONDS = 30.0


class Client(paramiko.SFTPClient):
    """Lists piece by piece, also names that are no UTF-8: paramiko's own listing breaks off there."""

    # How paramiko puts questions of the protocol itself; its published types leave them out.
    _request: Callable[..., tuple[int, paramiko.Message]]
    _async_request: Callable[..., int]
    _read_response: Callable[[], object]
    _convert_status: Callable[[paramiko.Message], None]

    @classmethod
    def of(cls, transport: paramiko.Transport) -> "Client":
        channel = transport.open_session(timeout=ANSWER_SECONDS)
        channel.settimeout(ANSWER_SECONDS)
        channel.invoke_subsystem("sftp")
        return cls(channel)

    def ask(self, asker: object, kind: int, *parts: object) -> int:
        """Put a question without waiting; its number. The answer goes to `asker._async_response`."""
        return self._async_request(asker, kind, *parts)

    def take_answer(self) -> None:
        """Wait for one answer to whatever was asked."""
        self._read_response()

    def raise_for(self, status: paramiko.Message) -> None:
        """Raises EOFError at the end of a file, OSError for what the server refuses."""
        self._convert_status(status)

    def entries(self, folder: str) -> Iterator[Entry]:
        kind, message = self._request(CMD_OPENDIR, folder.encode())
        if kind != CMD_HANDLE:
            raise paramiko.SFTPError("expected a handle")
        handle = message.get_string()
        try:
            while (found := self._some(handle)) is not None:
                yield from found
        finally:
            self._request(CMD_CLOSE, handle)

    def _some(self, handle: bytes) -> list[Entry] | None:
        try:
            kind, message = self._request(CMD_READDIR, handle)
        except EOFError:
            return None
        if kind != CMD_NAME:
            raise paramiko.SFTPError("expected names")
        found = []
        for _ in range(message.get_int()):
            name = message.get_string().decode("utf-8", "surrogateescape")
            message.get_string()  # the line of `ls -l`
            attributes = paramiko.SFTPAttributes._from_msg(message)  # type: ignore[attr-defined]  # not in its published types
            if name not in (".", ".."):
                found.append(entry_of(name, attributes))
        return found


def entry_of(name: str, attributes: paramiko.SFTPAttributes) -> Entry:
    return Entry(
        name=name,
        size=attributes.st_size or 0,
        modified=int(attributes.st_mtime or 0),
        is_file=attributes.st_mode is not None and stat.S_ISREG(attributes.st_mode),
    )


@contextmanager
def ended_after(seconds: float, transport: paramiko.Transport, host: str) -> Iterator[None]:
    """Hang up when the time is over, whatever is waited for then. Raises ServerSilentError."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        transport.close()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    silent = ServerSilentError(host=host, detail="the whole took too long")
    try:
        yield
    except ConnectorError:
        if is_over.is_set():
            raise silent from None
        raise
    finally:
        timer.cancel()
    if is_over.is_set():  # a listing that was cut off may look like one that has ended
        raise silent

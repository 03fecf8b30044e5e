"""Lists the folders of an SFTP server piece by piece, whatever their names hold."""

import stat
from collections.abc import Iterator

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR

from connectors.fileserver import Entry

ANSWER_SECONDS = 30.0


class Client(paramiko.SFTPClient):
    """Lists piece by piece, also names that are no UTF-8: paramiko's own listing breaks off there."""

    @classmethod
    def of(cls, transport: paramiko.Transport) -> "Client":
        channel = transport.open_session(timeout=ANSWER_SECONDS)
        channel.settimeout(ANSWER_SECONDS)
        channel.invoke_subsystem("sftp")
        return cls(channel)

    def entries(self, folder: str) -> Iterator[Entry]:
        kind, message = self._request(CMD_OPENDIR, folder.encode())  # type: ignore[attr-defined]
        if kind != CMD_HANDLE:
            raise paramiko.SFTPError("expected a handle")
        handle = message.get_string()
        try:
            while (found := self._some(handle)) is not None:
                yield from found
        finally:
            self._request(CMD_CLOSE, handle)  # type: ignore[attr-defined]

    def _some(self, handle: bytes) -> list[Entry] | None:
        try:
            kind, message = self._request(CMD_READDIR, handle)  # type: ignore[attr-defined]
        except EOFError:
            return None
        if kind != CMD_NAME:
            raise paramiko.SFTPError("expected names")
        found = []
        for _ in range(message.get_int()):
            name = message.get_string().decode("utf-8", "surrogateescape")
            message.get_string()  # the line of `ls -l`
            attributes = paramiko.SFTPAttributes._from_msg(message)  # type: ignore[attr-defined]
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

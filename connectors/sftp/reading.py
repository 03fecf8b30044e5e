"""Reads a file of an SFTP server in order, asking ahead for so much of it and no more.

paramiko's own reading ahead asks for the whole file in a second thread, and where the answers are quicker
than that thread it keeps all of them in memory. Here whoever reads also asks.
"""

from collections import deque
from collections.abc import Iterator

import paramiko
from paramiko.sftp import CMD_DATA, CMD_READ, CMD_STATUS, int64

from connectors.sftp.listing import Client

PIECE = 32_768  # what every server gives in one answer
AHEAD = 64  # pieces asked for at a time: as much as the 2 MB that a channel lets come unread
SHORTEST = 4_096
FRAME = 16  # bytes of an answer beside its content


class Reading:
    """The bytes of an open file from `start` to `end`, each as it comes. Fewer where the file ends before."""

    def __init__(self, client: Client, file: paramiko.SFTPFile, start: int, end: int) -> None:
        self._client, self._handle = client, file.handle
        self._next, self._end = start, end
        self._length = PIECE
        self._asked: deque[tuple[int, int, int]] = deque()  # number, offset, length; by offset
        self._came: dict[int, tuple[int, paramiko.Message]] = {}  # by number
        self._failure: Exception | None = None  # of asking

    def pieces(self) -> Iterator[bytes]:
        """Raises OSError, EOFError, SSHException, SFTPError."""
        self._ask_ahead()
        while self._asked:
            number, offset, length = self._asked.popleft()
            while number not in self._came:
                self._client.take_answer()
            piece = self._content(*self._came.pop(number), most=length)
            if not piece:
                return
            if len(piece) < length:
                # A server that gives less at a time: what is missing, and shorter pieces from now on.
                self._length = min(self._length, max(len(piece), SHORTEST))
                self._asked.appendleft(self._ask(offset + len(piece), length - len(piece)))
            yield piece
            self._ask_ahead()
        if self._failure:
            raise self._failure

    def _ask_ahead(self) -> None:
        """A connection that is cut while we ask has brought answers before: they are read first."""
        try:
            while not self._failure and len(self._asked) < AHEAD and self._next < self._end:
                length = min(self._length, self._end - self._next)
                self._asked.append(self._ask(self._next, length))
                self._next += length
        except (OSError, EOFError, paramiko.SSHException) as error:
            self._failure = error

    def _ask(self, offset: int, length: int) -> tuple[int, int, int]:
        number = self._client.ask(self, CMD_READ, self._handle, int64(offset), length)
        return number, offset, length

    def _async_response(self, kind: int, message: paramiko.Message, number: int) -> None:
        """Where paramiko brings the answers to what was asked in the name of this object, in any order."""
        if len(message.asbytes()) > PIECE + FRAME:
            raise paramiko.SFTPError("more than was asked for")
        self._came[number] = (kind, message)

    def _content(self, kind: int, message: paramiko.Message, *, most: int) -> bytes:
        """Blank at the end of the file."""
        if kind == CMD_STATUS:
            try:
                self._client.raise_for(message)
            except EOFError:
                return b""
        content = message.get_string() if kind == CMD_DATA else None
        if content is None or len(content) > most:
            raise paramiko.SFTPError("no answer to what was asked")
        return content

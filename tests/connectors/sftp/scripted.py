"""An SFTP server without a network, which answers in whichever way a test wants, and counts."""

import io
import struct
from collections.abc import Callable

from paramiko.sftp import (
    CMD_CLOSE,
    CMD_DATA,
    CMD_HANDLE,
    CMD_INIT,
    CMD_OPEN,
    CMD_READ,
    CMD_STATUS,
    CMD_VERSION,
    SFTP_EOF,
    SFTP_OK,
)

Asked = tuple[int, int, int]  # number, offset, length


def data(number: int, content: bytes) -> bytes:
    return _packet(CMD_DATA, struct.pack(">II", number, len(content)) + content)


def status(number: int, code: int) -> bytes:
    return _packet(CMD_STATUS, struct.pack(">IIII", number, code, 0, 0))


def _packet(kind: int, body: bytes) -> bytes:
    return struct.pack(">IB", len(body) + 1, kind) + body


class Scripted:
    """Takes the place of paramiko's channel. One file, of `content`.

    `choose`: which of the unanswered reads is answered next, when the client waits for an answer.
    `answer`: with what.
    """

    def __init__(
        self,
        content: bytes,
        *,
        choose: Callable[[list[Asked]], int] = lambda _unanswered: 0,
        answer: Callable[[Asked, bytes], bytes] | None = None,
    ) -> None:
        self.content, self.choose = content, choose
        self.answer = answer or self.plainly
        self.reads: list[Asked] = []  # all there ever were
        self._unanswered: list[Asked] = []
        self._out = io.BytesIO()

    def plainly(self, asked: Asked, content: bytes) -> bytes:
        number = asked[0]
        return data(number, content) if content else status(number, SFTP_EOF)

    @property
    def asked_bytes(self) -> int:
        return sum(length for _number, _offset, length in self.reads)

    def send(self, packet: bytes) -> int:
        kind = packet[4]
        (number,) = struct.unpack(">I", packet[5:9])
        if kind == CMD_INIT:
            self._say(_packet(CMD_VERSION, struct.pack(">I", 3)))
        elif kind == CMD_OPEN:
            self._say(_packet(CMD_HANDLE, struct.pack(">II", number, 4) + b"file"))
        elif kind == CMD_CLOSE:
            self._say(status(number, SFTP_OK))
        else:
            assert kind == CMD_READ
            offset, length = struct.unpack(">QI", packet[-12:])
            self.reads.append((number, offset, length))
            self._unanswered.append(self.reads[-1])
        return len(packet)

    def recv(self, most: int) -> bytes:
        found = self._out.read(most)
        if not found and self._unanswered:
            asked = self._unanswered.pop(self.choose(self._unanswered))
            _number, offset, length = asked
            self._say(self.answer(asked, self.content[offset : offset + length]))
            found = self._out.read(most)
        return found

    def _say(self, packet: bytes) -> None:
        rest = self._out.read()
        self._out = io.BytesIO(rest + packet)

    def get_name(self) -> str:
        return "scripted"

    def close(self) -> None:
        self._unanswered.clear()

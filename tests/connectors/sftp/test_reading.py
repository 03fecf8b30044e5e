"""How a file is read: so much of it is asked for ahead and no more, whatever the answers look like."""

import os
from collections.abc import Callable
from itertools import islice

import paramiko
import pytest
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED

from connectors.sftp.listing import Client
from connectors.sftp.reading import AHEAD, PIECE, SHORTEST, Reading
from tests.connectors.sftp.scripted import Asked, Scripted, data, status

CONTENT = os.urandom(5_000_001)  # more than is asked for ahead, and no whole number of pieces
Answer = Callable[[Asked, bytes], bytes]


def _read(server: Scripted, *, start: int = 0, end: int = len(CONTENT)) -> bytes:
    client = Client(server)
    with client.open("returns.csv") as file:
        return b"".join(Reading(client, file, start, end).pieces())


def test_what_is_asked_for_and_not_written_yet_is_bounded_and_the_pipe_is_full() -> None:
    """The server answers at once; whoever writes decides when more is asked for."""
    server, written, ahead = Scripted(CONTENT), 0, []
    client = Client(server)
    with client.open("returns.csv") as file:
        for piece in Reading(client, file, 0, len(CONTENT)).pieces():
            ahead.append(server.asked_bytes - written)
            written += len(piece)
    assert written == len(CONTENT)
    assert max(ahead) == AHEAD * PIECE
    full = len(CONTENT) // PIECE - AHEAD
    assert set(ahead[:full]) == {AHEAD * PIECE}  # from the first piece until all was asked for


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 0), (0, 1), (0, PIECE), (1, PIECE + 1), (len(CONTENT) - 1, len(CONTENT)), (7, 7)],
)
def test_any_stretch_is_read_and_nothing_else_is_asked_for(start: int, end: int) -> None:
    server = Scripted(CONTENT)
    assert _read(server, start=start, end=end) == CONTENT[start:end]
    assert server.asked_bytes == end - start


def test_answers_may_come_in_any_order() -> None:
    server = Scripted(
        CONTENT, choose=lambda unanswered: (7 * len(unanswered)) % len(unanswered) - 1
    )
    assert _read(server) == CONTENT
    backwards = Scripted(CONTENT, choose=lambda unanswered: len(unanswered) - 1)
    assert _read(backwards) == CONTENT


@pytest.mark.parametrize("most", [1_000, SHORTEST, 10_000, PIECE - 1])
def test_a_server_that_gives_less_at_a_time_is_asked_for_less(most: int) -> None:
    server = Scripted(CONTENT, answer=lambda asked, piece: data(asked[0], piece[:most]))
    assert _read(server) == CONTENT
    before_the_first_answer, later = server.reads[:AHEAD], server.reads[AHEAD:]
    assert {length for _number, _offset, length in before_the_first_answer} == {PIECE}
    lengths = {length for _n, offset, length in later if offset >= AHEAD * PIECE}
    assert max(lengths) == max(most, SHORTEST)


def test_a_file_that_is_shorter_than_said_ends_where_it_ends() -> None:
    short = CONTENT[:100_000]
    assert _read(Scripted(short)) == short
    empty_answers = Scripted(short, answer=lambda asked, piece: data(asked[0], piece))
    assert _read(empty_answers) == short


def test_what_the_server_refuses_is_raised_as_what_it_is() -> None:
    with pytest.raises(PermissionError):
        _read(Scripted(CONTENT, answer=lambda asked, _p: status(asked[0], SFTP_PERMISSION_DENIED)))
    with pytest.raises(OSError) as failed:
        _read(Scripted(CONTENT, answer=lambda asked, _p: status(asked[0], SFTP_FAILURE)))
    assert failed.value.errno is None


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked, piece: data(asked[0], piece + b"x"),
        lambda asked, piece: data(asked[0], piece * 100),
        lambda asked, _piece: status(asked[0], SFTP_OK),
    ],
    ids=["one byte more", "much more", "neither content nor a refusal"],
)
def test_an_answer_to_something_else_is_refused(answer: Answer) -> None:
    with pytest.raises(paramiko.SFTPError):
        _read(Scripted(CONTENT, answer=answer))


def test_answers_to_what_nobody_asked_are_left_aside() -> None:
    def twice(asked: Asked, piece: bytes) -> bytes:
        return (
            data(asked[0] + 1_000_000, b"stray") + data(asked[0], piece) + data(asked[0], b"again")
        )

    assert _read(Scripted(CONTENT, answer=twice)) == CONTENT


def test_a_server_that_hangs_up_is_an_error() -> None:
    def until_then(asked: Asked, piece: bytes) -> bytes:
        return data(asked[0], piece) if asked[1] < 1_000_000 else b""

    with pytest.raises(paramiko.SSHException):
        _read(Scripted(CONTENT, answer=until_then))


def test_what_came_before_the_connection_was_cut_is_read() -> None:
    """The cut is met by a question, while answers to earlier ones wait to be read."""

    class Cut(Scripted):
        def send(self, packet: bytes) -> int:
            if len(self.reads) == 40:
                raise OSError("Socket is closed")
            return super().send(packet)

    client = Client(Cut(CONTENT))
    reading = Reading(client, client.open("returns.csv"), 0, len(CONTENT))
    pieces = reading.pieces()
    assert b"".join(islice(pieces, 40)) == CONTENT[: 40 * PIECE]
    with pytest.raises(OSError, match="Socket is closed"):
        next(pieces)

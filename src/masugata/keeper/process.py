"""The keeper as a process of its own: holds the root key, and answers those it is to answer.

Started by the server as `python -m masugata.keeper.process LISTENER LIFELINE TALK`, three inherited file
descriptors. The listening socket stays open in the server, so that whoever connects while this process is
replaced waits for the next one. The lifeline ends when the server and its workers are gone. Over the third
comes an `Assignment`, and back what is to be logged.
"""

import logging
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from masugata.keeper import address, hardening
from masugata.keeper.answering import Holder, answer
from masugata.keeper.framing import PIECE, Unframed, limit, read_frames

MOST_CONNECTIONS: Final = 2048
_PIECE_SECONDS: Final = 10.0  # for the rest of a message that has begun, and for an answer to be taken
_LONGEST_NOTE: Final = 2_048  # characters

_log = logging.getLogger("masugata.keeper")


class Assignment(msgspec.Struct, frozen=True):
    """What a keeper's process is to keep; the URI of a seal may hold a secret."""

    seal: str | None
    folder: str
    secret_file: str | None
    log_level: str


class Note(msgspec.Struct, frozen=True):
    """A line for the server's log."""

    level: int
    text: str


def main() -> None:
    """Keep, until server and workers are gone."""
    listener_number, lifeline, talk_number = map(int, sys.argv[1:])
    hardening.close_all_but((listener_number, lifeline, talk_number))
    hardening.harden()
    # The server started us with these blocked. A terminal sends them to us too; the server decides.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    talk = socket.socket(fileno=talk_number)
    with talk.makefile("rb") as told:
        line = told.readline()
    if not line:
        return
    assignment = msgspec.json.decode(line, type=Assignment)
    logging.basicConfig(level=assignment.log_level.upper(), handlers=[_Talking(talk)])
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    holder = Holder(
        assignment.seal,
        Path(assignment.folder),
        Path(assignment.secret_file) if assignment.secret_file else None,
    )
    holder.try_to_open()
    serve(socket.socket(fileno=listener_number), holder, frozenset((0, os.geteuid())))


def serve(listener: socket.socket, holder: Holder, allowed: frozenset[int]) -> None:
    """Answer whoever connects and is one of the `allowed` users, each in a thread of its own, for ever."""
    if not hardening.memory_locked():
        _log.info("memory is not locked and may be swapped: RLIMIT_MEMLOCK must be unlimited")
    places = threading.BoundedSemaphore(MOST_CONNECTIONS)
    while True:
        try:
            connection, _ = listener.accept()
        except OSError as error:  # no more files just now
            _log.error("cannot accept: %s", error.strerror)
            threading.Event().wait(0.1)
            continue
        if not places.acquire(blocking=False):
            _log.warning("more than %d connections at once: one was closed", MOST_CONNECTIONS)
            connection.close()
            continue
        try:
            threading.Thread(target=_attend, args=(connection, holder, allowed, places), daemon=True).start()
        except RuntimeError:  # no more threads just now
            connection.close()
            places.release()


def _attend(
    connection: socket.socket, holder: Holder, allowed: frozenset[int], places: threading.BoundedSemaphore
) -> None:
    try:
        with connection:
            process, user = address.peer(connection)
            if user not in allowed:
                _log.warning("process %d of user %d may not ask the keeper, and was refused", process, user)
                return
            limit(connection, socket.SO_SNDTIMEO, _PIECE_SECONDS)
            owner = user in {0, os.geteuid()}
            unframed = Unframed()
            while messages := read_frames(connection, unframed, _PIECE_SECONDS):
                answers = bytearray()
                for message in messages:
                    answers += answer(holder, message, owner=owner)
                    if len(answers) > PIECE:
                        connection.sendall(answers)
                        answers.clear()
                connection.sendall(answers)
    except OSError as error:
        _log.debug("a connection broke: %s", error)
    finally:
        places.release()


def _end_with(lifeline: int) -> None:
    """End once nobody holds the other end of the lifeline; there is nothing to tidy up."""
    with suppress(OSError):
        os.read(lifeline, 1)
    os._exit(0)


class _Talking(logging.Handler):
    """Hands lines to the server, which knows where its log goes; without a server they are nobody's."""

    def __init__(self, talk: socket.socket) -> None:
        super().__init__()
        self._talk = talk

    def emit(self, record: logging.LogRecord) -> None:
        note = msgspec.json.encode(Note(record.levelno, record.getMessage()[:_LONGEST_NOTE]))
        with suppress(OSError):  # who does not read must not hold up the keeper
            self._talk.send(note + b"\n", socket.MSG_DONTWAIT)


if __name__ == "__main__":
    main()

"""Questions of an event loop on their way to the keeper: all of one turn together, and so their answers."""

import asyncio
import socket
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from math import inf
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple

from masugata.fibers import Awaited
from masugata.keeper.address import connect
from masugata.keeper.errors import KeeperError
from masugata.keeper.framing import PIECE, Unframed
from masugata.keeper.patience import FIRST_PAUSE, LONGEST_PAUSE, Patience

_MOST: Final = 1024  # questions at once
_LONGEST: Final = 1 << 16  # bytes of one


class _Question(NamedTuple):
    sent: bytes
    began: float
    until: float
    answer: Awaited[bytes]


class Pipeline:
    """One event loop's connection to the keeper; answers come in the order of the questions.

    Each alone would wake the keeper, and the loop again. Nobody waits for others to come: a turn of the loop
    ends when nothing that has arrived is left to do. What was not answered is asked again over a new
    connection until its time is up. To be made and used in the loop's thread.
    """

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop, patience: Patience) -> None:
        self.loop = loop
        self._path = path
        self._patience = patience
        self._connection: _Connection | None = None
        self._new: list[_Question] = []
        self._asked: deque[_Question] = deque()
        self._answered: list[tuple[_Question, bytes]] = []
        self._unsent = bytearray()
        self._answers = Unframed()
        self._pause = 0.0
        self._sending: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = inf  # when the timer's time comes

    def takes(self, sent: bytes) -> bool:
        """Whether there is room for this message; whoever has another asks by themselves."""
        return len(sent) <= _LONGEST and len(self._new) + len(self._asked) < _MOST

    def ask(self, sent: bytes) -> bytes:
        """The answer to a message, waited for in a fiber; raises OSError when time is up, `KeeperError`."""
        now, seconds = monotonic(), self._patience.seconds()
        question = _Question(sent, now, now + seconds, Awaited())
        self._new.append(question)
        if self._sending is None:
            self._sending = self.loop.call_soon(self._send)
        if question.until < self._looks_at:
            self._watch(question.until - now)
        return question.answer.wait()

    def _send(self) -> None:
        self._sending = None
        try:
            if self._connection is None:
                self._connect()
            sent = b"".join(each.sent for each in self._new)
            self._asked.extend(self._new)
            self._new.clear()
            self._write(sent)
        except KeeperError as error:  # a stranger answers
            refused, self._new = self._new, []
            _refuse(refused, error)
        except Exception as error:  # noqa: BLE001  as in `_read`
            self._break(error)

    def _connect(self) -> None:
        connection = _Connection(fileno=connect(self._path, FIRST_PAUSE).detach())
        connection.setblocking(False)
        self._connection, self._unsent, self._answers = connection, bytearray(), Unframed()
        self.loop.add_reader(connection.fileno(), self._read)

    def _write(self, sent: bytes) -> None:
        """Send what the system takes, and the rest when it takes more; raises OSError."""
        connection = self._connection
        assert connection is not None  # noqa: S101
        waiting = bool(self._unsent)
        self._unsent += sent
        with suppress(BlockingIOError):
            del self._unsent[: connection.send(self._unsent)]
        if self._unsent and not waiting:
            self.loop.add_writer(connection.fileno(), self._go_on)
        elif waiting and not self._unsent:
            self.loop.remove_writer(connection.fileno())

    def _go_on(self) -> None:
        try:
            self._write(b"")
        except Exception as error:  # noqa: BLE001  as in `_read`
            self._break(error)

    def _read(self) -> None:
        connection = self._connection
        assert connection is not None  # noqa: S101
        try:
            self._receive(connection)
        except BlockingIOError:
            return
        except Exception as error:  # noqa: BLE001  also without memory: nobody knows whose the next answer is
            self._break(error)
        else:
            self._pause = 0.0
            self._patience.answered()
        # Not from here: libuv polls with 12 KiB more on the stack, which each change of fibers would save.
        if self._answered:
            self.loop.call_soon(self._answer)

    def _receive(self, connection: socket.socket) -> None:
        """Give each whole answer to its question; raises OSError for what is none."""
        received = connection.recv(PIECE)
        if not received:
            raise ConnectionResetError("the keeper has ended")
        for answer in self._answers.take(received):
            if not self._asked:
                raise ConnectionAbortedError("an answer to nothing")
            self._answered.append((self._asked.popleft(), answer))

    def _answer(self) -> None:
        answered, self._answered = self._answered, []
        for question, answer in answered:
            question.answer.give(answer)

    def _break(self, error: Exception) -> None:
        """Ask again over a new connection, after a pause that grows, whatever has still time."""
        if (connection := self._connection) is not None:
            self._connection = None
            self.loop.remove_reader(connection.fileno())
            self.loop.remove_writer(connection.fileno())
            connection.close()
        self._new[:0] = self._asked
        self._asked.clear()
        if not self._new:
            return
        self._patience.unanswered(self._new[0].began)
        self._pause = min(2 * self._pause or FIRST_PAUSE, LONGEST_PAUSE)
        again = inf if isinstance(error, PermissionError) else monotonic() + self._pause
        refused = [each for each in self._new if each.until <= again]
        self._new = [each for each in self._new if each.until > again]
        if self._sending is not None:
            self._sending.cancel()
        self._sending = self.loop.call_later(self._pause, self._send) if self._new else None
        told = error if isinstance(error, OSError) else ConnectionAbortedError(str(error))
        _refuse(refused, told)  # at the end, for whoever is told may ask something else

    def _watch(self, seconds: float) -> None:
        """Look after so long whether somebody's time is up."""
        if self._timer is not None:
            self._timer.cancel()
        self._looks_at = monotonic() + seconds
        self._timer = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer, self._looks_at = None, inf
        now = monotonic()
        if any(each.until <= now for each in self._asked):
            self._break(TimeoutError("the keeper does not answer"))
        ends = [each.until for each in (*self._asked, *self._new)]
        if ends:
            self._watch(max(min(ends) - now, FIRST_PAUSE))


class _Connection(socket.socket):
    """Closed without a word when nobody needs it any more."""

    def __del__(self) -> None:
        self.close()


def _refuse(questions: Iterable[_Question], error: Exception) -> None:
    for each in questions:
        each.answer.fail(error)

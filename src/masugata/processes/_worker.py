"""A worker as its supervisor sees it: a process, and a socket to talk over.

First the supervisor sends an assignment, then the worker one answer, then the supervisor orders, each a line.
What they are is theirs. The end of the supervisor's side is an order to stop: it is how a worker notices that
its supervisor was killed.
"""

import asyncio
import logging
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from masugata.errors import MasugataError
from masugata.processes._spawning import describe, spawn

_LONGEST_LINE = 65_536  # bytes

_log = logging.getLogger("masugata.processes")

Answer = TypeVar("Answer")


class WorkerFailedError(MasugataError):
    """A worker did not start; `reasoned` says whether it could tell why."""

    def __init__(self, message: str, *, reasoned: bool) -> None:
        super().__init__(message)
        self.reasoned = reasoned


class WorkerProcess(Generic[Answer]):
    """One worker, from its start to its end.

    It is `python -m module CONTROL DESCRIPTORS…`. `read` makes of the line that it answers with what `ready`
    gives; it raises `WorkerFailedError` where that is a reason not to start, and ValueError where it is none
    of both.
    """

    def __init__(
        self,
        number: int,
        module: str,
        descriptors: tuple[int, ...],
        assignment: bytes,
        read: Callable[[bytes], Answer],
        *,
        start_seconds: float,
        end_seconds: float,
    ) -> None:
        """Start it; after so many seconds it is killed that is not ready, or does not end once told so.

        Raises:
            WorkerFailedError: there are no more processes or files just now.
        """
        self.number = number
        self._read = read
        self._start_seconds = start_seconds
        self._end_seconds = end_seconds
        try:
            self._control, self._process = _start(module, descriptors)
        except OSError as error:
            raise WorkerFailedError(f"worker {number}: {error.strerror}", reasoned=False) from error
        with suppress(OSError):  # if it is gone already, that will be heard
            self._control.sendall(assignment)
        self._control.setblocking(False)
        self._answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.create_task(self._listen(), name=f"worker-{number}")
        """Its exit status, once there is one; never fails."""

    def __repr__(self) -> str:
        return f"worker {self.number}, process {self._process.pid}"

    async def ready(self) -> Answer:
        """Wait until it accepts connections; raises `WorkerFailedError` if it does not come to that."""
        try:
            async with asyncio.timeout(self._start_seconds):
                return await asyncio.shield(self._answer)
        except TimeoutError:
            self.kill()
            raise WorkerFailedError(
                f"{self} was not ready after {self._start_seconds:.0f} seconds", reasoned=False
            ) from None

    def tell(self, order: bytes) -> None:
        """Give an order; a worker that is gone needs none."""
        try:
            self._control.send(order)
        except OSError as error:
            _log.debug("%s takes no order: %s", self, error)

    def kill(self) -> None:
        """End it at once; it is still to be waited for."""
        if self._process.poll() is None:
            self._process.kill()

    async def end(self) -> None:
        """Wait until it has ended after an order to; kill it if that takes too long."""
        done, _ = await asyncio.wait({self.ended}, timeout=self._end_seconds)
        if not done:
            _log.error("%s does not end and is killed", self)
            self.kill()
            await asyncio.wait({self.ended})

    async def _listen(self) -> int:
        loop, heard = asyncio.get_running_loop(), b""
        try:
            while piece := await loop.sock_recv(self._control, _LONGEST_LINE):
                *lines, heard = (heard + piece).split(b"\n")
                for line in lines:
                    self._hear(line)
                if len(heard) > _LONGEST_LINE:
                    raise ValueError("a line without end")  # noqa: TRY301
        except ConnectionResetError:
            _log.debug("%s is gone, and has not read all it was told", self)
        except (OSError, ValueError) as error:  # msgspec's errors are ValueErrors
            _log.error("%s cannot be understood and is killed: %s", self, error)
            self.kill()
        self._control.close()
        status = await self._exit_status()
        self._fail(
            WorkerFailedError(f"{self} ended before it was ready, with {describe(status)}", reasoned=False)
        )
        return status

    async def _exit_status(self) -> int:
        """Its side of the socket is closed, so it is gone or about to be."""
        waiting = asyncio.get_running_loop().run_in_executor(None, self._process.wait)
        done, _ = await asyncio.wait({waiting}, timeout=self._end_seconds)
        if not done:
            _log.error("%s hangs and is killed", self)
            self.kill()
        return await waiting

    def _hear(self, line: bytes) -> None:
        try:
            answer = self._read(line)
        except WorkerFailedError as error:
            self._fail(error)
        else:
            if self._answer.done():
                raise ValueError("ready twice")
            self._answer.set_result(answer)

    def _fail(self, error: WorkerFailedError) -> None:
        if not self._answer.done():
            self._answer.set_exception(error)
            self._answer.exception()  # nobody has to be interested
        elif error.reasoned:
            _log.error("%s: %s", self, error)


def _start(module: str, descriptors: tuple[int, ...]) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """The process, and our end of the socket to it; nothing secret is in its arguments or environment."""
    ours, theirs = socket.socketpair()
    try:
        return ours, spawn(module, (theirs.fileno(), *descriptors))
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()

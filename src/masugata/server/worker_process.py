"""A worker as its supervisor sees it: a process, and a socket to talk over."""

import asyncio
import logging
import socket
import subprocess
from contextlib import suppress

from masugata.errors import MasugataError
from masugata.processes import describe, spawn
from masugata.server import control

START_SECONDS = (
    600.0  # for a worker to accept connections: the first start of an update may rewrite the event log
)
END_SECONDS = 40.0  # for a worker to end once told so, before it is killed
_LONGEST_LINE = 65_536  # bytes

_log = logging.getLogger(__name__)


class WorkerFailedError(MasugataError):
    """A worker did not start; `reasoned` says whether it could tell why."""

    def __init__(self, message: str, *, reasoned: bool) -> None:
        super().__init__(message)
        self.reasoned = reasoned


class WorkerProcess:
    """One worker, from its start to its end; it holds the keeper's `lifeline`, if there is one."""

    def __init__(
        self, listener: socket.socket, assignment: control.Assignment, lifeline: int | None = None
    ) -> None:
        self.number = assignment.number
        try:
            self._control, self._process = _start(listener, lifeline)
        except OSError as error:  # no more processes or files just now
            raise WorkerFailedError(f"worker {self.number}: {error.strerror}", reasoned=False) from error
        with suppress(OSError):  # if it is gone already, that will be heard
            self._control.sendall(control.encode(assignment))
        self._control.setblocking(False)
        self._answer: asyncio.Future[control.Ready] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.create_task(self._listen(), name=f"worker-{self.number}")
        """Its exit status, once there is one; never fails."""

    def __repr__(self) -> str:
        return f"worker {self.number}, process {self._process.pid}"

    async def ready(self) -> control.Ready:
        """Wait until it accepts connections; raises `WorkerFailedError` if it does not come to that."""
        try:
            async with asyncio.timeout(START_SECONDS):
                return await asyncio.shield(self._answer)
        except TimeoutError:
            self.kill()
            raise WorkerFailedError(
                f"{self} was not ready after {START_SECONDS:.0f} seconds", reasoned=False
            ) from None

    def tell(self, order: bytes) -> None:
        """Give one of the orders in `control`; a worker that is gone needs none."""
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
        done, _ = await asyncio.wait({self.ended}, timeout=END_SECONDS)
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
        if not self._answer.done():
            said = f"{self} ended before it was ready, with {describe(status)}"
            self._answer.set_exception(WorkerFailedError(said, reasoned=False))
            self._answer.exception()  # nobody has to be interested
        return status

    async def _exit_status(self) -> int:
        """Its side of the socket is closed, so it is gone or about to be."""
        waiting = asyncio.get_running_loop().run_in_executor(None, self._process.wait)
        done, _ = await asyncio.wait({waiting}, timeout=END_SECONDS)
        if not done:
            _log.error("%s hangs and is killed", self)
            self.kill()
        return await waiting

    def _hear(self, line: bytes) -> None:
        answer = control.decode_answer(line)
        if self._answer.done():
            _log.error("%s: %s", self, answer.reason if isinstance(answer, control.Failed) else "ready twice")
        elif isinstance(answer, control.Failed):
            self._answer.set_exception(WorkerFailedError(answer.reason, reasoned=True))
            self._answer.exception()
        else:
            self._answer.set_result(answer)


def _start(listener: socket.socket, lifeline: int | None) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """The process, and our end of the socket to it; nothing secret is in its arguments or environment."""
    ours, theirs = socket.socketpair()
    inherited = (listener.fileno(), theirs.fileno(), *(() if lifeline is None else (lifeline,)))
    try:
        return ours, spawn("masugata.server.worker", inherited)
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()

"""A worker as the edge's supervisor sees it: a process, and a socket to talk over."""

import asyncio
import logging
import socket
import subprocess
from contextlib import suppress
from typing import BinaryIO, Final

from masugata.edge import orders
from masugata.errors import MasugataError
from masugata.processes import spawn

START_SECONDS: Final = 60.0
END_SECONDS: Final = 15.0
"""Beyond the time to drain, before a worker that does not end is killed."""

_log = logging.getLogger("masugata.edge")


class WorkerFailedError(MasugataError):
    """A worker did not start; the text says why."""


class Worker:
    """One worker, from its start to its end."""

    def __init__(
        self, assignment: orders.Assignment, counts: BinaryIO, listeners: list[socket.socket]
    ) -> None:
        self.number = assignment.number
        self._patience = assignment.settings.drain_seconds + END_SECONDS
        ours, theirs = socket.socketpair()
        try:
            inherited = (theirs.fileno(), counts.fileno(), *(listener.fileno() for listener in listeners))
            self._process: subprocess.Popen[bytes] = spawn("masugata.edge.worker", inherited)
        except OSError as error:
            ours.close()
            raise WorkerFailedError(f"worker {self.number}: {error.strerror}") from error
        finally:
            theirs.close()
        self._control = ours
        with suppress(OSError):  # if it is gone already, that will be heard
            ours.sendall(orders.encode(assignment))
        ours.setblocking(False)
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.create_task(self._listen())
        """Its exit status, once there is one; never fails."""

    def __repr__(self) -> str:
        return f"worker {self.number}, process {self._process.pid}"

    async def ready(self) -> None:
        """Wait until it accepts connections; raises `WorkerFailedError` if it does not come to that."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.shield(self._answer)
        except TimeoutError:
            self._process.kill()
            raise WorkerFailedError(f"{self} was not ready after {START_SECONDS:.0f} seconds") from None

    def tell(self, order: bytes) -> None:
        """Give one of the orders; a worker that is gone needs none."""
        with suppress(OSError):
            self._control.send(order)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    async def end(self) -> None:
        """Wait until it has ended after an order to; kill it if that takes too long."""
        done, _ = await asyncio.wait({self.ended}, timeout=self._patience)
        if not done:
            _log.error("%s does not end and is killed", self)
            self._process.kill()
            await asyncio.wait({self.ended})

    async def _listen(self) -> int:
        loop, heard = asyncio.get_running_loop(), b""
        with suppress(ConnectionResetError):
            while piece := await loop.sock_recv(self._control, 65_536):
                *lines, heard = (heard + piece).split(b"\n")
                for line in lines:
                    self._hear(line)
        self._control.close()
        status = await loop.run_in_executor(None, self._process.wait)
        self._settle(WorkerFailedError(f"{self} ended before it was ready, with status {status}"))
        return status

    def _hear(self, line: bytes) -> None:
        if line == orders.READY:
            self._settle(None)
        else:
            self._settle(WorkerFailedError(line.removeprefix(orders.FAILED).decode("utf-8", "replace")))

    def _settle(self, error: WorkerFailedError | None) -> None:
        if self._answer.done():
            return
        if error is None:
            self._answer.set_result(None)
        else:
            self._answer.set_exception(error)
            self._answer.exception()  # nobody has to be interested

"""The planner as the edge's supervisor sees it: a process, and a socket to talk over."""

import asyncio
import logging
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from masugata.edge import orders
from masugata.edge.settings import EdgeSettings, EdgeSettingsError, Shared, is_planned
from masugata.errors import MasugataError
from masugata.pattern_cache import user_cache
from masugata.processes import describe, pause, spawn

FIRST_COMPILE_SECONDS: Final = 600.0
_LONGEST_PAUSE: Final = 10.0
_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # a private folder is made in it

_log = logging.getLogger("masugata.edge")


class PlanningFailedError(MasugataError):
    """What was given cannot be planned; the text says why."""


@contextmanager
def shared_folders(settings: EdgeSettings) -> Iterator[EdgeSettings]:
    """The settings with the folders that the processes of this run share, if they are to have plans.

    What is kept is in the folder of the installation, if there is one. Raises `EdgeSettingsError`.
    """
    if not is_planned(settings):
        yield settings
        return
    place = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="masugata-edge-", dir=place) as memory:
        notes = Path(memory) / "notes"
        notes.mkdir(mode=0o700)
        kept = settings.store or settings.endpoint
        if kept is None:
            plans = Path(memory) / "plans"
            shared = Shared(str(plans), memory, str(plans / "token-secret"), str(user_cache()), str(notes))
        else:
            plans = Path(kept.data).absolute() / "edge"
            secret = plans.parent / "waf-token-secret"
            shared = Shared(str(plans), memory, str(secret), str(user_cache()), str(notes), str(plans.parent))
        try:
            plans.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EdgeSettingsError(f"cannot make `{plans}`: {error.strerror}") from error
        shared = msgspec.structs.replace(shared, redis=settings.redis)
        yield msgspec.structs.replace(settings, shared=shared)


class PlannerProcess:
    """Keeps a planner running; None of what it does is waited for but what somebody gave."""

    def __init__(self, settings: EdgeSettings) -> None:
        self._settings = settings
        self._keeping: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def start(self) -> None:
        """Start it, and wait for its first answer; raises `PlanningFailedError`."""
        self._keeping = asyncio.create_task(self._keep())
        await self._answer()

    async def replace(self) -> None:
        """Have another one read files again, and wait until that is done; raises `PlanningFailedError`.

        Another, for what is installed may have changed: new workers take no plan of the old program's.
        """
        await self.end()
        self._answers = asyncio.Queue()
        await self.start()

    async def end(self) -> None:
        """End it: what it is at is not waited for."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        if self._process is not None:
            self._process.kill()
            await asyncio.get_running_loop().run_in_executor(None, self._process.wait)

    async def _answer(self) -> None:
        try:
            async with asyncio.timeout(FIRST_COMPILE_SECONDS):
                answer = await self._answers.get()
        except TimeoutError:
            raise PlanningFailedError(
                f"no plan was ready after {FIRST_COMPILE_SECONDS:.0f} seconds"
            ) from None
        if answer != orders.READY:
            raise PlanningFailedError(answer.removeprefix(orders.FAILED).decode("utf-8", "replace"))

    async def _keep(self) -> None:
        """Start it again whenever it ends, after a pause that grows; workers go on meanwhile."""
        failures = 0
        while True:
            if await self._run():
                failures = 0
            failures += 1
            await asyncio.sleep(pause(failures + 1, _LONGEST_PAUSE))

    async def _run(self) -> bool:
        """From its start to its end; whether it came to answer."""
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._process = spawn("masugata.edge.planning.planner", (theirs.fileno(),))
            with suppress(OSError):
                ours.sendall(msgspec.json.encode(self._settings) + b"\n")
            ours.setblocking(False)
            answered, heard = False, b""
            with suppress(ConnectionResetError):
                while piece := await loop.sock_recv(ours, 65_536):
                    *lines, heard = (heard + piece).split(b"\n")
                    for line in lines:
                        answered = True
                        self._answers.put_nowait(line)
        status = await loop.run_in_executor(None, self._process.wait)
        _log.error("the planner ended by itself, with %s; plans stay as they are", describe(status))
        if not answered:
            self._answers.put_nowait(orders.FAILED + b"the planner ended before it answered")
        return answered

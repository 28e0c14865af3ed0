"""The supervisor of the edge: keeps its workers serving the listening sockets, and replaces them.

It parses nothing that strangers send, so that little can end it. A worker that dies takes its open
connections with it; new ones wait in the sockets until another accepts them.
"""

import asyncio
import logging
import signal
import socket
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec

from masugata.edge import counters, orders
from masugata.edge.planning.process import PlannerProcess, PlanningFailedError, shared_folders
from masugata.edge.settings import Address, EdgeSettings, EdgeSettingsError, is_planned
from masugata.errors import MasugataError
from masugata.processes import WorkerFailedError, WorkerProcess, describe, pause

START_SECONDS: Final = 60.0
END_SECONDS: Final = 15.0
"""Beyond the time to drain, before a worker that does not end is killed."""
STEADY_SECONDS: Final = 60.0
"""A worker that lived so long did not die of its start."""
_LONGEST_PAUSE: Final = 10.0
_BACKLOG: Final = 2048
_MOST_WORKERS: Final = 64

_log = logging.getLogger("masugata.edge")

Worker = WorkerProcess[None]


class Supervisor:
    """Workers for an edge. `ready` is told where it listens."""

    def __init__(self, settings: EdgeSettings, ready: Callable[[dict[str, Address]], None]) -> None:
        self._settings = settings
        self._tell_ready = ready
        self._listeners: dict[Address, socket.socket] = {}
        self._places: dict[int, Worker] = {}
        self._all: set[Worker] = set()
        self._generation = 0
        self._planner: PlannerProcess | None = None

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; raises `MasugataError` if the workers do not start."""
        with ExitStack() as self._held:
            self._settings = self._held.enter_context(shared_folders(self._settings))
            self._counts = self._held.enter_context(_counter_file(self._settings.metrics))
            counters.prepare(self._counts, 2 * _MOST_WORKERS)
            self._listeners = _open(self._settings)
            asyncio.run(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._stop, self._reload_asked = asyncio.Event(), asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        loop.add_signal_handler(signal.SIGHUP, self._reload_asked.set)
        loop.add_signal_handler(signal.SIGUSR1, self._tell_all, orders.REOPEN)
        stopped, work = asyncio.create_task(self._stop.wait()), asyncio.create_task(self._work())
        await asyncio.wait({stopped, work}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        work.cancel()
        if self._planner is not None:
            await self._planner.end()
        self._tell_all(orders.STOP)
        for listener in self._listeners.values():
            listener.close()
        await asyncio.gather(*(worker.end() for worker in [*self._all]))
        await asyncio.wait({work})
        if not work.cancelled():
            work.result()

    def _interrupt(self) -> None:
        """The first Ctrl-C stops; a second one does not wait for clients."""
        if self._stop.is_set():
            self._tell_all(orders.STOP_NOW)
        self._stop.set()

    def _tell_all(self, order: bytes) -> None:
        for worker in self._all:
            worker.tell(order)

    async def _work(self) -> None:
        planned = None
        if is_planned(self._settings):
            self._planner = PlannerProcess(self._settings)
            planned = self._planner.start()
        self._places = await self._start_set(planned)
        self._tell_ready({site.name: _bound(self._listeners[site.listen]) for site in self._settings.sites})
        retiring: list[Worker] = []
        while True:
            async with asyncio.TaskGroup() as keeping:
                keepers = [keeping.create_task(self._keep(n)) for n in range(self._settings.workers)]
                if retiring:  # whose rows the generation after this one counts in
                    await asyncio.gather(*(worker.end() for worker in retiring))
                    _log.warning("reloaded")
                await self._reload_asked.wait()
                for keeper in keepers:
                    keeper.cancel()
            self._reload_asked.clear()
            retiring = await self._reload()

    async def _start_set(self, planned: Awaitable[None] | None = None) -> dict[int, Worker]:
        """All workers, ready, or none; they get ready while plans are made, if that is waited for."""
        places: dict[int, Worker] = {}
        try:
            for number in range(self._settings.workers):
                places[number] = self._start(number)
            if planned is not None:
                await planned
            for worker in places.values():
                await worker.ready()
        except PlanningFailedError:
            for worker in places.values():  # they wait for a plan that does not come
                worker.kill()
            raise
        except WorkerFailedError:
            for worker in places.values():
                worker.tell(orders.STOP)
            await asyncio.gather(*(worker.end() for worker in places.values()))
            raise
        return places

    def _start(self, number: int) -> Worker:
        settings = self._settings
        # The generation before may still be counting when the next one begins to.
        row = number + _MOST_WORKERS * (self._generation % 2)
        # What opens the store is for the planner alone.
        shared = None if settings.shared is None else msgspec.structs.replace(settings.shared, worker=number)
        own = msgspec.structs.replace(settings, store=None, shared=shared)
        assignment = orders.Assignment(number, row, own)
        listeners = [self._listeners[site.listen].fileno() for site in settings.sites]
        worker = WorkerProcess(
            number,
            "masugata.edge.worker",
            (self._counts.fileno(), *listeners),
            orders.encode(assignment),
            orders.decode_answer,
            start_seconds=START_SECONDS,
            end_seconds=settings.drain_seconds + END_SECONDS,
        )
        self._all.add(worker)
        worker.ended.add_done_callback(lambda _: self._all.discard(worker))
        return worker

    async def _keep(self, number: int) -> None:
        """Keep a worker in one place: whoever dies is replaced, after a pause that grows."""
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            if (worker := self._places.get(number)) is not None:
                started = loop.time()
                status = await asyncio.shield(worker.ended)
                del self._places[number]
                _log.error("%r ended by itself, with %s", worker, describe(status))
                failures = 1 if loop.time() - started > STEADY_SECONDS else failures + 1
            await asyncio.sleep(pause(failures, _LONGEST_PAUSE))
            try:
                worker = self._start(number)
                self._places[number] = worker
                await worker.ready()
            except WorkerFailedError as error:
                failures += 1
                _log.error("worker %d cannot start and will be tried again: %s", number, error)
            else:
                _log.warning("%r takes its place", worker)

    async def _reload(self) -> list[Worker]:
        """Replace all workers by new ones, and read files again, or leave everything as it is.

        Those that were replaced end with what they are at.
        """
        old = [*self._places.values()]
        self._generation += 1
        try:
            if self._planner is not None:
                await self._planner.replace()
            places = await self._start_set()
        except MasugataError as error:
            self._generation -= 1
            _log.error("not reloaded, the workers of before stay: %s", error)
            return []
        self._places = places
        for worker in old:
            worker.tell(orders.RETIRE)
        return old


def _open(settings: EdgeSettings) -> dict[Address, socket.socket]:
    """The listening sockets; raises `EdgeSettingsError`."""
    opened: dict[Address, socket.socket] = {}
    try:
        for site in settings.sites:
            opened[site.listen] = _listen(site.listen)
    except EdgeSettingsError:
        for listener in opened.values():
            listener.close()
        raise
    return opened


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host or not address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1 if address.host else 0)
    try:
        listener.bind((address.host, address.port))
        listener.listen(_BACKLOG)
    except (OSError, UnicodeError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "not a host name"
        raise EdgeSettingsError(f"cannot listen on {address}: {reason}") from error
    return listener


def _bound(listener: socket.socket) -> Address:
    return Address(*listener.getsockname()[:2])


def _counter_file(path: str | None) -> BinaryIO:
    """The file that the workers count in; nameless where nobody asked for one."""
    return cast("BinaryIO", tempfile.TemporaryFile()) if path is None else Path(path).open("w+b")

"""The supervisor: keeps several workers serving one listening socket, and replaces them.

It opens no database, holds no key and parses nothing that strangers send, so that little can end it.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack

from masugata.errors import MasugataError
from masugata.keeper.child import KeeperProcess
from masugata.processes import WorkerFailedError, WorkerProcess, describe, pause
from masugata.server import control
from masugata.server.listening import Started, endpoint_file, url_of
from masugata.server.notify import notify_ready, notify_reloading, notify_stopping
from masugata.settings import Settings

START_SECONDS = 600.0  # for a worker to be ready: the first start of an update may rewrite the event log
END_SECONDS = 40.0  # for a worker to end once told so
STEADY_SECONDS = 60.0  # a worker that lived so long did not die of its start
_LONGEST_PAUSE = 10.0  # seconds before a worker that keeps dying is started once more
_STEP_SECONDS = 1.0  # between the workers that retire, if their clients are slow

# What clients and other programs were told already.
_FIXED = ("data", "database", "host", "port", "ephemeral", "keeper")

_log = logging.getLogger("masugata.server")

Worker = WorkerProcess[control.Ready]


class Supervisor:
    """Workers for one installation. `ready` is called once all accept; `load` reads the settings again.

    They ask `keeper`, or the one that the settings name; it ends after them.
    """

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        ready: Callable[[Started], None],
        load: Callable[[], Settings] | None = None,
        keeper: KeeperProcess | None = None,
    ) -> None:
        self._settings = settings
        self._keeper = keeper
        self._listener = listener
        self._tell_ready = ready
        self._load = load
        self._prepared = control.Ready("")
        self._places: dict[int, Worker] = {}
        self._processes: set[Worker] = set()

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; raises `MasugataError` if the workers do not start."""
        asyncio.run(self._run())
        _log.info("stopped")

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._stop, self._reload_asked = asyncio.Event(), asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        loop.add_signal_handler(signal.SIGHUP, self._reload_asked.set)
        stopped = asyncio.create_task(self._stop.wait())
        work = asyncio.create_task(self._work())
        with ExitStack() as self._while_serving:
            await asyncio.wait({stopped, work}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            work.cancel()
            self._listener.close()
            notify_stopping()
            await self._end(self._processes, control.STOP)
            await asyncio.wait({work})
            if not work.cancelled():
                work.result()

    def _interrupt(self) -> None:
        """The first Ctrl-C stops; a second one does not wait for clients."""
        if self._stop.is_set():
            for process in self._processes:
                process.tell(control.STOP_NOW)
        self._stop.set()

    async def _work(self) -> None:
        await self._start_all()
        while True:
            async with asyncio.TaskGroup() as keeping:  # where one fails, which is a bug, all end
                keepers = [keeping.create_task(self._keep(n)) for n in range(self._settings.workers)]
                await self._reload_asked.wait()
                for keeper in keepers:
                    keeper.cancel()
            self._reload_asked.clear()
            await self._reload()

    async def _start_all(self) -> None:
        """The first start: what is wrong now is for the one who waits in front of the terminal."""
        self._places, self._prepared = await self._start_set(self._settings)
        authority = self._prepared.authority
        started = Started(url_of(self._settings, self._listener), self._prepared.account, authority)
        self._while_serving.enter_context(endpoint_file(self._settings, started))
        _log.info(
            "listening at %s, account %s, process %d with %d workers",
            started.url,
            started.account,
            os.getpid(),
            self._settings.workers,
        )
        self._tell_ready(started)
        notify_ready()

    async def _start_set(self, settings: Settings) -> tuple[dict[int, Worker], control.Ready]:
        """All workers, ready; the first prepares the installation for the others. All or none."""
        places: dict[int, Worker] = {}
        prepared = None
        try:
            for number in range(settings.workers):
                places[number], answer = await self._start_firmly(number, settings, prepared)
                prepared = prepared or answer
        except WorkerFailedError:
            await self._end(set(places.values()), control.STOP)
            raise
        assert prepared is not None  # noqa: S101  # INVARIANT: there is at least one worker
        return places, prepared

    async def _start_firmly(
        self, number: int, settings: Settings, prepared: control.Ready | None
    ) -> tuple[Worker, control.Ready]:
        """A worker that is ready; one that dies of nothing known is tried a second time."""
        try:
            return await self._start(number, settings, prepared)
        except WorkerFailedError as error:
            if error.reasoned:
                raise
            _log.warning("%s; trying once more", error)
            return await self._start(number, settings, prepared)

    async def _start(
        self, number: int, settings: Settings, prepared: control.Ready | None
    ) -> tuple[Worker, control.Ready]:
        assignment = control.Assignment(
            number=number,
            # Who does not prepare needs no secret of the root user.
            settings=settings if prepared is None else settings.without_root_key(),
            prepare=prepared is None,
            certificate=prepared.certificate if prepared else None,
            key=prepared.key if prepared else None,
            keeper=self._keeper.address if self._keeper else None,
        )
        process = self._process(assignment)
        self._processes.add(process)
        process.ended.add_done_callback(lambda _: self._processes.discard(process))
        try:
            return process, await process.ready()
        except WorkerFailedError:
            await process.end()
            raise
        except asyncio.CancelledError:
            process.tell(control.STOP)
            raise

    def _process(self, assignment: control.Assignment) -> Worker:
        """A worker; it holds the keeper's lifeline, if there is one."""
        lifeline = () if self._keeper is None else (self._keeper.lifeline,)
        return WorkerProcess(
            assignment.number,
            "masugata.server.worker",
            (self._listener.fileno(), *lifeline),
            control.encode(assignment),
            control.decode_answer,
            start_seconds=START_SECONDS,
            end_seconds=END_SECONDS,
        )

    async def _keep(self, number: int) -> None:
        """Keep a worker in one place, for ever: whoever dies is replaced, after a pause that grows."""
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            if (worker := self._places.get(number)) is not None:
                started = loop.time()
                status = await asyncio.shield(worker.ended)
                del self._places[number]
                _log.error("%r ended by itself, with %s", worker, describe(status))
                failures = 1 if loop.time() - started > STEADY_SECONDS else failures + 1
                if not self._places:
                    _log.error("no worker is up: requests wait until one is")
            await asyncio.sleep(pause(failures, _LONGEST_PAUSE))
            try:
                self._places[number], _ = await self._start(number, self._settings, self._prepared)
                _log.warning("%r takes its place", self._places[number])
            except WorkerFailedError as error:
                failures += 1
                _log.error("worker %d cannot start and will be tried again: %s", number, error)

    async def _reload(self) -> None:
        """Replace all workers by new ones under the settings of now, or leave everything as it is."""
        notify_reloading()
        try:
            settings = self._new_settings()
            places, prepared = await self._start_set(settings)
        except MasugataError as error:
            _log.error("not reloaded, the old settings stay: %s", error)
        else:
            old, self._places = self._places, places
            self._settings, self._prepared = settings, prepared
            logging.getLogger().setLevel(settings.log_level.upper())
            for worker in old.values():
                worker.tell(control.RETIRE)
                await asyncio.wait({worker.ended}, timeout=_STEP_SECONDS)
            await asyncio.gather(*(worker.end() for worker in old.values()))
            _log.info("reloaded")
        notify_ready()

    def _new_settings(self) -> Settings:
        settings = self._settings if self._load is None else self._load()
        for name in _FIXED:
            if getattr(settings, name) != getattr(self._settings, name):
                raise MasugataError(f"a new `{name}` needs a restart")
        if (settings.tls is None) != (self._settings.tls is None):
            raise MasugataError("to begin or to end with `tls` needs a restart")
        return settings

    async def _end(self, processes: set[Worker], order: bytes) -> None:
        ending = [*processes]
        for process in ending:
            process.tell(order)
        await asyncio.gather(*(process.end() for process in ending))

"""A server with several workers: who they are, who answers where, and what the supervisor says."""

import os
import select
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.conftest import Server
from stress.client import Connection, Identity, owner_of


class Supervised(Server):
    """A `masugata up --workers N` process, with the socket on which it tells how it does."""

    @property
    def host(self) -> str:
        """Address and port."""
        return self.url.partition("//")[2]

    @property
    def workers(self) -> set[int]:
        """The ids of the worker processes."""
        return self.children - self.keepers

    def signal(self, number: int) -> None:
        """Send the supervisor a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self) -> int:
        """Its exit status, once it has ended by itself or after a signal."""
        return self._ended()

    def identity(self) -> Identity:
        """The administrator."""
        return Identity(*self.admin())

    @contextmanager
    def connection_to_each(self) -> Iterator[dict[int, Connection]]:
        """One connection to each worker that there is now."""
        wanted, found, others = self.workers, {}, []
        try:
            while wanted - found.keys():
                connection = Connection(self.host)
                assert connection.call(self.identity(), "sts", "GetCallerIdentity")[0] == 200
                owner = owner_of(connection.socket, wanted)
                others += [found[owner]] if owner in found else []
                found[owner] = connection
            while others:
                others.pop().close()
            yield found
        finally:
            for connection in (*found.values(), *others):
                connection.close()


class Told:
    """What a server tells systemd."""

    def __init__(self, name: str) -> None:
        self.address = f"@masugata-tests-{os.getpid()}-{name}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + self.address[1:])
        self._socket.settimeout(120)

    def next(self) -> str:
        """The first line of the next message."""
        return self._socket.recv(4096).decode().splitlines()[0]

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


@contextmanager
def supervised(
    data: Path, workers: int | None, *arguments: str, **environment: str
) -> Iterator[tuple[Supervised, Told]]:
    """A server with workers (None: as its file says) that is ready, and what it tells from then on."""
    told = Told(data.parent.name)
    flags = () if workers is None else ("--workers", str(workers))
    server = Supervised(data, (*flags, *arguments), environment | {"NOTIFY_SOCKET": told.address})
    try:
        server.start()
        assert told.next() == "READY=1"
        yield server, told
    finally:
        if server.process is not None:
            server.stop()
        told.close()


def reload(server: Supervised, told: Told) -> None:
    """Have the server read its settings again, and wait until that is done."""
    server.signal(signal.SIGHUP)
    assert told.next() == "RELOADING=1"
    assert told.next() == "READY=1"


def readable(descriptor: int) -> bool:
    """Whether there is something to read within a minute; `select` knows no numbers over 1023."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(60_000))


def ends(pids: Iterable[int]) -> Callable[[], None]:
    """A function that waits until these processes have ended."""
    watched = [os.pidfd_open(pid) for pid in pids]

    def wait() -> None:
        for descriptor in watched:
            assert readable(descriptor), "a process does not end"
            os.close(descriptor)

    return wait

"""An edge on real sockets in this process, in front of an upstream that records all that it is sent.

The upstream reads HTTP in the plainest way: what it records is one reading, and what it cannot read fails the
test that ends with it.
"""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import uvloop

from masugata.edge.inspection import Inspector
from masugata.edge.serving import Serving
from masugata.edge.settings import Address, Certificate, EdgeSettings, SiteSettings
from masugata.edge.site import Edge
from masugata.engines.waf.decision import Decision, Response
from masugata.engines.waf.request import WebRequest

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Recorded:
    """A request as the upstream read it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for each, value in self.headers if each.lower() == name]


@dataclass
class Recorder:
    """An upstream. `answers` are raw bytes by path; `answer` may do anything with its connection instead."""

    requests: list[Recorded] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)
    handlers: dict[str, Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]] = field(
        default_factory=dict
    )
    unreadable: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    keep: bool = True
    largest: int = 1 << 24
    received: int = 0
    _serving: set[Any] = field(default_factory=set)

    async def start(self, port: int = 0) -> asyncio.Server:
        """Listen."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=1 << 20)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        self._serving.add(task := asyncio.current_task())
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._exchange(number, reader, writer):
                    pass
        finally:
            writer.close()
            self._serving.discard(task)

    async def stop(self) -> None:
        """End what is still being answered."""
        for task in self._serving:
            task.cancel()
        if self._serving:
            await asyncio.wait(self._serving)

    async def _exchange(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head[:-4].split(b"\r\n")
        first = re.fullmatch(rb"([A-Z-]+) (\S+) HTTP/1\.1", lines[0])
        pairs = [re.fullmatch(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([^\r\n\0]*)", line) for line in lines[1:]]
        if first is None or None in pairs:
            self.unreadable.append(head)
            return False
        headers = [(pair[1].decode(), pair[2].decode("latin-1")) for pair in pairs if pair]
        path = first[2].decode().partition("?")[0]
        if (handler := self.handlers.get(path)) is not None:
            recorded = Recorded(first[1].decode(), first[2].decode(), headers, b"", number)
            self.requests.append(recorded)
            await handler(reader, writer)
            return False
        body = await self._body(reader, headers)
        self.requests.append(Recorded(first[1].decode(), first[2].decode(), headers, body, number))
        writer.write(self.answers.get(path, GOOD))
        await writer.drain()
        return self.keep

    async def _body(self, reader: asyncio.StreamReader, headers: list[tuple[str, str]]) -> bytes:
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        encodings = [value for name, value in headers if name.lower() == "transfer-encoding"]
        if len(lengths) + len(encodings) > 1 or encodings not in ([], ["chunked"]):
            self.unreadable.append(repr(headers).encode())
            raise ConnectionError
        if lengths:
            return await self._take(reader, int(lengths[0]))
        body = b""
        while encodings:
            size = int((await reader.readuntil(b"\r\n"))[:-2], 16)
            if not size:
                if await reader.readuntil(b"\r\n") != b"\r\n":
                    self.unreadable.append(b"trailers")
                break
            piece = await self._take(reader, size)
            body = (body + piece)[: self.largest]
            await reader.readuntil(b"\r\n")
        return body

    async def _take(self, reader: asyncio.StreamReader, size: int) -> bytes:
        whole = b""
        while size:
            piece = await reader.read(min(size, 65_536))
            if not piece:
                raise ConnectionError
            size -= len(piece)
            self.received += len(piece)
            whole = (whole + piece) if len(whole) < self.largest else whole
        return whole


def until(condition: Callable[[], Any]) -> None:
    """Wait for something that other threads or processes bring about; fail if nothing does."""
    pause, turns = threading.Event(), 0
    while not condition():
        pause.wait(0.01)
        turns += 1
        assert turns < 6_000, "waited in vain"


class Rules:
    """An inspector: blocks what holds `attack`, tells what it saw, and otherwise allows."""

    def __init__(self) -> None:
        self.seen: list[WebRequest] = []
        self.allow = Decision("ALLOW")

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """By the words in the request."""
        assert now > 1_600_000_000
        self.seen.append(request)
        text = request.uri_path + b"?" + request.query_string + request.body
        if b"crash" in text:
            raise ZeroDivisionError
        if b"attack" in text:
            return Decision("BLOCK", response=Response(403, (("x-why", "attack"),), b"blocked"))
        if b"marked" in text:
            return Decision("ALLOW", inserted_headers=(("x-amzn-waf-mark", "yes"),))
        return self.allow


class House:
    """The edge, its upstreams and a thread for both."""

    def __init__(
        self,
        inspector: Inspector | None,
        upstreams: int = 1,
        certificate: Certificate | None = None,
        dead: tuple[int, ...] = (),
        *,
        forward_auth: bool = False,
        **limits: Any,
    ) -> None:
        self.recorders = [Recorder() for _ in range(upstreams)]
        self.inspector = inspector
        self._certificate = certificate
        self._dead = dead
        self._limits = limits
        self._forward_auth = forward_auth
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: uvloop.run(self._main()))
        self._failed: BaseException | None = None

    @property
    def upstream(self) -> Recorder:
        """The first."""
        return self.recorders[0]

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.serving.end, 0)
        self._thread.join()
        assert [recorder.unreadable for recorder in self.recorders if recorder.unreadable] == []

    async def _main(self) -> None:
        try:
            self.loop = asyncio.get_running_loop()
            servers = [await recorder.start() for recorder in self.recorders]
            ports = [*self._dead, *(recorder.port for recorder in self.recorders)]
            site = SiteSettings(
                "site",
                Address("127.0.0.1", 0),
                tuple(Address("127.0.0.1", port) for port in ports),
                self._certificate,
                forward_auth=self._forward_auth,
            )
            self.edge = Edge(EdgeSettings(sites=(site,), **({"drain_seconds": 1} | self._limits)))
            self.edge.sites[0].plans.replace(self.inspector)
            listener = socket.create_server(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
            self.serving = Serving(self.edge, [listener])
            await self.serving.run(self._started.set)
            for server, recorder in zip(servers, self.recorders, strict=True):
                server.close()
                await recorder.stop()
        except BaseException as error:
            self._failed = error
            self._started.set()
            raise

    def in_loop(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call something in the edge's thread."""

        async def run() -> Any:
            return call(*arguments)

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def seconds(self, number: int) -> None:
        """Let so many of the edge's seconds pass."""
        for _ in range(number):
            self.in_loop(self.edge.advance)

    def counted(self, counter: int) -> int:
        """A counter."""
        return self.edge.counters[counter]

    def connect(self) -> "Client":
        """A connection to the edge."""
        return Client(socket.create_connection(("127.0.0.1", self.port), timeout=10))

    def ask(self, request: bytes) -> bytes:
        """All that comes back for these bytes, until the edge closes."""
        with self.connect() as client:
            client.send(request)
            return client.rest()


class Client:
    """A client that sends just what it is told to."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._held = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send."""
        self.socket.sendall(data)

    def read_until(self, end: bytes) -> bytes:
        """Up to and with these bytes."""
        while end not in self._held:
            piece = self.socket.recv(65_536)
            if not piece:
                raise EOFError(self._held)
            self._held += piece
        before, _, self._held = self._held.partition(end)
        return before + end

    def read(self, size: int) -> bytes:
        """So many bytes."""
        while len(self._held) < size:
            piece = self.socket.recv(65_536)
            if not piece:
                raise EOFError(self._held)
            self._held += piece
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def response(self, *, bodiless: bool = False) -> tuple[int, list[tuple[str, str]], bytes]:
        """One whole response: status, headers in lower case, body."""
        head = self.read_until(b"\r\n\r\n")[:-4].decode("latin-1").split("\r\n")
        headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in head[1:])]
        known = dict(headers)
        status = int(head[0].split()[1])
        body = b""
        if bodiless or status in (101, 204, 304) or status < 200:
            pass
        elif known.get("transfer-encoding") == "chunked":
            while size := int(self.read_until(b"\r\n"), 16):
                body += self.read(size)
                assert self.read(2) == b"\r\n"
            assert self.read(2) == b"\r\n"
        elif "content-length" in known:
            body = self.read(int(known["content-length"]))
        else:
            body = self.rest()
        return status, headers, body

    def rest(self) -> bytes:
        """All until the edge closes."""
        while piece := self.socket.recv(65_536):
            self._held += piece
        whole, self._held = self._held, b""
        return whole


def running(*arguments: Any, **limits: Any) -> Iterator[House]:
    """A house for the time of a fixture."""
    with House(*arguments, **limits) as house:
        yield house

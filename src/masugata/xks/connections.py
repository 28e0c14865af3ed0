"""Connections to proxies, over TLS, to where they may lead, for as long as they may last.

As with issuers (`masugata.identity.federation.fetching`): a name is looked up once, judged, and that address
connected to; one that is not public is refused unless the operator named the host. Connections are kept,
because a proxy has a quarter of a second to answer and a new one takes several round trips.
"""

import contextlib
import select
import socket
import ssl
import weakref
from collections.abc import Collection, Iterator
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

import httptools

from masugata.errors import MasugataError
from masugata.identity.federation.fetching import is_public
from masugata.xks.answers import LARGEST_ANSWER, Answer
from masugata.xks.errors import Failure, ProxyError

_HTTPS: Final = 443
_KEPT: Final = 64
_KEPT_SECONDS: Final = 30.0
_CHUNK: Final = 16_384


class _GoneError(Exception):
    """A kept connection ended before a byte of the answer: what was sent may be sent again."""


class _Kept(NamedTuple):
    host: str
    connection: ssl.SSLSocket
    since: float


class Connections:
    """Kept connections to the proxies of all stores; may be used by any thread.

    `private_hosts` (`host`, or `host:port` for one that does not listen on port 443) may be at any address;
    `authority` is a file of certificates to trust beside those of this machine; raises `MasugataError` for
    one that cannot be read.
    """

    def __init__(self, private_hosts: Collection[str] = (), authority: Path | None = None) -> None:
        self._ports = {
            host: int(port) if port else _HTTPS
            for host, _, port in (one.lower().partition(":") for one in private_hosts)
        }
        self._lock = Lock()
        self._context = None if authority is None else _trusting(authority)
        self._kept: list[_Kept] = []
        weakref.finalize(self, _close_all, self._kept)

    def authority_of(self, host: str) -> str:
        """What goes into the header `host`: a port only where it is another one than 443."""
        port = self._ports.get(host.lower(), _HTTPS)
        return host if port == _HTTPS else f"{host}:{port}"

    def exchange(self, host: str, request: bytes, seconds: float) -> Answer:
        """The answer of a host to a request that may be sent twice; raises `ProxyError`.

        It has `seconds` to answer, and as many to accept a connection.
        """
        kept = self._take(host)
        if kept is not None:
            with contextlib.suppress(_GoneError):
                return self._ask(host, kept, request, seconds)
        try:
            return self._ask(host, self._connect(host, seconds), request, seconds)
        except _GoneError:
            raise ProxyError(Failure.NOT_REACHABLE, f"`{host}` closed the connection") from None

    def _connect(self, host: str, seconds: float) -> ssl.SSLSocket:
        port = self._ports.get(host.lower())
        address = _resolved(host, port or _HTTPS, private=port is not None)
        end = monotonic() + seconds
        with _as_proxy_errors(host):
            plain = socket.create_connection(address, timeout=seconds)
            try:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                plain.settimeout(_left(end))
                return self._trust().wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)
            except BaseException:
                plain.close()
                raise

    def _ask(self, host: str, connection: ssl.SSLSocket, request: bytes, seconds: float) -> Answer:
        reader = _Reader()
        try:
            with _as_proxy_errors(host):
                _send_and_read(connection, request, reader, monotonic() + seconds)
        except BaseException:
            connection.close()
            raise
        if reader.reusable:
            self._keep(_Kept(host, connection, monotonic()))
        else:
            connection.close()
        return reader.answer

    def _trust(self) -> ssl.SSLContext:
        """This machine's authorities are read when the first proxy is spoken to: that takes milliseconds."""
        with self._lock:
            if self._context is None:
                self._context = ssl.create_default_context()
            return self._context

    def _take(self, host: str) -> ssl.SSLSocket | None:
        """The connection to a host that was used last, if it is still good."""
        while True:
            with self._lock:
                at = next((i for i in reversed(range(len(self._kept))) if self._kept[i].host == host), None)
                if at is None:
                    return None
                kept = self._kept.pop(at)
            if monotonic() - kept.since < _KEPT_SECONDS and not _readable(kept.connection):
                return kept.connection
            kept.connection.close()

    def _keep(self, kept: _Kept) -> None:
        with self._lock:
            self._kept.append(kept)
            oldest = self._kept.pop(0) if len(self._kept) > _KEPT else None
        if oldest is not None:
            oldest.connection.close()


class _Reader:
    """One answer as it comes in; httptools calls its methods."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answers = 0
        self._size = 0
        self.status = 0
        self.body = bytearray()
        self.complete = False
        self.reusable = False

    def feed(self, data: bytes) -> None:
        """Read on; raises `ProxyError` for what is no answer, or too large a one."""
        self._size += len(data)
        if self._size > LARGEST_ANSWER:
            raise ProxyError(Failure.INVALID_RESPONSE, f"an answer has more than {LARGEST_ANSWER} bytes")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            raise ProxyError(Failure.INVALID_RESPONSE, "an answer is not HTTP") from None
        if self._answers > 1:
            raise ProxyError(Failure.INVALID_RESPONSE, "there was more than one answer")

    @property
    def answer(self) -> Answer:
        """What came in, once it is complete."""
        return Answer(self.status, bytes(self.body))

    @property
    def begun(self) -> bool:
        """Whether anything has come in."""
        return self._size > 0

    def on_message_begin(self) -> None:
        """Count the answers: there must be one."""
        self._answers += 1

    def on_body(self, data: bytes) -> None:
        """Take a part of the body."""
        self.body += data

    def on_message_complete(self) -> None:
        """Note how it ended."""
        self.complete = True
        self.status = self._parser.get_status_code()
        self.reusable = self._parser.should_keep_alive()


def read_answer(data: bytes) -> Answer:
    """The answer that is in these bytes, all of them; raises `ProxyError`."""
    reader = _Reader()
    reader.feed(data)
    if not reader.complete:
        raise _broken_off()
    return reader.answer


def _send_and_read(connection: ssl.SSLSocket, request: bytes, reader: _Reader, end: float) -> None:
    """Read a whole answer before `end`, however slowly the other side sends; raises `_GoneError`."""
    try:
        connection.settimeout(_left(end))
        connection.sendall(request)
        while not reader.complete:
            connection.settimeout(_left(end))
            data = connection.recv(_CHUNK)
            if not data:
                break
            reader.feed(data)
    except TimeoutError:
        raise
    except OSError as error:
        if reader.begun:
            raise _broken_off() from error
        raise _GoneError from error
    if not reader.begun:
        raise _GoneError
    if not reader.complete:
        raise _broken_off()


def _broken_off() -> ProxyError:
    return ProxyError(Failure.INVALID_RESPONSE, "an answer broke off")


def _trusting(authority: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(authority)
    except OSError as error:
        raise MasugataError(f"cannot use the authority `{authority}`: {error}") from error
    return context


def _left(end: float) -> float:
    """Seconds until then; raises TimeoutError after it, as a socket would."""
    left = end - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextlib.contextmanager
def _as_proxy_errors(host: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise ProxyError(Failure.TIMED_OUT, f"`{host}` did not answer in time") from error
    except ssl.SSLError as error:
        raise ProxyError(Failure.TLS, f"`{host}`: {error}") from error
    except (OSError, ValueError) as error:  # ValueError: a name that TLS cannot have
        raise ProxyError(Failure.NOT_REACHABLE, f"`{host}` cannot be reached: {error}") from error


def _resolved(host: str, port: int, *, private: bool) -> tuple[str, int]:
    """The address to connect to; all that the name has must be allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ProxyError(Failure.NOT_REACHABLE, f"`{host}` cannot be resolved: {error}") from error
    for *_, address in found:
        if not private and not is_public(ip_address(str(address[0]).partition("%")[0])):
            raise ProxyError(
                Failure.NOT_REACHABLE,
                f"`{host}` is at the address {address[0]}, which is not public: "
                "name the host in the setting private_xks_proxies to allow that",
            )
    if not found:
        raise ProxyError(Failure.NOT_REACHABLE, f"`{host}` has no address")
    return str(found[0][4][0]), port


def _readable(connection: ssl.SSLSocket) -> bool:
    """Whether something came that nobody asked for: the end of the connection, or worse."""
    if connection.pending():
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _close_all(kept: list[_Kept]) -> None:
    for one in kept:
        one.connection.close()

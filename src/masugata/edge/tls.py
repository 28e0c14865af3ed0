"""TLS: certificates that are read again when their files change, and connections that tell a fingerprint."""

import asyncio
import logging
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from masugata.edge.client import ClientConnection
from masugata.edge.client_hello import ClientHello
from masugata.edge.connection import peer_of, port_of
from masugata.edge.forward_auth import connection_for
from masugata.edge.forwarding import Origin
from masugata.edge.settings import Certificate, EdgeSettingsError

if TYPE_CHECKING:
    from masugata.edge.site import Site

_PIECE: Final = 65_536

_log = logging.getLogger("masugata.edge")


class Certificates:
    """The context of new connections; those that are open keep the one they began with."""

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate
        self._seen = self._stamps()
        self.context = _context(certificate)

    def refresh(self) -> None:
        """Read the files again if they have changed; a pair that does not fit leaves the old one."""
        stamps = self._stamps()
        if stamps == self._seen:
            return
        self._seen = stamps
        try:
            self.context = _context(self._certificate)
        except EdgeSettingsError as error:
            _log.error("the old certificate stays: %s", error)
        else:
            _log.warning("`%s` has been read again", self._certificate.chain)

    def _stamps(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(path) for path in (self._certificate.chain, self._certificate.key)]


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # A key under a password would be asked for on the terminal; an empty answer is a refusal.
        context.load_cert_chain(certificate.chain, certificate.key, password=lambda: b"")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise EdgeSettingsError(
            f"`{certificate.chain}` and `{certificate.key}` are not a PEM certificate and its key without a "
            f"password: {reason}"
        ) from error
    return context


class TlsConnection(asyncio.Transport, asyncio.Protocol):
    """The protocol of a TCP connection, and the transport of the client's connection inside it."""

    def __init__(self, site: "Site", context: ssl.SSLContext, behind: tuple[str, int] | None = None) -> None:
        super().__init__()
        self._site = site
        self._behind = behind
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._hello: ClientHello | None = ClientHello()
        self._ja: tuple[str | None, str | None] = (None, None)
        self._client: ClientConnection | None = None
        self._admitted: str | None = None
        self._paused = self._closing = False
        self.deadline = site.edge.tick + site.limits.head_seconds + 1

    # The TCP connection's protocol.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, unless there are too many."""
        self._raw: asyncio.Transport = transport  # type: ignore[assignment]  # TCP's are
        edge = self._site.edge
        address, port = self._behind or (peer_of(transport), port_of(transport))
        self._address, self._port = address, port
        if not edge.admit(address):
            self._closing = True
            self._raw.abort()
            return
        self._admitted = address
        edge.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Decrypt, once the handshake is over."""
        if self._hello is not None and self._hello.feed(data):
            self._ja = self._hello.fingerprints() or (None, None)
            self._hello = None
        self._incoming.write(data)
        if self._client is None:
            self._shake_hands()
        else:
            self._read()

    def eof_received(self) -> bool:
        """Without TLS's own goodbye the end may be anybody's: nothing is answered any more."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._closing = True
        edge = self._site.edge
        edge.connections.discard(self)
        if self._admitted is not None:
            edge.leave(self._admitted)
            self._admitted = None
        if self._client is not None:
            self._client.connection_lost(exc)

    def pause_writing(self) -> None:
        """Tell the client's connection."""
        if self._client is not None:
            self._client.pause_writing()

    def resume_writing(self) -> None:
        """Tell the client's connection."""
        if self._client is not None:
            self._client.resume_writing()

    # Before there is a client's connection.

    def expire(self) -> None:
        """The handshake did not come to its end."""
        self._raw.abort()

    def retire(self) -> None:
        """Nothing: who comes late is told with the answer."""

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        except ssl.SSLError as error:
            _log.info("no TLS with %s: %s", self._address, error.reason)
            self._flush()  # an alert that says why
            self._closing = True
            self._raw.close()
            return
        self._flush()
        edge = self._site.edge
        origin = Origin(
            self._address, self._port, edge.trusted, scheme="https", ja3=self._ja[0], ja4=self._ja[1]
        )
        edge.connections.discard(self)
        self._client = connection_for(self._site)(self._site, origin)
        self._client.connection_made(self)
        self._read()

    def _read(self) -> None:
        client = self._client
        assert client is not None  # noqa: S101  # INVARIANT: the handshake is over
        try:
            while not (self._paused or self._closing):
                data = self._tls.read(_PIECE)
                if not data:
                    self.close()
                    return
                client.data_received(data)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:  # SSLZeroReturnError, a goodbye, among them
            _log.debug("TLS with %s ends: %s", self._address, error)
            self.close()
        self._flush()

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data:
            self._raw.write(data)

    # The client connection's transport.

    def write(self, data: Any) -> None:
        """Encrypt and send."""
        if data and not self._closing:
            self._tls.write(data)
            self._flush()

    def close(self) -> None:
        """Say goodbye, and close once everything was sent."""
        if self._closing:
            return
        self._closing = True
        try:
            self._tls.unwrap()
        except ssl.SSLError as error:  # the other side's goodbye is not waited for
            _log.debug("TLS with %s: %s", self._address, error)
        self._flush()
        self._raw.close()

    def abort(self) -> None:
        """End at once."""
        self._closing = True
        self._raw.abort()

    def is_closing(self) -> bool:
        """Whether the end was ordered."""
        return self._closing or self._raw.is_closing()

    def pause_reading(self) -> None:
        """Read no more."""
        self._paused = True
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        """Read on, first what was decrypted already."""
        self._paused = False
        asyncio.get_running_loop().call_soon(self._read_on)

    def can_write_eof(self) -> bool:
        """TLS has no half-closed connections here."""
        return False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Of the TCP connection."""
        return self._raw.get_extra_info(name, default)

    def _read_on(self) -> None:
        if not (self._paused or self._closing):
            self._read()
        if not (self._paused or self._closing):
            self._raw.resume_reading()

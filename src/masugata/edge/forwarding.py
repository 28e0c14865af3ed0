"""The head that goes to the upstream, written anew from what was read."""

from masugata.edge.http import CHUNKED, RequestHead
from masugata.edge.sources import Networks, client_of, scheme_of

_WITHOUT_BODY = frozenset((b"GET", b"HEAD", b"OPTIONS", b"DELETE"))
_VIA = b"Via: 1.1 masugata"


class Origin:
    """What is the same for all requests of a connection: whence they come, and what we add because of it."""

    __slots__ = ("_added", "_host", "_lines", "address", "ja3", "ja4", "port", "scheme", "trusted")

    def __init__(
        self,
        address: str,
        port: int,
        trusted: Networks,
        *,
        scheme: str = "http",
        ja3: str | None = None,
        ja4: str | None = None,
    ) -> None:
        self.address = address
        self.port = port
        self.scheme = scheme
        self.ja3 = ja3
        self.ja4 = ja4
        self.trusted: Networks | None = trusted if address in trusted else None
        """The trusted proxies, if the peer is one."""
        self._lines = b"X-Forwarded-For: %b\r\nX-Forwarded-Proto: %b\r\nX-Forwarded-Port: %d" % (
            address.encode(),
            scheme.encode(),
            port,
        )
        self._host = self._added = b""

    def source(self, request: RequestHead) -> str:
        """The client's address; raises `BadMessageError` where a trusted proxy says none."""
        if self.trusted is None or not request.forwarded:
            return self.address
        return client_of(request.forwarded, self.address, self.trusted)

    def scheme_of(self, request: RequestHead) -> str:
        """How the client came: what a trusted proxy says, for it may end TLS."""
        if self.trusted is None or not request.forwarded:
            return self.scheme
        return scheme_of(request.forwarded, self.scheme)

    def added(self, request: RequestHead) -> bytes:
        """`Host`, the `X-Forwarded-…` headers, ours alone or added to those of a trusted proxy, and `Via`."""
        host = request.host
        if self.trusted is None or not request.forwarded:
            if not request.via and not request.old:
                if host is not self._host:  # hosts are remembered, so that this is seldom
                    self._host = host
                    self._added = b"\r\n".join(self._own_lines(host, _VIA))
                return self._added
            return b"\r\n".join(self._own_lines(host, _via(request)))
        return b"\r\n".join([b"Host: " + host, *self._trusted_lines(request), _via(request)])

    def _own_lines(self, host: bytes, via: bytes) -> list[bytes]:
        return [b"Host: " + host, self._lines, b"X-Forwarded-Host: " + host, via]

    def _trusted_lines(self, request: RequestHead) -> list[bytes]:
        written = {name for _, (name, _), _, _ in request.forwarded}
        hops = [value for _, (name, value), _, _ in request.forwarded if name == b"x-forwarded-for"]
        lines = [b"X-Forwarded-For: " + b", ".join([*hops, self.address.encode()])]
        lines += [line for _, (name, _), _, line in request.forwarded if name != b"x-forwarded-for"]
        for own in (*self._lines.split(b"\r\n")[1:], b"X-Forwarded-Host: " + request.host):
            if own.partition(b":")[0].lower() not in written:
                lines.append(own)
        return lines


def _via(request: RequestHead) -> bytes:
    return b"Via: " + b", ".join([*request.via, b"1.0 masugata" if request.old else b"1.1 masugata"])


def upstream_head(request: RequestHead, origin: Origin, inserted: list[bytes], length: int) -> bytes:
    """The head, with a body of `length`, which may be `CHUNKED`; `inserted` are lines of a decision."""
    lines = request.lines
    if inserted:
        names = {line.partition(b":")[0].lower() for line in inserted}
        lines = [line for line in lines if line.partition(b":")[0].lower() not in names]
        lines += inserted
    if request.upgrade is not None:
        lines = [*lines, b"Connection: Upgrade", b"Upgrade: " + request.upgrade]
    if length == CHUNKED:
        lines = [*lines, b"Transfer-Encoding: chunked"]
    elif length or request.method not in _WITHOUT_BODY:
        lines = [*lines, b"Content-Length: %d" % length]
    return b"\r\n".join([request.first, origin.added(request), *lines, b"\r\n"])


def chunk(payload: bytes) -> bytes:
    """A piece of a body as one chunk; nothing for nothing, which would end the body."""
    return b"%x\r\n%b\r\n" % (len(payload), payload) if payload else b""


LAST_CHUNK = b"0\r\n\r\n"

"""The head that goes to the upstream, written anew from what was read."""

from masugata.edge.http import CHUNKED, RequestHead
from masugata.edge.sources import Networks, client_of

_WITHOUT_BODY = frozenset((b"GET", b"HEAD", b"OPTIONS", b"DELETE"))


class Origin:
    """What is the same for all requests of a connection: whence they come, and what we add because of it."""

    __slots__ = ("_lines", "address", "ja3", "ja4", "port", "scheme", "trusted")

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
        self._lines = [
            b"X-Forwarded-For: " + address.encode(),
            b"X-Forwarded-Proto: " + scheme.encode(),
            b"X-Forwarded-Port: %d" % port,
        ]

    def source(self, request: RequestHead) -> str:
        """The client's address; raises `BadMessageError` where a trusted proxy says none."""
        if self.trusted is None or not request.forwarded:
            return self.address
        return client_of(request.forwarded, self.address, self.trusted)

    def lines(self, request: RequestHead) -> list[bytes]:
        """The `X-Forwarded-…` headers: ours alone, or added to what a trusted proxy wrote."""
        host = b"X-Forwarded-Host: " + request.host
        if self.trusted is None or not request.forwarded:
            return [*self._lines, host]
        written = {name.lower for name, _ in request.forwarded}
        hops = [value for name, value in request.forwarded if name.lower == b"x-forwarded-for"]
        lines = [b"X-Forwarded-For: " + b", ".join([*hops, self.address.encode()])]
        lines += [name.prefix + value for name, value in request.forwarded if name.lower != b"x-forwarded-for"]
        for line in (*self._lines[1:], host):
            if line.partition(b":")[0].lower() not in written:
                lines.append(line)
        return lines


def upstream_head(request: RequestHead, origin: Origin, inserted: list[bytes], length: int) -> bytes:
    """The head, with a body of `length`, which may be `CHUNKED`; `inserted` are lines of a decision."""
    lines = request.lines
    if inserted:
        names = {line.partition(b":")[0].lower() for line in inserted}
        lines = [line for line in lines if line.partition(b":")[0].lower() not in names]
    via = b", ".join([*request.via, b"1.0 masugata" if request.old else b"1.1 masugata"])
    whole = [
        b"%b %b HTTP/1.1\r\nHost: %b" % (request.method, request.target, request.host),
        *lines,
        *origin.lines(request),
        b"Via: " + via,
        *inserted,
    ]
    if request.upgrade is not None:
        whole.append(b"Connection: Upgrade\r\nUpgrade: " + request.upgrade)
    if length == CHUNKED:
        whole.append(b"Transfer-Encoding: chunked")
    elif length or request.method not in _WITHOUT_BODY:
        whole.append(b"Content-Length: %d" % length)
    whole.append(b"\r\n")
    return b"\r\n".join(whole)


def chunk(payload: bytes) -> bytes:
    """A piece of a body as one chunk; nothing for nothing, which would end the body."""
    return b"%x\r\n%b\r\n" % (len(payload), payload) if payload else b""


LAST_CHUNK = b"0\r\n\r\n"

"""The head of a request: read in one way or not at all (RFC 9112)."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from masugata.edge.http import names
from masugata.edge.http.defects import BadMessageError
from masugata.edge.http.names import HOST, Line, Lines
from masugata.engines.waf.request import Header

CHUNKED: Final = -1
"""The length of a body that comes in chunks."""
LONGEST_LENGTH: Final = 15
"""Digits of a Content-Length; more than any disk holds."""

_REQUEST_LINE = re.compile(
    rb"([A-Z][A-Z-]{0,31}) (/[!-\"$-~]*|\*|[Hh][Tt][Tt][Pp][Ss]?://[!-\"$-~]+) HTTP/1\.([01])"
)
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?@]+)((?:/[^?]*)?(?:\?.*)?)")
_HOST = re.compile(
    rb"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
_REMEMBERED_HOSTS: Final = 1024

_TUNNELS = frozenset((b"TRACE", b"CONNECT"))
_SLASH: Final = b"/"[0]
_ZERO: Final = b"0"[0]
_lines = Lines(requests=True)
_known = _lines.known.get
_hosts: set[bytes] = set()


class RequestHead(msgspec.Struct):
    """What a head says; `lines` go on as they are, `headers` are all as they came, names in lower case.

    `first` is the request line as it goes on, `old` whether it is of HTTP/1.0. `length` is that of the body,
    0 without one, or `CHUNKED`. `forwarded` is what proxies in front of us may have written, `via` what hops
    before us did. `upgrade` is the protocol that the client offers.
    """

    method: bytes
    target: bytes
    first: bytes
    old: bool
    closes: bool
    headers: tuple[Header, ...] = ()
    lines: list[bytes] = []
    forwarded: Sequence[Line] = ()
    via: Sequence[bytes] = ()
    host: bytes = b""
    length: int = 0
    expects: bool = False
    upgrade: bytes | None = None


def parse_request(head: bytes, maximum_headers: int = 200, longest_line: int = 16_384) -> RequestHead:
    """A head without its last two line ends; raises `BadMessageError`."""
    lines = head.split(b"\r\n")
    first = lines[0]
    method, target, old = _request_line(first, longest_line)
    if len(lines) - 1 > maximum_headers:
        raise BadMessageError("too many headers", 431)
    del lines[0]
    known, headers, forward, special = _known, [], [], []
    for written in lines:
        line = known(written) or _lines.learn(written)
        role, header, goes_on, _ = line
        headers.append(header)
        if goes_on:
            forward.append(goes_on)
        elif role:
            special.append(line)
    request = RequestHead(
        method, target, _first(method, target) if old else first, old, old, tuple(headers), forward
    )
    if len(special) == 1 and special[0][0] == HOST:  # as in most requests
        _host(request, special[0][3])
    else:
        _frame(request, special)
    return request


def check_request_line(line: bytes) -> None:
    """Whether a request may begin so; raises `BadMessageError`."""
    _request_line(line, len(line))


def _request_line(line: bytes, longest: int) -> tuple[bytes, bytes, bool]:
    """Method, target and whether it is of HTTP/1.0."""
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise BadMessageError(_defect(line))
    if len(line) > longest:
        raise BadMessageError("the request line is too long", 414)
    method, target, minor = found.groups()
    if method in _TUNNELS:
        raise BadMessageError("TRACE and CONNECT are not for a gateway", 405)
    return method, target, minor == b"0"


def _first(method: bytes, target: bytes) -> bytes:
    return b"%b %b HTTP/1.1" % (method, target)


def _defect(line: bytes) -> str:
    if b"#" in line:
        return "a fragment in the request target"
    if line.startswith(b"CONNECT "):
        return "TRACE and CONNECT are not for a gateway"
    if not re.search(rb" HTTP/1\.[01]\Z", line):
        return "the version is not HTTP/1.1 or HTTP/1.0"
    return "the request line is not one of HTTP/1.1"


def _frame(request: RequestHead, special: list[Line]) -> None:
    """Read the headers that say where the message ends, whom it is for and what becomes of the connection."""
    once: dict[int, bytes] = {}
    options: list[bytes] = []
    for line in special:
        role, (name, value), _, aside = line
        if role == names.CONNECTION:
            options += value.lower().split(b",")
        elif role == names.FORWARDED:
            request.forwarded = [*request.forwarded, line]
        elif role == names.VIA:
            request.via = [*request.via, value]
        elif role == names.FORBIDDEN:
            raise BadMessageError("a header that looks like one that frames the message")
        elif role in once:
            raise BadMessageError(f"`{name.decode()}` twice")
        else:
            once[role] = aside
    _host(request, once.pop(HOST, None))
    if once:
        _body(request, once.get(names.CONTENT_LENGTH), once.get(names.TRANSFER_ENCODING))
        _expect(request, once.get(names.EXPECT))
    if options:
        _connection(request, [option.strip(b" \t") for option in options], once.get(names.UPGRADE))


def _expect(request: RequestHead, expectation: bytes | None) -> None:
    if expectation is None:
        return
    if expectation.lower() != b"100-continue":
        raise BadMessageError("an expectation other than 100-continue", 417)
    request.expects = request.length != 0 and not request.old


def _host(request: RequestHead, host: bytes | None) -> None:
    if host is None:
        raise BadMessageError("no Host")
    if host not in _hosts:
        if not _HOST.fullmatch(host):
            raise BadMessageError("Host is not a name or an address")
        if len(_hosts) < _REMEMBERED_HOSTS:
            _hosts.add(host)
    request.host = host
    if request.target[0] != _SLASH:
        _other_target(request)


def _other_target(request: RequestHead) -> None:
    """A target that is no path: `*`, or in absolute form, which goes on as a path."""
    if request.target == b"*":
        if request.method != b"OPTIONS":
            raise BadMessageError("`*` is the target of OPTIONS alone")
    else:
        found = _ABSOLUTE.fullmatch(request.target)
        if found is None or found[1].lower() != request.host.lower():
            raise BadMessageError("the request target names another host than Host")
        rest = found[2]
        request.target = rest if rest.startswith(b"/") else b"/" + rest
        request.first = _first(request.method, request.target)


def _body(request: RequestHead, length: bytes | None, encoding: bytes | None) -> None:
    if encoding is not None:
        if length is not None:
            raise BadMessageError("both Content-Length and Transfer-Encoding")
        if encoding != b"chunked":
            raise BadMessageError("a Transfer-Encoding other than chunked")
        if request.old:
            raise BadMessageError("Transfer-Encoding in HTTP/1.0")
        request.length = CHUNKED
    elif length is not None:
        request.length = content_length(length)


def content_length(value: bytes) -> int:
    """A Content-Length in the one way to write a number; raises `BadMessageError`."""
    if not value.isdigit() or len(value) > LONGEST_LENGTH or (value[0] == _ZERO and value != b"0"):
        raise BadMessageError("a Content-Length that is no number")
    return int(value)


def _connection(request: RequestHead, options: list[bytes], upgrade: bytes | None) -> None:
    own: set[bytes] = set()
    for option in options:
        if option == b"close":
            request.closes = True
        elif option == b"upgrade":
            request.upgrade = upgrade
        elif option not in (b"keep-alive", b"te", b""):
            own.add(option)
    if own & names.FRAMES:
        raise BadMessageError("Connection names a header that frames the message")
    if own:
        request.lines = [line for line in request.lines if line.partition(b":")[0].lower() not in own]

"""The head of an upstream's response, read as strictly as a request's."""

import re
from typing import Final

import msgspec

from masugata.edge.http import names
from masugata.edge.http.body import Body, ChunkedBody, EndlessBody, LengthBody
from masugata.edge.http.defects import BadMessageError
from masugata.edge.http.names import Line, Lines
from masugata.edge.http.request import CHUNKED, content_length

UNTIL_CLOSED: Final = -2
"""The length of a body that ends with its connection."""

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([\t -~\x80-\xff]*))?")
_lines = Lines(requests=False)
_known = _lines.known.get
_statuses: dict[bytes, tuple[int, bool, bytes]] = {}
_REMEMBERED_STATUSES: Final = 256


class ResponseHead(msgspec.Struct):
    """What a head says; `lines` go on as they are. `length` may be `CHUNKED` or `UNTIL_CLOSED`.

    `old` is whether it is of HTTP/1.0. `told` is a Content-Length, also where no body follows, as after HEAD.
    """

    status: int
    old: bool
    closes: bool
    lines: list[bytes]
    length: int = 0
    told: bytes | None = None
    upgrade: bytes | None = None

    def body(self) -> Body:
        """A reader of its body."""
        if self.length == CHUNKED:
            return ChunkedBody()
        return EndlessBody() if self.length == UNTIL_CLOSED else LengthBody(self.length)


def parse_response(head: bytes, method: bytes, maximum_headers: int = 200) -> ResponseHead:
    """The head, without its last two line ends, of an answer to `method`; raises `BadMessageError`."""
    lines = head.split(b"\r\n")
    written = lines[0]
    status, old, first = _statuses.get(written) or _status(written)
    if len(lines) - 1 > maximum_headers:
        raise BadMessageError("too many headers")
    known, special = _known, []
    forward = [first]
    del lines[0]
    for written in lines:
        line = known(written) or _lines.learn(written)
        role, _, goes_on, _ = line
        if goes_on:
            forward.append(goes_on)
        elif role:
            special.append(line)
    response = ResponseHead(status, old, old, forward)
    _frame(response, method, special)
    return response


def _status(line: bytes) -> tuple[int, bool, bytes]:
    found = _STATUS_LINE.fullmatch(line)
    if found is None:
        raise BadMessageError("the status line is not one of HTTP/1.1")
    status = int(found[2]), found[1] == b"0", b"HTTP/1.1 %b %b" % (found[2], found[3] or b"")
    if len(_statuses) < _REMEMBERED_STATUSES and len(line) < 64:
        _statuses[line] = status
    return status


def _frame(response: ResponseHead, method: bytes, special: list[Line]) -> None:
    if len(special) == 1 and special[0][0] == names.CONTENT_LENGTH:  # as in most responses
        _body(response, method, special[0][1][1], None)
        return
    length: bytes | None = None
    encoding: bytes | None = None
    upgrade: bytes | None = None
    options: list[bytes] = []
    for role, (_, value), _, _ in special:
        if role == names.CONTENT_LENGTH:
            if length is not None:
                raise BadMessageError("`content-length` twice")
            length = value
        elif role == names.TRANSFER_ENCODING:
            if encoding is not None:
                raise BadMessageError("`transfer-encoding` twice")
            encoding = value
        elif role == names.CONNECTION:
            options += value.lower().split(b",")
        elif role == names.UPGRADE:
            upgrade = value
    _body(response, method, length, encoding)
    if options:
        _connection(response, {option.strip(b" \t") for option in options}, upgrade)


def _connection(response: ResponseHead, options: set[bytes], upgrade: bytes | None) -> None:
    response.closes = response.closes or b"close" in options
    if b"upgrade" in options:
        response.upgrade = upgrade
    own = options - {b"close", b"keep-alive", b"upgrade", b""}
    if own & names.FRAMES:
        raise BadMessageError("Connection names a header that frames the message")
    if own:
        response.lines[1:] = [
            line for line in response.lines[1:] if line.partition(b":")[0].lower() not in own
        ]


def _body(response: ResponseHead, method: bytes, length: bytes | None, encoding: bytes | None) -> None:
    if encoding is not None:
        if length is not None:
            raise BadMessageError("both Content-Length and Transfer-Encoding")
        if encoding.lower() != b"chunked":
            raise BadMessageError("a Transfer-Encoding other than chunked")
        if response.old:
            raise BadMessageError("Transfer-Encoding in HTTP/1.0")
    known = None if length is None else content_length(length)
    status = response.status
    if status < 200 or status == 204:
        if encoding is not None or known:
            raise BadMessageError("a body where none may be")
    elif status == 304 or method == b"HEAD":
        response.told = length
    elif encoding is not None:
        response.length = CHUNKED
    elif known is not None:
        response.length = known
        response.told = length
    else:
        response.length = UNTIL_CLOSED
        response.closes = True

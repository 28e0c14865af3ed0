"""What the edge itself answers: refusals, and what a decision says."""

import re
from http import HTTPStatus
from typing import Final

from masugata.engines.waf.decision import Decision, Response

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}")
_VALUE = re.compile(r"[\t -~\x80-\xff]{0,8192}")
OURS: Final = ("content-length", "transfer-encoding", "connection", "trailer", "upgrade")
"""Headers that whoever sends an answer writes itself."""
_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}


class UnsoundDecisionError(ValueError):
    """A decision that cannot be put into HTTP."""


def refusal(status: int, reason: str, *, keep: bool = False, bodiless: bool = False) -> bytes:
    """A short answer that says why; `reason` is a text of ours, without a character of the request."""
    body = f"{status} {HTTPStatus(status).phrase}: {reason}.\n".encode()
    extra = (("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),) if status == 405 else ()
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), *extra)
    return answer(Response(status, headers, body), keep=keep, bodiless=bodiless)


def answer(response: Response, *, keep: bool, bodiless: bool = False) -> bytes:
    """A response as bytes; raises `UnsoundDecisionError` where it is none."""
    if not 200 <= response.status <= 599:
        raise UnsoundDecisionError("a status outside 200 to 599")
    lines = [b"HTTP/1.1 %d %b" % (response.status, _PHRASES.get(response.status, b""))]
    lines += [header_line(name, value) for name, value in response.headers if name.lower() not in OURS]
    has_body = response.status not in (204, 304)
    if has_body:
        lines.append(b"Content-Length: %d" % len(response.body))
    if not keep:
        lines.append(b"Connection: close")
    lines.append(b"\r\n" if bodiless or not has_body else b"\r\n" + response.body)
    return b"\r\n".join(lines)


def decided(decision: Decision, *, keep: bool, bodiless: bool) -> bytes:
    """What a decision other than ALLOW answers; without a response of its own that is a plain 403."""
    response = decision.response or Response(403)
    return answer(response, keep=keep, bodiless=bodiless)


def header_line(name: str, value: str) -> bytes:
    """A header without its line end; raises `UnsoundDecisionError` if it is more or less than one."""
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise UnsoundDecisionError("a header that is none")
    return f"{name}: {value}".encode("latin-1")

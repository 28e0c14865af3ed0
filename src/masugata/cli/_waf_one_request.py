"""One request as people have it at hand: a JSON record, an HTTP message, or a URL."""

import re

from masugata.cli._json_values import UnreadableError, read_file
from masugata.cli._waf_cases import (
    PEER,
    BadRecordError,
    Case,
    make_request,
    read_record,
    target_of,
    url_parts,
)
from masugata.errors import MasugataError

LARGEST = 16 * 1024 * 1024
_URL = re.compile(r"https?://", re.IGNORECASE)
_LINE = re.compile(rb"\r?\n")
_OF_CURL = (("user-agent", "curl/8.0.0"), ("accept", "*/*"))


def request_from(text: str) -> Case:
    """`text` is a record, a URL, the name of a file, or `-`; raises MasugataError for what is no request."""
    try:
        if text.lstrip().startswith("{"):
            return read_record(text.encode("utf-8", "surrogateescape"))
        if _URL.match(text):
            return _from_url(text)
    except BadRecordError as error:
        raise MasugataError(f"the request: {error}") from None
    content = read_file(text)
    name = "standard input" if text == "-" else text
    if len(content) > LARGEST:
        raise UnreadableError(f"{name}: larger than {LARGEST >> 20} MiB")
    try:
        return read_request(content)
    except BadRecordError as error:
        raise MasugataError(f"{name}: {error}") from None


def read_request(content: bytes) -> Case:
    """A record or an HTTP message; raises BadRecordError."""
    if content.lstrip().startswith(b"{"):
        return read_record(content)
    return read_message(content)


def _from_url(url: str) -> Case:
    """What curl sends for it."""
    host = url_parts(url).netloc.rpartition("@")[2]
    return Case(request=make_request("GET", target_of(url), (("host", host), *_OF_CURL), b"", PEER))


def read_message(content: bytes) -> Case:
    """An HTTP/1 message, its lines ended by CR and LF or by LF alone; raises BadRecordError.

    The body is all that follows the empty line, or as much of it as Content-Length says.
    """
    head, body = _split(content)
    first, *rest = [line.decode("latin-1") for line in _LINE.split(head)]
    method, _, target = first.partition(" ")
    target, _, version = target.rpartition(" ")
    if not version.startswith("HTTP/"):
        raise BadRecordError(f"`{first[:60]}` is not a request line")
    headers = []
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRecordError(f"`{line[:60]}` is not a header")
        headers.append((name, value.strip(" \t")))
    lengths = [value for name, value in headers if name.lower() == "content-length"]
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        raise BadRecordError("write the body without Transfer-Encoding")
    if lengths and lengths[0].isascii() and lengths[0].isdigit():
        body = body[: int(lengths[0][:12])]
    target = target_of(target) if _URL.match(target) else target
    return Case(request=make_request(method, target, headers, body, PEER, version))


def _split(content: bytes) -> tuple[bytes, bytes]:
    content = content.lstrip(b"\r\n")
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := content.find(mark)) >= 0]
    if not ends:
        return content.rstrip(b"\r\n"), b""
    at, length = min(ends)
    return content[:at], content[at + length :]

"""Requests as they go over the wire."""

from base64 import b64encode

from masugata.wire import HttpRequest


def base64_text(data: bytes) -> str:
    """Bytes as they stand in JSON."""
    return b64encode(data).decode()


def http_request(request: HttpRequest) -> bytes:
    """A request in HTTP/1.1; what is in it is ASCII without line ends."""
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines += [f"content-length: {len(request.body)}", "", ""]
    return "\r\n".join(lines).encode("ascii") + request.body

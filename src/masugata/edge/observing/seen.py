"""A request with what was decided about it, as it waits to be told of."""

from typing import NamedTuple

from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest


class Seen(NamedTuple):
    """`time` is in seconds since 1970; the request is without its body, of which so many bytes were there."""

    time: float
    request: WebRequest
    decision: Decision
    inspected_body: int


def text(data: bytes) -> str:
    """Bytes of a request as text: those that are not UTF-8 as backslash escapes."""
    return data.decode("utf-8", "backslashreplace")


def header(request: WebRequest, name: bytes) -> str | None:
    """The first header of this name, which is in lower case."""
    return next((text(value) for each, value in request.headers if each == name), None)


def status_sent(decision: Decision) -> int | None:
    """The status that the edge itself answered with; None for what went on."""
    if decision.action == "ALLOW":
        return None
    return decision.response.status if decision.response is not None else 403

"""The request behind the question of a proxy that asks before it passes a request on.

Each sort of proxy asks at a path of its own, which its configuration says and no client can: a header that
one sort sets may be a client's own with another.

- nginx: https://nginx.org/en/docs/http/ngx_http_auth_request_module.html, with the headers of our how-to
- Traefik: https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/
- Caddy: https://caddyserver.com/docs/caddyfile/directives/forward_auth
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeAlias

from masugata.edge.challenge import PREFIX
from masugata.edge.http import BadMessageError, RequestHead
from masugata.edge.sources import Networks, plain
from masugata.engines.waf.decision import Response
from masugata.engines.waf.request import Header
from masugata.errors import MasugataError


class BadQuestionError(MasugataError):
    """A proxy does not say what it has to; `defect` has no character of a client's."""

    def __init__(self, defect: str) -> None:
        super().__init__(defect)
        self.defect = defect


class Original(NamedTuple):
    """The request as the proxy tells it, and where it comes from."""

    head: RequestHead
    source: str
    scheme: str


Reader: TypeAlias = Callable[[RequestHead, Networks], Original]

_TARGET = re.compile(rb"(?:/|\*\Z)[!\"$-~\x80-\xff]*")
_METHOD = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}")
_SCHEMES = {b"http": "http", b"https": "https", b"ws": "http", b"wss": "https"}
_BETWEEN_US: Final = frozenset((b"connection", b"host"))

_NGINX: Final = frozenset(
    (b"x-original-method", b"x-original-uri", b"x-original-host", b"x-original-scheme", b"x-real-ip")
)
_PASSED_ON: Final = frozenset((b"x-forwarded-proto", b"x-forwarded-for"))
_FORWARDED: Final = frozenset(
    (b"x-forwarded-method", b"x-forwarded-uri", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-for")
)


def read_nginx(asked: RequestHead, trusted: Networks) -> Original:
    """From the headers that our how-to has nginx set; `X-Forwarded-For` is the client's own.

    Raises `BadQuestionError` for what nginx does not say, and `BadMessageError` for a bad request.
    """
    del trusted  # nginx has its own, `set_real_ip_from`
    said, rest = _split(asked.headers, _NGINX)
    source = plain(said[b"x-real-ip"].decode("latin-1"))
    if source is None:
        raise BadQuestionError("`x-real-ip` is no address")
    return Original(
        _head(said[b"x-original-method"], said[b"x-original-uri"], said[b"x-original-host"], rest),
        source,
        _scheme(said[b"x-original-scheme"]),
    )


def read_forwarded(asked: RequestHead, trusted: Networks) -> Original:
    """From the headers that Traefik and Caddy set; the last address in `X-Forwarded-For` is from the proxy.

    Raises as `read_nginx` does.
    """
    said, rest = _split(asked.headers, _FORWARDED)
    hops = said[b"x-forwarded-for"].split(b",")
    if len(hops) > 1:
        rest.append((b"x-forwarded-for", b",".join(hops[:-1])))
    return Original(
        _head(said[b"x-forwarded-method"], said[b"x-forwarded-uri"], said[b"x-forwarded-host"], rest),
        _source(hops, trusted),
        _scheme(said[b"x-forwarded-proto"]),
    )


def read_passed_on(asked: RequestHead, trusted: Networks) -> Original:
    """A request that the proxy passes on to us, since it is for us; raises as `read_nginx` does."""
    said, rest = _split(asked.headers, _PASSED_ON)
    return Original(
        _head(asked.method, asked.target, asked.host, rest),
        _source(said[b"x-forwarded-for"].split(b","), trusted),
        _scheme(said[b"x-forwarded-proto"]),
    )


def _split(headers: Iterable[Header], names: frozenset[bytes]) -> tuple[dict[bytes, bytes], list[Header]]:
    """The values of headers that must be there once each, and the headers of the request itself."""
    said: dict[bytes, bytes] = {}
    rest: list[Header] = []
    for header in headers:
        name = header[0]
        if name in names:
            if name in said:
                raise BadQuestionError(f"`{name.decode()}` twice")
            said[name] = header[1]
        elif name not in _BETWEEN_US:
            rest.append(header)
    if len(said) < len(names):
        missing = min(name.decode() for name in names - said.keys())
        raise BadQuestionError(f"`{missing}` is missing")
    return said, rest


def _source(hops: list[bytes], trusted: Networks) -> str:
    source = ""
    for hop in reversed(hops):
        address = plain(hop.strip(b" \t").decode("latin-1"))
        if address is None:
            raise BadQuestionError("`x-forwarded-for` has something else than addresses")
        source = address
        if address not in trusted:
            break
    return source


def _scheme(said: bytes) -> str:
    if said not in _SCHEMES:
        raise BadQuestionError("the scheme is neither http nor https")
    return _SCHEMES[said]


def _head(method: bytes, target: bytes, host: bytes, rest: list[Header]) -> RequestHead:
    if not _METHOD.fullmatch(method):
        raise BadMessageError("the method is not a token")
    if not _TARGET.fullmatch(target):
        raise BadMessageError("the request target is not a path")
    headers = ((b"host", host), *rest)
    return RequestHead(method, target, b"", old=False, closes=False, headers=headers, host=host)


def only_401_and_403(response: Response) -> Response:
    """As nginx understands it: `auth_request` takes any status but these for a failure."""
    status = 401 if response.status == 401 else 403
    return Response(status, (*response.headers, ("X-Masugata-Status", str(response.status))), response.body)


def as_it_is(response: Response) -> Response:
    """As nginx hands it on once it has denied."""
    return response


def never_2xx(response: Response) -> Response:
    """As Traefik and Caddy hand it on: they take any 2xx for consent, a challenge's 202 too."""
    if 200 <= response.status <= 299:
        return Response(403, response.headers, response.body)
    return response


class Dialect(NamedTuple):
    """How a sort of proxy asks, and is answered."""

    read: Reader
    deny: Callable[[Response], Response]
    allows: bool = True
    """Whether there is an answer that lets the request pass."""


DIALECTS: Final = {
    b"/nginx": Dialect(read_nginx, only_401_and_403),
    b"/nginx/answer": Dialect(read_nginx, as_it_is, allows=False),
    b"/traefik": Dialect(read_forwarded, never_2xx),
    b"/caddy": Dialect(read_forwarded, never_2xx),
}
_OURS: Final = Dialect(read_passed_on, as_it_is, allows=False)


def dialect_of(target: bytes) -> Dialect | None:
    """Who asks at this target. What solves challenges is for us, and not a question."""
    place = target.partition(b"?")[0]  # Caddy leaves the client's query behind it
    return DIALECTS.get(place) or (_OURS if place.startswith(PREFIX.encode()) else None)

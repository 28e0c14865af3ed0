"""Header names: which are sound, and which mean something to a proxy.

Names, and lines that many messages have alike, are looked at once and remembered; the tables are bounded, for
strangers invent both.
"""

import re
from typing import Final, TypeAlias

from masugata.edge.http.defects import BadMessageError
from masugata.engines.waf.request import Header

PLAIN: Final = 0
"""Says nothing to us: goes on as it is, or not at all."""
DROPPED: Final = 1
"""Is between two neighbours only (RFC 9110, 7.6.1), or is set by us and nobody else."""
FORWARDED: Final = 2
"""Says what a proxy in front of us knows; dropped unless that proxy is trusted."""
HOST: Final = 3
CONTENT_LENGTH: Final = 4
TRANSFER_ENCODING: Final = 5
CONNECTION: Final = 6
UPGRADE: Final = 7
EXPECT: Final = 8
FORBIDDEN: Final = 9
"""Would be taken for a header that frames the message by programs that read `_` as `-`."""
VIA: Final = 10

LONGEST_NAME: Final = 256
_REMEMBERED: Final = 4096
_REMEMBERED_NAME: Final = 64
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

BARE: Final = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")
"""What ends no line, in a head that is not whole yet."""
# What may stand in a line at all: HTAB, visible ASCII, space and obs-text.
LINE_BYTES: Final = bytes((9, *range(32, 127), *range(128, 256)))

# Beside RFC 9110's: `Proxy` becomes the variable HTTP_PROXY of a CGI program, and HTTP2-Settings belongs to
# an upgrade that is not passed on. Trailers are dropped, so nothing that announces them goes on either.
_DROPPED_FROM_REQUESTS = (
    b"keep-alive", b"proxy-connection", b"te", b"trailer", b"http2-settings", b"proxy",
    b"proxy-authorization", b"proxy-authenticate",
)  # fmt: skip
_FORWARDED = (
    b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port",
    b"x-forwarded-server", b"x-forwarded-prefix", b"x-real-ip",
)  # fmt: skip
_FRAMING = {
    b"host": HOST,
    b"content-length": CONTENT_LENGTH,
    b"transfer-encoding": TRANSFER_ENCODING,
    b"connection": CONNECTION,
    b"upgrade": UPGRADE,
    b"expect": EXPECT,
}
_REQUEST_ROLES = (
    dict.fromkeys(_DROPPED_FROM_REQUESTS, DROPPED)
    | dict.fromkeys(_FORWARDED, FORWARDED)
    | _FRAMING
    | {b"via": VIA}
)
_DROPPED_FROM_RESPONSES = (b"keep-alive", b"proxy-connection", b"trailer", b"te", b"proxy-authenticate")
_RESPONSE_ROLES = dict.fromkeys(_DROPPED_FROM_RESPONSES, DROPPED) | {
    name: role
    for name, role in _FRAMING.items()
    if role in (CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, UPGRADE)
}
_INSERTED = b"x-amzn-waf-"

_SPACE: Final = b" "[0]
_LOOSE: Final = (UPGRADE, EXPECT)
FRAMES: Final = frozenset(_FRAMING)
"""Names that `Connection` may not take away, for they say where the message ends or whom it is for."""


# Lines that many messages have alike and that hold no secret are read once.
_REQUEST_LINES = frozenset(
    b"accept accept-charset accept-encoding accept-language access-control-request-headers "
    b"access-control-request-method cache-control connection content-length content-type dnt expect host "
    b"pragma priority sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode "
    b"sec-fetch-site sec-fetch-user sec-gpc te transfer-encoding upgrade upgrade-insecure-requests "
    b"user-agent x-requested-with".split()
)
_RESPONSE_LINES = frozenset(
    b"accept-ranges access-control-allow-credentials access-control-allow-headers "
    b"access-control-allow-methods access-control-allow-origin age alt-svc cache-control connection "
    b"content-encoding content-language content-length content-security-policy content-type "
    b"cross-origin-opener-policy date expires keep-alive permissions-policy pragma referrer-policy server "
    b"strict-transport-security transfer-encoding vary x-content-type-options x-frame-options x-powered-by "
    b"x-xss-protection".split()
)
_REMEMBERED_LINE: Final = 512


Line: TypeAlias = tuple[int, Header, bytes, bytes]
"""A header line as it was read: its name's role; its name in lower case and its value; how it goes on; aside.

What goes on is empty where it does not by itself. What stands aside is what is read of it then: the value
without the spaces around it, but with tabs where its name frames the message, or the whole line of a proxy.
A plain tuple, for it is unpacked for each header of each request.
"""


class Lines:
    """`Line`s by what was sent, in `known`; others are learned, and remembered if many send them alike."""

    def __init__(self, *, requests: bool) -> None:
        self.known: dict[bytes, Line] = {}
        self._requests = requests
        self._common = _REQUEST_LINES if requests else _RESPONSE_LINES
        self._names: dict[bytes, tuple[int, bytes]] = {}

    def learn(self, written: bytes) -> Line:
        """Read a line; raises `BadMessageError`."""
        if foreign := written.translate(None, LINE_BYTES):
            bare = b"\r" in foreign or b"\n" in foreign
            raise BadMessageError(
                "a CR or LF that ends no line" if bare else "a control character in the head"
            )
        name, colon, raw = written.partition(b":")
        if not colon:
            raise BadMessageError("a header without a colon")
        role, lower = self._names.get(name) or self._learn_name(name)
        value = raw.strip(b" \t")
        if role == PLAIN:
            as_written = len(raw) == len(value) + 1 and raw[0] == _SPACE
            forward = written if as_written else b"%b: %b" % (name, value)
            line: Line = (PLAIN, (lower, value), forward, b"")
        else:
            line = _special(role, name, (lower, value), raw)
        if lower in self._common and len(written) <= _REMEMBERED_LINE:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[written] = line
        return line

    def _learn_name(self, name: bytes) -> tuple[int, bytes]:
        if not _TOKEN.fullmatch(name) or len(name) > LONGEST_NAME:
            raise BadMessageError("a header name is not a token")
        lower = name.lower()
        known = self._role(lower), lower
        if len(self._names) < _REMEMBERED and len(name) <= _REMEMBERED_NAME:
            self._names[name] = known
        return known

    def _role(self, lower: bytes) -> int:
        if not self._requests:
            return _RESPONSE_ROLES.get(lower, PLAIN)
        dashed = lower.replace(b"_", b"-")
        if dashed.startswith(_INSERTED):
            return DROPPED
        role = _REQUEST_ROLES.get(dashed, PLAIN)
        if dashed == lower or role == PLAIN:
            return role
        return FORBIDDEN if dashed in FRAMES else DROPPED


def _special(role: int, name: bytes, header: Header, raw: bytes) -> Line:
    value = header[1]
    # `Connection: keep-alive` says nothing that is not so anyway.
    if role == DROPPED or (role == CONNECTION and value.lower() == b"keep-alive"):
        return (PLAIN, header, b"", b"")
    if role == FORWARDED:
        return (role, header, b"", b"%b: %b" % (name, value))
    # Others may not take a tab for a space: it has no place around what frames a message.
    return (role, header, b"", value if role in _LOOSE else raw.strip(b" "))

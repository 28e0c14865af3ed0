"""Requests as access logs keep them: nginx's and Apache's common and combined formats, and those of ALBs.

A log has no bodies, no cookies and few headers. A host name instead of an address is told as unknown.
"""

import re
from datetime import datetime

import msgspec

from masugata.cli._waf_cases import PEER, BadRecordError, Case, address, make_request, target_of

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
# https://nginx.org/en/docs/http/ngx_http_log_module.html, https://httpd.apache.org/docs/2.4/logs.html
_COMMON = re.compile(rf"(\S+) \S+ .{{1,256}}? \[([^\]]{{1,40}})\] {_QUOTED} \S+ \S+(?: {_QUOTED} {_QUOTED})?")
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
_ALB = re.compile(rf"(?:https?|h2|grpcs|wss?) (\S+) \S+ (\S+) \S+(?: \S+){{7}} {_QUOTED} {_QUOTED}")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "v": "\v", "f": "\f"}


def read_log_line(raw: bytes) -> Case:
    """A line of an access log; raises BadRecordError."""
    line = raw.decode("latin-1").rstrip("\r\n")
    if found := _ALB.match(line):
        time, client, asked, agent = found.groups()
        return _case(client.rpartition(":")[0].strip("[]"), _iso(time), asked, "", agent)
    found = _COMMON.match(line)
    if found is None:
        raise BadRecordError("neither JSON nor a line of an access log (common, combined or ALB)")
    peer, time, asked, referer, agent = found.groups()
    return _case(peer, _clf(time), asked, referer, agent)


def _case(peer: str, time: datetime, asked: str, referer: str | None, agent: str | None) -> Case:
    parts = _unescaped(asked).split(" ")
    if len(parts) < 3 or not parts[-1].startswith("HTTP/"):
        raise BadRecordError(f"`{asked[:60]}` is not a request line")
    target, host = " ".join(parts[1:-1]), ""
    if "://" in target:
        host = target.partition("://")[2].partition("/")[0].partition("?")[0]
        target = target_of(target)
    named = (
        ("host", host),
        ("referer", _unescaped(referer or "-")),
        ("user-agent", _unescaped(agent or "-")),
    )
    headers = [(name, value) for name, value in named if value not in {"", "-"}]
    try:
        known = address(peer)
    except BadRecordError:
        known = PEER
    request = make_request(parts[0], "/", headers, b"", known, parts[-1])
    path, _, query = target.partition("?")
    request = msgspec.structs.replace(
        request, uri_path=path.encode("latin-1"), query_string=query.encode("latin-1")
    )
    return Case(request=request, time=time)


def _unescaped(text: str) -> str:
    r"""What nginx writes as `\x22` and Apache as `\"`, as it was."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _CONTROLS.get(m[2], m[2]), text)


def _clf(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z")
    except ValueError:
        raise BadRecordError(f"`{text}` is not a time of an access log") from None


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadRecordError(f"`{text[:60]}` is not a time of an access log") from None

"""Recorded requests as JSON: records of labelled traffic, lines of AWS WAF's log, entries of HAR files."""

from base64 import b64decode
from binascii import Error
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import SplitResult, urlencode, urlsplit

import msgspec

from masugata.engines.waf.request import WebRequest
from masugata.errors import MasugataError

PEER = "192.0.2.1"
"""The peer of a request that does not say from where it came (RFC 5737)."""


class BadRecordError(MasugataError):
    """A record that is no request; the message says why, without file and line."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A request, when it came if that is known, and what it is said to be."""

    request: WebRequest
    id: str = ""
    time: datetime | None = None
    label: str = ""
    family: str = ""
    source: str = ""


class _LogPair(msgspec.Struct, frozen=True):
    name: str
    value: str


class _Record(msgspec.Struct, frozen=True):
    """A request as the labelled corpora write it; what else stands there is for people."""

    method: str
    uri: str
    headers: list[tuple[str, str]] | dict[str, str] = []
    body: str = ""
    body_enc: Literal["utf8", "b64"] = "utf8"
    id: str = ""
    time: datetime | None = None
    label: Literal["attack", "benign", ""] = ""
    family: str = ""
    source: str = ""
    source_ip: str = PEER


class _AwsRequest(msgspec.Struct, frozen=True, rename="camel"):
    """As AWS logs it.

    Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
    """

    uri: str
    http_method: str
    client_ip: str = PEER
    args: str = ""
    http_version: str = "HTTP/1.1"
    request_id: str = ""
    headers: list[_LogPair] = []
    fragment: str | None = None


class _AwsLine(msgspec.Struct, frozen=True, rename="camel"):
    http_request: _AwsRequest
    timestamp: int | None = None
    ja3_fingerprint: str | None = None
    ja4_fingerprint: str | None = None


class _HarBody(msgspec.Struct, frozen=True, rename="camel"):
    mime_type: str = ""
    text: str | None = None
    params: list[dict[str, Any]] = []


class _HarRequest(msgspec.Struct, frozen=True, rename="camel"):
    """As browsers export it.

    Source: http://www.softwareishard.com/blog/har-12-spec/#request
    """

    method: str
    url: str
    http_version: str = "HTTP/1.1"
    headers: list[_LogPair] = []
    post_data: _HarBody | None = None


class _HarEntry(msgspec.Struct, frozen=True, rename="camel"):
    request: _HarRequest
    started_date_time: str = ""


_record = msgspec.json.Decoder(_Record)
_aws_line = msgspec.json.Decoder(_AwsLine)
_har_entry = msgspec.json.Decoder(_HarEntry)


def read_record(raw: bytes) -> Case:
    """A labelled record, or a line of AWS WAF's log; raises BadRecordError."""
    try:
        if b'"httpRequest"' in raw:
            return _from_aws(_aws_line.decode(raw))
        return _from_record(_record.decode(raw))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadRecordError(_first_lower(str(error))) from None


def read_har_entry(raw: bytes) -> Case:
    """An entry of a HAR file; raises BadRecordError."""
    try:
        return _from_har(_har_entry.decode(raw))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadRecordError(_first_lower(str(error))) from None


def _from_record(record: _Record) -> Case:
    pairs = record.headers.items() if isinstance(record.headers, dict) else record.headers
    if record.body_enc == "b64":
        try:
            body = b64decode(record.body, validate=True)
        except (Error, ValueError):
            raise BadRecordError("`body` is not base64") from None
    else:
        body = record.body.encode("utf-8", "surrogatepass")
    request = make_request(record.method, record.uri, pairs, body, address(record.source_ip))
    return Case(
        request=request,
        id=record.id,
        time=_aware(record.time),
        label=record.label,
        family=record.family,
        source=record.source,
    )


def _from_aws(line: _AwsLine) -> Case:
    logged = line.http_request
    uri = logged.uri + (f"?{logged.args}" if logged.args else "")
    made = make_request(
        logged.http_method,
        uri + (f"#{logged.fragment}" if logged.fragment else ""),
        [(pair.name, pair.value) for pair in logged.headers],
        b"",
        address(logged.client_ip),
        logged.http_version,
    )
    request = msgspec.structs.replace(made, ja3=line.ja3_fingerprint, ja4=line.ja4_fingerprint)
    return Case(request=request, id=logged.request_id, time=_time(line.timestamp))


def _time(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadRecordError("`timestamp` is not a time in milliseconds") from None


def _from_har(entry: _HarEntry) -> Case:
    asked = entry.request
    try:
        parts = url_parts(asked.url)
    except BadRecordError as error:
        raise BadRecordError(f"`url`: {error}") from None
    pairs = [(pair.name, pair.value) for pair in asked.headers if not pair.name.startswith(":")]
    if parts.netloc and not any(name.lower() == "host" for name, _ in pairs):
        pairs.insert(0, ("host", parts.netloc.rpartition("@")[2]))
    request = make_request(
        asked.method, target_of(asked.url), pairs, _har_body(asked.post_data), PEER, asked.http_version
    )
    request = msgspec.structs.replace(request, scheme=parts.scheme or "http")
    try:
        time = datetime.fromisoformat(entry.started_date_time) if entry.started_date_time else None
    except ValueError:
        raise BadRecordError("`startedDateTime` is not a time") from None
    return Case(request=request, time=_aware(time))


def _har_body(posted: _HarBody | None) -> bytes:
    if posted is None:
        return b""
    if posted.text is not None:
        return posted.text.encode("utf-8", "surrogatepass")
    if not posted.params:
        return b""
    if "urlencoded" not in posted.mime_type:
        raise BadRecordError("`postData` has `params` and no `text`: the body is not known")
    return urlencode([(str(p.get("name", "")), str(p.get("value", ""))) for p in posted.params]).encode()


def url_parts(url: str) -> SplitResult:
    """What a URL is of; raises BadRecordError."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise BadRecordError(f"this is not a URL: {error}") from None


def target_of(url: str) -> str:
    """Path, query and fragment of a URL, as they stand in it."""
    rest = url.partition("://")[2] if "://" in url else url
    starts = [index for index in map(rest.find, "/?#") if index >= 0]
    target = rest[min(starts) :] if starts else ""
    return target if target.startswith("/") else f"/{target}"


def make_request(
    method: str,
    target: str,
    headers: Any,
    body: bytes,
    source_ip: str,
    version: str = "HTTP/1.1",
) -> WebRequest:
    """A request of these parts; raises BadRecordError for what no request has."""
    if not method or not method.isascii() or not method.isprintable() or " " in method:
        raise BadRecordError(f"`{method[:40]}` is not a method")
    if not target:
        raise BadRecordError("the target is empty")
    before, hash_, fragment = target.partition("#")
    path, _, query = before.partition("?")
    try:
        pairs = tuple([(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers])
    except UnicodeEncodeError as error:
        raise BadRecordError(
            f"`{error.object[:60]}` in a header is not Latin-1: write each byte as one character"
        ) from None
    return WebRequest(
        method=method.encode(),
        uri_path=path.encode("utf-8", "surrogatepass"),
        query_string=query.encode("utf-8", "surrogatepass"),
        fragment=fragment.encode("utf-8", "surrogatepass") if hash_ else None,
        http_version=version.upper().removeprefix("HTTP/").encode("ascii", "replace"),
        headers=pairs,
        body=body,
        source_ip=source_ip,
    )


def address(text: str) -> str:
    """An IP address, in its usual form; raises BadRecordError."""
    try:
        return str(ip_address(text))
    except ValueError:
        raise BadRecordError(f"`{text[:60]}` is not an IP address") from None


def _aware(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def _first_lower(text: str) -> str:
    return text if text.startswith("JSON") else text[:1].lower() + text[1:]

"""Fuzz target: whatever a file of recorded requests holds, each record is a request or refused by us."""

import gzip
import io

from masugata.cli._json_values import UnreadableError
from masugata.cli._waf_cases import BadRecordError
from masugata.cli._waf_one_request import read_request
from masugata.cli._waf_reading import _items, _plain, read_case

_HAR = (
    b'{"log": {"entries": [{"startedDateTime": "2026-11-27T10:00:00Z", "request": {"method": "GET", '
    b'"url": "http://a/?b", "headers": [{"name": ":a", "value": "b"}], '
    b'"postData": {"mimeType": "urlencoded", "params": [{"name": "a"}]}}}]}}'
)
_AWS = b'{"timestamp": 1, "httpRequest": {"uri": "/", "httpMethod": "GET", "clientIp": "::1", "args": "a"}}\n'
_ALB = (
    b"https 2026-11-27T10:00:00.1Z a/b/1 [::1]:3 1.1.1.1:80 0 0 0 200 200 1 1 "
    b'"GET https://a:1/?b HTTP/1.1" "c" d e f\n'
)
SEEDS = (
    b'{"method": "GET", "uri": "/a?b#c", "headers": [["A", "b"]], "body": "eA==", "body_enc": "b64"}\n',
    b'[{"method": "POST", "uri": "/", "headers": {"a": "b"}, "time": "2026-11-27T10:00:00Z"},\n {}]',
    _HAR,
    _AWS,
    _ALB,
    b'192.0.2.1 - - [27/Nov/2026:10:00:00 +0000] "GET /\\x22 HTTP/1.1" 200 1 "-" "a\\"b"\n',
    b"POST http://a/b HTTP/1.1\r\nContent-Length: 1\r\nA: b\r\n\r\ncd",
    gzip.compress(b'{"method": "GET", "uri": "/"}\n', mtime=0),
)
PIECES = (
    b"\n", b"\r\n\r\n", b'"', b"\\", b"\\ud800", b"\\u3042", b"null", b"1e999", b"[", b"]", b"{", b"}",
    b"\x1f\x8b",
    b"#", b"?", b"://", b"\xff", b"\xef\xbb\xbf", b"99999999999999999999", b"-1", b" - ", b'"httpRequest"',
    b"+2500",
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One file, and the same as the one request of `waf explain`."""
    try:
        items = list(_items(_plain(io.BufferedReader(io.BytesIO(data))), "fuzz"))
    except (UnreadableError, OSError, EOFError, gzip.zlib.error):
        items = []
    places = [tuple(map(int, item.place.split(":"))) for item in items]
    assert places == sorted(set(places))
    for item in items:
        try:
            request = read_case(item).request
        except BadRecordError:
            continue
        assert request.method
        assert all(name == name.lower() for name, _ in request.headers)
    try:
        read_request(data)
    except BadRecordError:
        return

"""Fuzz target: whatever a body is and says that it is, its values are found within bounds, and none is lost.

The data are a content type, a content encoding and a body, each on its own line.
"""

import gzip

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.parsing.body import MAX_VALUES
from masugata.engines.waf.parsing.multipart import MAX_PARTS, parse_multipart
from masugata.engines.waf.request import WebRequest

LIMIT = 8_192
_PART = b'--x\r\ncontent-disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n'
_MULTIPART = b"multipart/form-data; boundary=x\n\n"
SEEDS = (
    _MULTIPART + _PART + b"--x--\r\n",
    _MULTIPART + b"--x\ncontent-disposition: a\ncontent-transfer-encoding: base64\n\nYQ==\n--x--",
    _MULTIPART + b"--x\ncontent-disposition: a\ncontent-type: a; charset=utf-7\n\n+ADw-\n--x--",
    b"application/x-www-form-urlencoded; charset=ibm037\n\na=%27+&b",
    b"application/x-www-form-urlencoded; charset=ibm037\n\n%81=%85&%81=%A5&" + b"a=%81&" * 500,
    b"text/xml\n\n<?xml encoding='utf-16'?><!DOCTYPE a [<!ENTITY b 'c'>]><a b='c'>&b;<![CDATA[d]]></a>",
    b"application/json\ngzip\n" + gzip.compress(b'{"a":"b"}', mtime=0),
    b"application/json; charset=utf-16\ndeflate\n" + '["a"]'.encode("utf-16"),
)
PIECES = (
    b"--x", b"--x--", b"\r\n\r\n", b"\n\n", b"\r\n ", b"; filename*=UTF-8''%2e", b'"', b"\0", b"gzip,",
    b"\x1f\x8b", b"<![CDATA[", b"<!--", b"<!", b"<", b">", b"&", b"=", b"%", b"{", b"[", b"\xff\xfe",
    b"; charset=utf-7", b"content-disposition:", b"content-transfer-encoding: base64\r\n", _PART * 40,
    b"a=b&" * 500,
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One request: bounded values, the same twice, and a raw body that nothing else covers is looked at."""
    content_type, _, rest = data.partition(b"\n")
    encoding, _, body = rest.partition(b"\n")
    headers = ((b"content-type", content_type), *([(b"content-encoding", encoding)] if encoding else []))
    request = WebRequest(method=b"POST", uri_path=b"/", headers=headers, body=body)
    parsed = ParsedRequest(request, LIMIT)
    values = parsed.body_values()
    if (
        len(values) > MAX_VALUES + (1 + len(parsed.charsets())) * len(parsed.body_readings())
        or sum(map(len, parsed.body_readings())) > 8 * LIMIT
    ):
        raise AssertionError(f"{len(values)} values")
    if values != ParsedRequest(request, LIMIT).body_values():
        raise AssertionError("the same body was read in two ways")
    if body and not values and body.strip(b" \t\r\n&-=<>/{}[],:x\0") and not _without_texts(content_type):
        raise AssertionError("nothing of the body is looked at")
    if parse_multipart(body, b"x", cut=False).parts[MAX_PARTS:]:
        raise AssertionError("too many parts")
    for place, name, value in values:
        if type(place) is not Place or type(name) is not bytes or type(value) is not bytes:
            raise AssertionError(f"{place!r}, {name!r}, {value!r}")
    parsed.oversize()


def _without_texts(content_type: bytes) -> bool:
    """JSON and XML may be of numbers and names alone, and a form of empty fields."""
    return any(kind in content_type.lower() for kind in (b"json", b"xml", b"multipart"))

"""Hostile requests, by what is wrong with them; the first is an honest one of their size."""

import base64
import gzip
import json
import random
from pathlib import Path
from urllib.parse import quote_plus

import msgspec

from masugata.engines.waf.request import WebRequest

BODY_LIMIT = 65_536
FORM, JSON, XML, TEXT = b"application/x-www-form-urlencoded", b"application/json", b"text/xml", b"text/plain"
MULTIPART = b"multipart/form-data; boundary=x"


def post(content_type: bytes, body: bytes, *headers: tuple[bytes, bytes]) -> WebRequest:
    """A request with this body, cut where the edge would cut it."""
    return WebRequest(
        method=b"POST",
        uri_path=b"/",
        headers=((b"host", b"shop"), (b"content-type", content_type), *headers),
        body=body[:BODY_LIMIT],
        body_size=len(body),
    )


def get(query: bytes = b"", *headers: tuple[bytes, bytes], path: bytes = b"/") -> WebRequest:
    """A request without a body."""
    return WebRequest(method=b"GET", uri_path=path, query_string=query, headers=headers)


def bomb(times: int) -> bytes:
    """64 MiB of nulls in a few kilobytes, packed again `times` times."""
    packed = gzip.compress(bytes(64 * 1024 * 1024), mtime=0)
    for _ in range(times - 1):
        packed = gzip.compress(packed, mtime=0)
    return packed


def part(number: int) -> bytes:
    """A field of a multipart form."""
    return b'--x\r\ncontent-disposition: form-data; name="%d"\r\n\r\na\r\n' % number


GZIP = (b"content-encoding", b"gzip")
EMPTY_MEMBER = gzip.compress(b"", mtime=0)
REQUESTS = {
    "an ordinary form of 64 KiB": post(FORM, b"&".join(b"name%d=%s" % (n, b"v" * 500) for n in range(128))),
    "10,000 query arguments": get(b"&".join(b"a%d=%%27%d" % (n, n) for n in range(10_000))),
    "32,768 empty query arguments": get(b"&" * 32_768),
    "10,000 arguments in a form": post(FORM, b"&".join(b"a=%%27%d" % n for n in range(10_000))),
    "null bytes": post(FORM, bytes(BODY_LIMIT), (b"cookie", bytes(8_000))),
    "invalid UTF-8": post(JSON, b'{"a":"' + b"\xff\xc0\xaf\xed\xa0\x80" * 10_000 + b'"}'),
    "64 KiB of headers": get(b"", *[(b"x-%d" % n, b"v" * 60) for n in range(1_000)]),
    "64 KiB of cookies": get(b"", (b"cookie", b";".join(b"c%d=v" % n for n in range(9_000)))),
    "a body of 10 MiB": post(b"", b"a=%00" * 2_097_152),
    "JSON, 65,536 levels": post(JSON, b"[" * BODY_LIMIT),
    "JSON, 10,000 levels of objects": post(JSON, b'{"a":' * 10_000),
    "JSON, 32,768 numbers": post(JSON, b"[" + b"1," * 32_767 + b"1]"),
    "JSON, 21,845 strings": post(JSON, b"[" + b"'\"," .replace(b"'", b'"') * 21_845),
    "JSON, a string of escapes": post(JSON, b'["' + rb"\u0041" * 10_900 + b'"]'),
    "JSON, a string of invalid escapes": post(JSON, b'["' + rb"\q" * 32_000 + b'"]'),
    "JSON, a string without end": post(JSON, b'["' + b"\\" * 65_000),
    "JSON, a number of 60,000 digits": post(JSON, b"[" + b"9" * 60_000 + b"]"),
    "JSON, 8,192 equal keys": post(JSON, b"{" + b'"a":"b",' * 8_191 + b'"a":"b"}'),
    "JSON that is a form": post(JSON, b"a=b&" * 16_384),
    "JSON in UTF-16": post(JSON, ("[" + '"a",' * 8_000).encode("utf-16")),
    "a form in UTF-7": post(FORM + b"; charset=utf-7", b"+ADw-" * 13_000),
    "XML, 16,384 tags": post(XML, b"<a/>" * 16_384),
    "XML, 13,107 comments without end": post(XML, b"<!-- " * 13_107),
    "XML, 65,536 tags without end": post(XML, b"<" * BODY_LIMIT),
    "XML, an attribute without end": post(XML, b"<a " + b"b='c' " * 10_000),
    "XML, nested entities": post(XML, b"<!DOCTYPE a [" + b'<!ENTITY b "&a;&a;">' * 3_000 + b"]><a>&b;</a>"),
    "XML, 10,000 references": post(XML, b"<a>" + b"&#65;&" * 10_000 + b"</a>"),
    "gzip, 64 MiB": post(FORM, bomb(1), GZIP),
    "gzip, three layers": post(FORM, bomb(3), (b"content-encoding", b"gzip, gzip, gzip")),
    "gzip, 3,200 empty members": post(FORM, EMPTY_MEMBER * 3_200, GZIP),
    "gzip that is none": post(FORM, b"a=b&" * 16_384, GZIP),
    "multipart, 1,300 parts": post(MULTIPART, b"".join(map(part, range(1_300)))),
    "multipart, 13,107 delimiters": post(MULTIPART, b"--x\r\n" * 13_107),
    "multipart without a boundary": post(b"multipart/form-data", b"--x\r\n" * 13_107),
    "multipart, a header of 64 KiB": post(MULTIPART, b"--x\r\ncontent-disposition: a" + b';a="' * 16_000),
    "multipart, 20,000 folded lines": post(MULTIPART, b"--x\r\ncontent-disposition: a" + b"\r\n " * 20_000),
    "a content type of 32 KiB": post(b"a" + b'; b="\\' * 5_400, b"a=b"),
    "a path of 64 KiB": get(path=b"/a/../" * 10_922),
}  # fmt: skip


BROWSER = (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")


def browsed(request: WebRequest) -> WebRequest:
    """The same with the headers without which a web ACL looks no further."""
    told = (
        *(header for header in request.headers if header[0] != b"host"),
        (b"host", b"shop.example"),
        BROWSER,
    )
    return msgspec.structs.replace(request, headers=told, source_ip="192.0.2.1")


def filled(piece: bytes) -> bytes:
    """As much of it as is looked at."""
    return (piece * (BODY_LIMIT // len(piece) + 1))[:BODY_LIMIT]


RANDOM = random.Random(4).randbytes(BODY_LIMIT)  # noqa: S311 - the same each time, and no secret
LAYERS = rb"%25253Ca href=%2526quot;%255cu0026amp;\x26lt; ;id+ "
"""Its escapes stand for escapes, which stand for others."""
TEXTS = {
    "text of equals signs and quotes": b'="',
    "text of semicolons": b";",
    "text of parentheses": b"(",
    "text of percent signs": b"%",
    "text of dollars and braces": b"${",
    "text of steps upwards": b"../",
    "text of addresses": b"http://a.b/ ",
    "text of private addresses": b" ".join(b"http://10.0.%d.%d/" % divmod(n, 256) for n in range(3_300)),
    "text of backticks": b"`",
    "text of less-than signs and letters": b"<a ",
    "text of five layers": LAYERS,
    "text of commands": b";ls|id&&cat ",
    "text of commands on lines": b"\rphp\r+",
    "text of PHP and Java": b"<?php ${java.lang. T(java ",
    "text of names of functions": b"a</dl disable_functions'bzip2 is_readable%phpinfo zlib_decode ",
    "text of paths with wildcards": b" ".join(b"/x%d*/l?" % n for n in range(6_000)),
    "random bytes": RANDOM,
}
OTHERS = {
    "a field of five layers": post(FORM, b"a=" + filled(LAYERS.replace(b"&", b"%26"))),
    "a form of EBCDIC": post(
        FORM + b"; charset=cp037",
        b"&".join(b"%%%02x=%%7d%%%02x" % (129 + n % 9, n % 200) for n in range(6_000)),
    ),
    "queries behind line ends": post(
        FORM, b"&".join(b"a%d=" % n + b"%0A" * 700 + b"0 union select sum(a) from b" for n in range(30))
    ),
    "steps behind a command": post(FORM, b"a=;cat+x?" + b"/" * 60_000),
    "an argument of 60 KiB": get(b"q=" + filled(b"';$(`")),
    "32 cookies of 2 KiB": get(
        b"", (b"cookie", b";".join(b"c%d=" % n + b"$(`'\"<" * 340 for n in range(32)))
    ),
}
INSPECTED = {
    name: browsed(request)
    for name, request in (
        *REQUESTS.items(),
        *((name, post(TEXT, filled(piece))) for name, piece in TEXTS.items()),
        *OTHERS.items(),
    )
}
"""What the default web ACL is shown."""
_FILE = b'--x\r\ncontent-disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
_SENTENCE = b'The order of Anna & Ben (no. 7) was sent; it\'s 100% paid, and they said "thanks" on 2 May. '
_HTML = (
    b'<p class="x">Anna &amp; Ben: <a href="https://shop.example/o?id=7&amp;p=2">order</a>; 100% paid</p>\n'
)
_CHANGES = (Path(__file__).parent.parent / "CHANGELOG.md").read_bytes()
HONEST = {
    name: browsed(post(kind, body[:BODY_LIMIT]))
    for name, kind, body in (
        ("prose in a form", FORM, b"text=" + quote_plus(filled(_SENTENCE)).encode()),
        ("HTML in a form", FORM, b"text=" + quote_plus(filled(_HTML)).encode()),
        ("HTML in JSON", JSON, json.dumps({"html": filled(_HTML)[:60_000].decode()}).encode()),
        (
            "our CHANGELOG in JSON",
            JSON,
            json.dumps({"text": filled(_CHANGES)[:60_000].decode("utf-8", "ignore")}).encode(),
        ),
        ("base64 in JSON", JSON, json.dumps({"file": base64.b64encode(RANDOM[:48_000]).decode()}).encode()),
        ("CSV", b"text/csv", filled(b'17,"Anna, Ben",3.50,anna+ben@shop.example,100%\n')),
        (
            "a log",
            TEXT,
            filled(b'2026-11-27T10:00:11+01:00 INFO [main] GET /a/b?id=7&q=a+b%20c 200 "Firefox"\n'),
        ),
        ("a file in multipart", MULTIPART, _FILE + RANDOM[:60_000] + b"\r\n--x--\r\n"),
    )
}
"""What is large and no attack."""

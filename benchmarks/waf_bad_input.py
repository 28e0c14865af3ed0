"""What hostile requests cost to be read: each of them, in all its parts, at most 5 ms.

Every request is parsed from the start: arguments, headers, cookies, JSON, the values of the body, and what is
oversize. Then come the values of fields, with transformations, that statements would look at. CPU
milliseconds, the median of ROUNDS rounds; the ratio is to an ordinary form of the same size. Then come values
that are made for the detector of scripts, and for that of SQL: the slowest, and their ratio to an honest
one. Exit status 1 if the parsing of a request, or a detector with a value, takes longer than the limit.

    python benchmarks/waf_bad_input.py [--json]
"""

import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable

import msgspec
from _bad_markup import VALUES as MARKUP
from _bad_sql import VALUES as SQL_VALUES

from masugata.engines.waf.definitions.statements import ByteMatchStatement
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.html import XSS
from masugata.engines.waf.detectors.sql import SQL
from masugata.engines.waf.fields import Field, compile_field
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.request import WebRequest

ROUNDS, BODY_LIMIT, LIMIT = 9, 65_536, 5.0
MOST_SHOWN = 12
FORM, JSON, XML = b"application/x-www-form-urlencoded", b"application/json", b"text/xml"
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


def field(part: str, *transformations: str, **settings: object) -> Field:
    """A field as a statement names it."""
    steps = [{"Priority": number, "Type": name} for number, name in enumerate(transformations)]
    statement = {
        "FieldToMatch": {part: settings}, "TextTransformations": steps,
        "SearchString": b"x", "PositionalConstraint": "CONTAINS",
    }  # fmt: skip
    return compile_field(msgspec.convert(statement, ByteMatchStatement, builtin_types=(bytes,)))


FIELDS = (
    field("AllQueryArguments", "URL_DECODE"),
    field("UriPath", "NORMALIZE_PATH"),
    field("Body", OversizeHandling="CONTINUE"),
    field(
        "JsonBody", MatchPattern={"IncludedPaths": ["/a/b"]}, MatchScope="ALL", OversizeHandling="CONTINUE"
    ),
    field("Headers", MatchPattern={"All": {}}, MatchScope="ALL", OversizeHandling="CONTINUE"),
    field("Cookies", MatchPattern={"All": {}}, MatchScope="ALL", OversizeHandling="CONTINUE"),
)


def parse(request: WebRequest) -> ParsedRequest:
    """Everything that can be asked of a request."""
    parsed = ParsedRequest(request, BODY_LIMIT)
    parsed.arguments()
    parsed.headers()
    parsed.cookies()
    parsed.json()
    parsed.body_values()
    parsed.oversize()
    return parsed


def measure(request: WebRequest) -> tuple[float, float]:
    """CPU milliseconds of the parsing, and of the fields after it."""
    start = time.process_time()
    parsed = parse(request)
    middle = time.process_time()
    for compiled in FIELDS:
        compiled.values(parsed)
    return (middle - start) * 1e3, (time.process_time() - middle) * 1e3


def measure_markup(value: bytes) -> float:
    """CPU milliseconds of the detector of scripts."""
    start = time.process_time()
    XSS.detect(value, Place.FORM_FIELD)
    return (time.process_time() - start) * 1e3


def measure_sql(value: bytes) -> float:
    """CPU milliseconds of the detector of SQL, at the place where it looks at most."""
    start = time.process_time()
    SQL.detect(value, Place.RAW_BODY)
    return (time.process_time() - start) * 1e3


def medians_of(values: dict[str, bytes], measured: Callable[[bytes], float]) -> dict[str, float]:
    """Of each value; the rounds are apart, so that a busy machine does not fall on one of them."""
    rounds = [{name: measured(value) for name, value in values.items()} for _ in range(ROUNDS)]
    return {name: statistics.median([each[name] for each in rounds]) for name in values}


def show_detector(what: str, medians: dict[str, float]) -> None:
    """The honest one, and the slowest of the others."""
    honest = next(iter(medians.values()))
    print(f"  {what:60}      ms   ratio")
    for name, median in sorted(medians.items(), key=lambda item: -item[1])[:MOST_SHOWN]:
        late = "TOO SLOW" if median > LIMIT else ""
        print(f"  {name:60} {median:7.2f} {median / honest:7.1f} {late}")
    print(f"  {next(iter(medians)):60} {honest:7.2f} {1:7.1f}")


def main() -> int:
    """Measure all in turn and print medians and ratios."""
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in REQUESTS}
    for _ in range(ROUNDS):
        for name, request in REQUESTS.items():
            rows[name].append(measure(request))
    parsing = {name: statistics.median([row[0] for row in row_list]) for name, row_list in rows.items()}
    fields = {name: statistics.median([row[1] for row in row_list]) for name, row_list in rows.items()}
    markup, sql = medians_of(MARKUP, measure_markup), medians_of(SQL_VALUES, measure_sql)
    slow = [name for name, median in (*parsing.items(), *markup.items(), *sql.items()) if median > LIMIT]
    if "--json" in sys.argv:
        found = {"parsing": parsing, "fields": fields, "markup": markup, "sql": sql}
        print(json.dumps(found | {"limit": LIMIT, "rounds": ROUNDS}))
        return bool(slow)
    ordinary = next(iter(parsing.values()))
    print(f"CPU milliseconds of a request, median of {ROUNDS} rounds; parsing at most {LIMIT:.0f}")
    print(f"  {'':36} parsing   ratio  fields")
    for name, median in parsing.items():
        late = "TOO SLOW" if name in slow else ""
        print(f"  {name:36} {median:7.2f} {median / ordinary:7.1f} {fields[name]:7.2f} {late}")
    show_detector("the detector of scripts", markup)
    show_detector("the detector of SQL", sql)
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())

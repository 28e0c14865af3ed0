"""A parsed request: what is in the body, whatever it says that it is, and what is too large."""

import gzip

import pytest

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.parsing.body import FILE_HEAD, MAX_VALUES
from masugata.engines.waf.request import WebRequest
from unit.engines.waf.building import parsed, posted

FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data; boundary=x"
FIELD, JSON, XML, RAW = Place.FORM_FIELD, Place.JSON_STRING, Place.XML_TEXT, Place.RAW_BODY


def part(name: bytes, content: bytes) -> bytes:
    """A field of a form with the boundary x."""
    return b'--x\r\ncontent-disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name, content)


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (FORM, b"a=%27+x&b=2", {(FIELD, b"a", b"' x"), (FIELD, b"b", b"2")}),
        (FORM, b"%3Cb%3E=1&c", {(FIELD, b"<b>", b"<b>"), (FIELD, b"<b>", b"1"), (FIELD, b"c", b"c")}),
        (FORM + b"; charset=UTF-8", b"a=1", {(FIELD, b"a", b"1")}),
        (b"application/json", rb'{"a":"\u0027","n":1}', {(JSON, b"a", b"'")}),
        (b"application/problem+json", b'{"$ne":"x"}', {(JSON, b"$ne", b"$ne"), (JSON, b"$ne", b"x")}),
        (b"text/xml", b"<a>x</a>", {(XML, b"a", b"x")}),
        (b"application/soap+xml", b"<a b='1'/>", {(XML, b"b", b"1")}),
        (b"image/png", b"\x89PNG=&", {(RAW, b"", b"\x89PNG=&")}),
        (b"application/octet-stream", b"\x89PNG", {(RAW, b"", b"\x89PNG")}),
    ],
)
def test_what_it_says_it_is(
    content_type: bytes, body: bytes, expected: set[tuple[Place, bytes, bytes]]
) -> None:
    """Values, decoded as their places have them; telling names; of anything else the raw body."""
    assert set(posted(content_type, body).body_values()) == expected


@pytest.mark.parametrize(
    ("content_type", "body", "place", "value"),
    [
        (b"", b"a=%27", FIELD, b"'"),
        (b"", b'{"a":"evil"}', JSON, b"evil"),
        (b"", b"evil", RAW, b"evil"),
        (b"text/plain", b"a=%27", FIELD, b"'"),
        (b"text/plain", b'["evil"]', JSON, b"evil"),
        (b"bogus", b"<a>evil</a>", XML, b"evil"),
        (b"application/json", b"a=%27&b=2", FIELD, b"'"),
        (b"application/json", b"a=%27&b=2", RAW, b"a=%27&b=2"),
        (b"application/json", b'{"a":"b"}&x=%27', FIELD, b"'"),
        (b"application/json", b'{"a":"evil","a":"b"}', JSON, b"evil"),
        (b"application/json", b'{"a":"evil', RAW, b'{"a":"evil'),
        (FORM, b'{"a":"\\u0027"}', JSON, b"'"),
        (FORM, b' \xef\xbb\xbf{"a":"evil"}', FIELD, b' \xef\xbb\xbf{"a":"evil"}'),
        (FORM, b"<a>&#39;</a>", XML, b"'"),
        (b"text/xml", b"a=%27", FIELD, b"'"),
        (b"text/xml", b"<a>x</a>evil", RAW, b"<a>x</a>evil"),
        (b"text/xml", b'{"a":"\\u0027"}', JSON, b"'"),
        (b"application/json; charset=utf-16", '{"a":"evil"}'.encode("utf-16"), JSON, b"evil"),
        (FORM + b"; charset=ibm037", "a=evil".encode("cp037"), FIELD, b"evil"),
        (FORM + b"; charset=ibm037", b"%81=%85%A5%89%93", FIELD, b"evil"),
        (FORM + b"; charset=ibm500", b"a=1&%85%A5%89%93", FIELD, b"evil"),
        (FORM, b"a=ev&b=2&a=il", FIELD, b"ev,il"),
        (FORM + b"; charset=utf-7", b"a=+ADw-b", FIELD, b"<b"),
        (MULTIPART, part(b"a", b"ev") + part(b"a", b"il") + b"--x--", FIELD, b"ev,il"),
        (
            MULTIPART,
            part(b"_charset_", b"ibm037") + part(b"a", "evil".encode("cp037")) + b"--x--",
            FIELD,
            b"evil",
        ),
        (MULTIPART, b"a=evil", RAW, b"a=evil"),
        (b"multipart/form-data", b"--x\r\n\r\nevil\r\n--x--", RAW, b"--x\r\n\r\nevil\r\n--x--"),
    ],
)
def test_no_way_around(content_type: bytes, body: bytes, place: Place, value: bytes) -> None:
    """A type that is missing, lies or does not hold to the end spares nothing: the value is found."""
    assert (place, value) in {(where, what) for where, _, what in posted(content_type, body).body_values()}


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP"])
def test_compressed(encoding: bytes) -> None:
    """The raw body too, as applications that do not inflate read it."""
    packed = gzip.compress(b"a=%27", mtime=0)
    values = posted(FORM, packed, (b"content-encoding", encoding)).body_values()
    assert (FIELD, b"a", b"'") in values
    assert any(value in packed for _, _, value in values if value)


def test_multipart() -> None:
    """Fields whole; of files the name, the type and the beginning."""
    body = (
        b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nevil\r\n'
        b'--x\r\ncontent-disposition: form-data; name="f"; filename="../x.php"\r\n'
        b"content-type: image/png\r\n\r\n" + b"P" * 5_000 + b"\r\n--x--\r\n"
    )
    assert posted(MULTIPART, body).body_values() == (
        (FIELD, b"a", b"evil"),
        (Place.HEADER, b"content-type", b"image/png"),
        (Place.FILE_NAME, b"f", b"../x.php"),
        (RAW, b"f", b"P" * FILE_HEAD),
    )


@pytest.mark.parametrize(
    ("content_type", "beginning", "size"),
    [
        (b"image/png", b"\x89PNG", FILE_HEAD),
        (b"application/octet-stream", b"\x01", FILE_HEAD),
        (b"application/octet-stream", b"a=evil&", None),
        (b"application/octet-stream", b"\xac\xed\x00\x05", None),
        (b"text/plain", b"\x01", None),
        (b"application/x-protobuf", b"\x01", None),
        (b"application/grpc", b"\x01", None),
        (b"", b"\x01", None),
    ],
)
def test_files(content_type: bytes, beginning: bytes, size: int | None) -> None:
    """What is no text and says that it is a file is one; all else and objects of Java are read whole."""
    rest = b"evil " * 2_000 if beginning.startswith(b"a=") else b"\x01\x02evil" * 2_000
    body = beginning + rest
    raw = [value for place, _, value in posted(content_type, body).body_values() if place is RAW]
    assert raw == [body[:size]]


def test_what_only_looks_like_utf_16() -> None:
    """JSON is read whole, as its readers go by the bytes; anything else is rather a file with zeros in it."""
    text = "evil " * 2_000
    values = [value for _, _, value in posted(b"video/mp4", text.encode("utf-16-be")).body_values()]
    assert max(map(len, values)) == FILE_HEAD
    for whole in (f'["{text}"]'.encode("utf-16-be"), b"\xff\xfe" + text.encode("utf-16-le")):
        values = [value for _, _, value in posted(b"video/mp4", whole).body_values()]
        assert any(value.endswith(text.encode()) for value in values)


def test_two_content_types() -> None:
    """Where several are given, applications take the first or the last."""
    for others in ((b"text/xml",), (b"text/xml", b"image/png")):
        first, *rest = (*others, MULTIPART)
        request = posted(first, part(b"a", b"evil") + b"--x--", *[(b"content-type", each) for each in rest])
        assert (FIELD, b"a", b"evil") in request.body_values()


def test_too_many_values() -> None:
    """Beyond the bounds the body is looked at as it stands, in every reading."""
    packed = gzip.compress(b"&".join(b"a=%d" % number for number in range(5_000)) + b"&z=evil")
    values = posted(FORM, packed, (b"content-encoding", b"gzip")).body_values()
    assert len(values) <= MAX_VALUES + 2
    assert values[-1][2].endswith(b"&z=evil")
    many = b"&".join(b"%d=1" % number for number in range(MAX_VALUES)) + b"&z=%85%A5%89%93"
    packed = gzip.compress(many)
    for body in (many, packed):
        values = posted(FORM + b"; charset=ibm037", body, (b"content-encoding", b"gzip")).body_values()
        assert values[-1][2].endswith(b"evil")


@pytest.mark.parametrize("charset", [b"utf-16", b"utf-7", b"ibm037"])
def test_a_charset_that_lies(charset: bytes) -> None:
    """Most JSON parsers do not look at it: the body counts as it is, too."""
    request = posted(b"application/json; charset=" + charset, b'{"a":"evil"}')
    assert (JSON, b"a", b"evil") in request.body_values()
    assert any(content.complete for content in request.json())


@pytest.mark.parametrize("order", [(b"utf-8", b"ibm037"), (b"ibm037", b"utf-8")])
def test_two_charsets(order: tuple[bytes, bytes]) -> None:
    """Applications take the first or the last."""
    content_type = FORM + b"; charset=%b; charset=%b" % order
    assert (FIELD, b"a", b"evil") in posted(content_type, "a=evil".encode("cp037")).body_values()


@pytest.mark.parametrize("order", [(b"x", b"y"), (b"y", b"x")])
def test_two_boundaries(order: tuple[bytes, bytes]) -> None:
    """The first, the last, and the raw body."""
    body = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nevil\r\n--x--'
    values = posted(b"multipart/form-data; boundary=%b; boundary=%b" % order, body).body_values()
    assert (FIELD, b"a", b"evil") in values
    assert (RAW, b"", body) in values


@pytest.mark.parametrize(
    "disposition",
    [
        b'form-data; name="a"x; filename="b"',
        b'form-data; name="a"; filename="b"; filename="c"',
        b"a; filename=b",
    ],
)
def test_a_file_that_may_be_a_field(disposition: bytes) -> None:
    """Where parsers could disagree, the content counts whole."""
    content = b"x" * 2_000 + b"evil"
    body = b"--x\r\ncontent-disposition: " + disposition + b"\r\n\r\n" + content + b"\r\n--x--"
    assert content in {value for place, _, value in posted(MULTIPART, body).body_values() if place is FIELD}


def test_nothing() -> None:
    """No body, no values."""
    assert posted(FORM, b"").body_values() == ()


def test_parsed_once() -> None:
    """What was parsed is kept."""
    request = posted(FORM, b"a=1", query_string=b"a=1")
    assert request.arguments() is request.arguments()
    assert request.body_values() is request.body_values()
    assert request.json()[0] is request.json()[0]
    assert request.cookies() is request.cookies()
    assert request.headers() is request.headers()


def test_headers() -> None:
    """By lower-case name, the first or all; beyond the limits too, as a single header is looked at whole."""
    many = tuple((b"x-%d" % number, b"v") for number in range(300))
    request = parsed(headers=(*many, (b"last", b"1"), (b"last", b"2")))
    assert request.header(b"last") == b"1"
    assert request.header_values(b"last") == (b"1", b"2")
    assert request.header(b"absent") is None
    assert len(request.headers()) == 200


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (parsed(), ()),
        (parsed(headers=((b"h", b"v" * 8_191),)), ()),
        (parsed(headers=((b"h", b"v" * 8_192),)), ("REQUEST_HEADERS",)),
        (parsed(headers=((b"h", b"v"),) * 200), ()),
        (parsed(headers=((b"h", b"v"),) * 201), ("REQUEST_HEADERS",)),
        (parsed(headers=((b"cookie", b"a=1;" * 201),)), ("REQUEST_COOKIES",)),
        (parsed(body=b"x" * 8_192), ()),
        (parsed(body=b"x" * 8_193), ("REQUEST_BODY",)),
        (parsed(body=b"x", body_size=2), ("REQUEST_BODY",)),
        (parsed(body=b"x", body_size=1), ()),
        (
            parsed(body=gzip.compress(bytes(8_193)), headers=((b"content-encoding", b"gzip"),)),
            ("REQUEST_BODY",),
        ),
        (parsed(body=gzip.compress(bytes(8_192)), headers=((b"content-encoding", b"gzip"),)), ()),
    ],
)
def test_oversize(request_: ParsedRequest, expected: tuple[str, ...]) -> None:
    """Under the names of AWS's log, at AWS's limits; of a body also where it is too large inflated."""
    assert request_.oversize() == expected


def test_the_body_is_cut() -> None:
    """No more than the limit is looked at, also if more is at hand."""
    request = ParsedRequest(WebRequest(method=b"POST", uri_path=b"/", body=b"0123456789"), 4)
    assert request.body() == b"0123"
    assert request.body_readings() == (b"0123",)


@pytest.mark.parametrize("escape", [b"%s", b"%s%%3D%%3D", rb"\\u0041%s", b"%%2541%s"])
def test_what_may_be_a_form_is_cut_but_base64(escape: bytes) -> None:
    """Behind 4 KiB only that is read which nobody sees in the raw body: base64, decoded as a whole."""
    long = b"QUFB" * 2_000
    fields = {
        value
        for place, _, value in posted(b"text/plain", b"a=" + escape % long).body_values()
        if place == FIELD
    }
    assert any(long in value for value in fields)
    words = b"some words " * 1_000
    fields = {
        value for place, _, value in posted(b"text/plain", b"a=" + words).body_values() if place == FIELD
    }
    assert max(map(len, fields)) == 4_096

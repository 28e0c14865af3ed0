"""The values in a body, found in every way in which an application could read it."""

import re
from collections.abc import Callable, Iterable, Iterator

from masugata.engines.waf.decoding import is_binary
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.parsing.content_types import first_and_last, parameters, split_parameters
from masugata.engines.waf.parsing.inflating import inflate
from masugata.engines.waf.parsing.json_body import JsonContent
from masugata.engines.waf.parsing.json_strings import json_strings
from masugata.engines.waf.parsing.multipart import Part, parse_multipart
from masugata.engines.waf.parsing.query import combined, parse_query
from masugata.engines.waf.parsing.recoding import is_unlike_ascii, recode
from masugata.engines.waf.parsing.xml_text import parse_xml
from masugata.engines.waf.transformations import unchanged, url_decode
from masugata.engines.waf.transformations._escapes import PERCENT, PLUS

BodyValue = tuple[Place, bytes, bytes]
"""Where it stood, under which name, and the value, decoded as its place has it."""

FILE_HEAD = 1_024  # bytes of a file that are looked at
MAX_VALUES = 1_000
_BLANKS = b" \t\r\n"
_CHARSET = b"_charset_"  # a field that names that of the others: RFC 7578, section 4.6
_MARK = b"\xef\xbb\xbf"
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")  # of UTF-16 and UTF-32
_FORM = b"application/x-www-form-urlencoded"
_TELLING = re.compile(rb"[^A-Za-z0-9_-]|__")
# A body that is no text and says that it is a file is one, as within a form: read as text, one picture in six
# has something of a script or a command in it. Other binary bodies, as of RPC, hold what somebody typed.
_FILE = re.compile(
    rb"(?:image|video|audio|font)/|application/(?:octet-stream|zip|gzip|x-gzip|x-tar|x-7z-compressed|x-bzip2?|"
    rb"x-xz|zstd|vnd\.rar|pdf|wasm|epub\+zip|msword|vnd\.(?:ms-|openxmlformats-|oasis\.))"
)
_JAVA_STREAM = b"\xac\xed\x00\x05"


def body_readings(
    body: bytes, encodings: bytes, charsets: tuple[bytes, ...], limit: int
) -> tuple[tuple[bytes, ...], bool]:
    """The body as it came, then inflated, then in UTF-8, and whether not all of it could be inflated.

    Where only its zeros suggest another charset, as those of many files do, it is read whole if it then looks
    like JSON or XML, whose readers go by the bytes too, and as a file otherwise.
    """
    readings = [body]
    cut = False
    if encodings:
        inflated, cut = inflate(body, encodings, limit)
        if inflated:
            readings.append(inflated)
    for reading in tuple(readings):
        recoded = [recode(reading, charset) for charset in charsets] if charsets else [_guessed(reading)]
        readings += [text for text in recoded if text is not None and text not in readings]
    return tuple(readings), cut


def _guessed(reading: bytes) -> bytes | None:
    text = recode(reading, b"")
    if text is None or reading.startswith(_MARKS):
        return text
    if text[:64].removeprefix(_MARK).lstrip(_BLANKS).startswith((b"{", b"[", b"<", b'"')):
        return text
    return text[:FILE_HEAD]


def read_values(
    text: bytes,
    content_type: bytes,
    json: Callable[[bytes], JsonContent],
    charsets: tuple[bytes, ...] = (),
    *,
    cut: bool,
) -> Iterator[BodyValue]:
    """The values in one reading of the body; `json` reads it with care. `cut`: there is more than is at hand.

    `charsets` are those, unlike ASCII, in which escapes of a form may have been written.
    Its type is believed only as far as the body bears it out: what does not parse is read as a form and as
    it stands, and what looks like JSON or XML is read as that, too, whatever it says that it is.
    """
    media, found = split_parameters(content_type)
    beginning = text[:64].removeprefix(_MARK).lstrip(_BLANKS)[:1]
    if media.startswith(b"multipart/"):
        yield from _multipart_values(text, parameters(found, b"boundary"), cut=cut)
        return
    is_json, is_xml = b"json" in media, b"xml" in media
    borne_out = False
    if is_json or beginning in {b"{", b"["}:
        strings = json_strings(text)
        borne_out = strings is not None
        if strings is None:
            content = json(text)
            borne_out = content.complete
            strings = [
                (element.name, element.text, element.is_key)
                for element in content.elements
                if element.is_string
            ]
        for name, value, is_key in strings:
            if not is_key or _TELLING.search(value):
                yield Place.JSON_STRING, name, value
    if is_xml or beginning == b"<":
        texts, rest = parse_xml(text)
        yield from [(Place.XML_TEXT, name, value) for name, value in texts]
        borne_out = is_xml and bool(texts) and not rest
    if borne_out and (is_json or is_xml):
        return
    binary = is_binary(text)
    if media == _FORM or (
        b"=" in text and not media.startswith((b"image/", b"video/", b"audio/")) and not binary
    ):
        yield from _form_values(text, charsets)
    if media != _FORM:
        is_file = binary and _FILE.match(media) is not None and not text.startswith(_JAVA_STREAM)
        yield Place.RAW_BODY, b"", text[:FILE_HEAD] if is_file else text


def read_escapes(texts: Iterable[bytes], charset: bytes) -> list[bytes]:
    """Those with escapes, as those of URLs, in UTF-8, if the escapes stand for bytes of this charset."""
    decoded = [url_decode.transform(text) for text in texts if PERCENT in text]
    return [text for each in decoded if (text := recode(each, charset)) is not None]


def _form_values(text: bytes, charsets: tuple[bytes, ...]) -> Iterator[BodyValue]:
    """Names too, where there is more to them than letters and digits, or no value.

    First, of names that come several times, the values together.
    """
    pairs = parse_query(text, MAX_VALUES)
    decode = url_decode.transform if PERCENT in text or PLUS in text else unchanged
    for together in combined(pairs):
        yield Place.FORM_FIELD, b"", decode(together)
    for sent, value in pairs:
        name, decoded = decode(sent), decode(value)
        if not value or _TELLING.search(name):
            yield Place.FORM_FIELD, name, name
        if value:
            yield Place.FORM_FIELD, name, decoded
        for charset in charsets:
            for escaped, plain in ((sent, name), (value, decoded)):
                if PERCENT in escaped and (read := recode(plain, charset)) is not None:
                    yield Place.FORM_FIELD, b"", read


def _multipart_values(text: bytes, boundaries: tuple[bytes, ...], *, cut: bool) -> Iterator[BodyValue]:
    forms = [parse_multipart(text, boundary, cut=cut) for boundary in first_and_last(boundaries)]
    for form in forms:
        for part in form.parts:
            yield from _part_values(part)
        fields = [(part.name, part.content) for part in form.parts if not part.is_file]
        for together in combined(fields):
            yield Place.FORM_FIELD, b"", together
        named = [value.strip() for name, value in fields if name == _CHARSET]
        for charset in filter(is_unlike_ascii, first_and_last(tuple(named))):
            yield from [(Place.FORM_FIELD, name, recode(value, charset) or b"") for name, value in fields]
    if len(forms) != 1 or not forms[0].well_formed:
        yield Place.RAW_BODY, b"", text


def _part_values(part: Part) -> Iterator[BodyValue]:
    if _TELLING.search(part.name):
        yield Place.FORM_FIELD, part.name, part.name
    if part.content_type:
        yield Place.HEADER, b"content-type", part.content_type
    for name in part.file_names:
        yield Place.FILE_NAME, part.name, name
    for content in (part.content, *part.alternatives):
        if part.is_file:
            yield Place.RAW_BODY, part.name, content[:FILE_HEAD]
        else:
            yield Place.FORM_FIELD, part.name, content

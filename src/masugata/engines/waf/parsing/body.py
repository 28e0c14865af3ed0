"""The values in a body, found in every way in which an application could read it."""

import re
from collections.abc import Callable, Iterable, Mapping

from masugata.engines.waf.decoding import is_binary, may_be_base64
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.parsing.content_types import ContentType, first_and_last, parameters
from masugata.engines.waf.parsing.inflating import inflate
from masugata.engines.waf.parsing.json_body import JsonContent
from masugata.engines.waf.parsing.json_strings import json_strings
from masugata.engines.waf.parsing.multipart import Part, parse_multipart
from masugata.engines.waf.parsing.query import combined, parse_query
from masugata.engines.waf.parsing.recoding import is_unlike_ascii, recode, recode_each
from masugata.engines.waf.parsing.xml_text import parse_xml
from masugata.engines.waf.transformations._escapes import PERCENT, PLUS
from masugata.engines.waf.transformations._percent import decode_form

BodyValue = tuple[Place, bytes, bytes]
"""Where it stood, under which name, and the value, decoded as its place has it."""

# Found out once: up to Python 3.11 to ask an Enum for a member takes as long as all else that a value needs.
_FIELD, _STRING, _TEXT = Place.FORM_FIELD, Place.JSON_STRING, Place.XML_TEXT
FILE_HEAD = 1_024  # bytes of a file that are looked at
MAX_VALUES = 1_000
FORM = b"application/x-www-form-urlencoded"
# Bytes of a field of what does not say that it is a form. It is read as it stands, too, which is as good for
# all that does not depend on how a value begins; with both, honest pages and logs are more than is looked at.
# But base64 is decoded only where nothing is before it.
_GUESSED = 4_096
_BLANKS = b" \t\r\n"
_CHARSET = b"_charset_"  # a field that names that of the others: RFC 7578, section 4.6
_MARK = b"\xef\xbb\xbf"
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")  # of UTF-16 and UTF-32
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
    content_type: ContentType,
    json: Callable[[bytes], JsonContent],
    charsets: tuple[bytes, ...] = (),
    *,
    cut: bool,
) -> list[BodyValue]:
    """The values in one reading of the body; `json` reads it with care. `cut`: there is more than is at hand.

    `charsets` are those, unlike ASCII, in which escapes of a form may have been written.
    Its type is believed only as far as the body bears it out: what does not parse is read as a form and as
    it stands, and what looks like JSON or XML is read as that, too, whatever it says that it is.
    """
    media, found = content_type
    if media.startswith(b"multipart/"):
        return _multipart_values(text, parameters(found, b"boundary"), cut=cut)
    beginning = text[:64].removeprefix(_MARK).lstrip(_BLANKS)[:1]
    is_json, is_xml = b"json" in media, b"xml" in media
    values: list[BodyValue] = []
    borne_out = False
    if is_json or beginning in {b"{", b"["}:
        values, borne_out = _json_values(text, json)
    if is_xml or beginning == b"<":
        texts, rest = parse_xml(text, MAX_VALUES)
        values += [(_TEXT, name, value) for name, value in texts]
        borne_out = is_xml and bool(texts) and not rest
    if borne_out and (is_json or is_xml):
        return values
    binary = is_binary(text)
    if media == FORM or (
        b"=" in text and not media.startswith((b"image/", b"video/", b"audio/")) and not binary
    ):
        fields = _form_values(text, charsets)
        if media != FORM:
            fields = [
                (place, name[:_GUESSED], value if may_be_base64(value) else value[:_GUESSED])
                for place, name, value in fields
            ]
        values += fields
    if media != FORM:
        is_file = binary and _FILE.match(media) is not None and not text.startswith(_JAVA_STREAM)
        values.append((Place.RAW_BODY, b"", text[:FILE_HEAD] if is_file else text))
    return values


def _json_values(text: bytes, json: Callable[[bytes], JsonContent]) -> tuple[list[BodyValue], bool]:
    """Of the keys only those in which there is more than a name; and whether it is JSON to its end.

    What stands in a list has no name: its index is nothing that is looked for.
    """
    strings = json_strings(text)
    complete = strings is not None
    if strings is None:
        content = json(text)
        complete = content.complete
        strings = [
            (b"" if each.name.isdigit() else each.name, each.text, each.is_key)
            for each in content.elements
            if each.is_string
        ]
    telling = _TELLING.search
    return [
        (_STRING, name, value) for name, value, is_key in strings if not is_key or telling(value)
    ], complete


def read_escapes(texts: Iterable[bytes], charset: bytes) -> list[bytes]:
    """Those with escapes, as those of URLs, in UTF-8, if the escapes stand for bytes of this charset."""
    return recode_each(decode_form([text for text in texts if PERCENT in text]), charset)


def _form_values(text: bytes, charsets: tuple[bytes, ...]) -> list[BodyValue]:
    """Names too, where there is more to them than letters and digits, or no value.

    First, of names that come several times, the values together.
    """
    pairs = parse_query(text, MAX_VALUES)
    sent = [text for pair in pairs for text in pair]
    decoded = [*sent, *combined(pairs)]
    recoded: list[Mapping[bytes, bytes]] = []
    if PERCENT in text or PLUS in text:
        decoded = decode_form(decoded)
        recoded = [_recoded(sent, decoded, charset) for charset in charsets]
    values = [(_FIELD, b"", together) for together in decoded[len(sent) :]]
    texts = iter(decoded)
    telling = _TELLING.search
    for (sent_name, sent_value), name, value in zip(pairs, texts, texts, strict=False):
        if not sent_value or telling(name):
            values.append((_FIELD, name, name))
        if sent_value:
            values.append((_FIELD, name, value))
        for known in recoded:
            if sent_name in known:
                values.append((_FIELD, b"", known[sent_name]))
            if sent_value in known:
                values.append((_FIELD, b"", known[sent_value]))
    return values


def _recoded(sent: Iterable[bytes], decoded: Iterable[bytes], charset: bytes) -> Mapping[bytes, bytes]:
    """What those with escapes are, if these stand for bytes of this charset."""
    found = {text: plain for text, plain in zip(sent, decoded, strict=False) if PERCENT in text}
    return dict(zip(found, recode_each(list(found.values()), charset), strict=True))


def _multipart_values(text: bytes, boundaries: tuple[bytes, ...], *, cut: bool) -> list[BodyValue]:
    forms = [parse_multipart(text, boundary, cut=cut) for boundary in first_and_last(boundaries)]
    values: list[BodyValue] = []
    for form in forms:
        for part in form.parts:
            _add_part(values, part)
        fields = [(part.name, part.content) for part in form.parts if not part.is_file]
        values += [(_FIELD, b"", together) for together in combined(fields)]
        named = [value.strip() for name, value in fields if name == _CHARSET]
        for charset in filter(is_unlike_ascii, first_and_last(tuple(named))):
            values += [(_FIELD, name, recode(value, charset) or b"") for name, value in fields]
    if len(forms) != 1 or not forms[0].well_formed:
        values.append((Place.RAW_BODY, b"", text))
    return values


def _add_part(values: list[BodyValue], part: Part) -> None:
    if _TELLING.search(part.name):
        values.append((_FIELD, part.name, part.name))
    if part.content_type:
        values.append((Place.HEADER, b"content-type", part.content_type))
    values += [(Place.FILE_NAME, part.name, name) for name in part.file_names]
    for content in (part.content, *part.alternatives):
        if part.is_file:
            values.append((Place.RAW_BODY, part.name, content[:FILE_HEAD]))
        else:
            values.append((_FIELD, part.name, content))

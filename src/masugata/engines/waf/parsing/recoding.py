"""Bodies in encodings whose bytes are not those of ASCII: applications read them, and scanners would not."""

import re
from collections.abc import Sequence
from functools import lru_cache
from json import detect_encoding

_CODECS = {
    **dict.fromkeys((b"utf-16", b"utf16", b"ucs-2", b"iso-10646-ucs-2", b"unicode", b"csunicode"), "utf-16"),
    **dict.fromkeys((b"utf-16le", b"utf-16-le", b"unicodelittle"), "utf-16-le"),
    **dict.fromkeys((b"utf-16be", b"utf-16-be", b"unicodebig", b"unicodefffe"), "utf-16-be"),
    **dict.fromkeys((b"utf-32", b"utf32", b"ucs-4", b"iso-10646-ucs-4"), "utf-32"),
    b"utf-32le": "utf-32-le",
    b"utf-32be": "utf-32-be",
    **dict.fromkeys((b"utf-7", b"utf7", b"unicode-1-1-utf-7", b"csunicode11utf7"), "utf-7"),
    **dict.fromkeys((b"iso-2022-jp", b"csiso2022jp"), "iso-2022-jp"),
    **dict.fromkeys((b"iso-2022-kr", b"csiso2022kr"), "iso-2022-kr"),
    **dict.fromkeys((b"hz-gb-2312", b"hz", b"hzgb"), "hz"),
}
_EBCDIC = re.compile(rb"(?:ibm|cp|ebcdic-cp-)[-_]?0*(037|us|273|424|500|875|1026|1140)")
_EBCDIC_CODECS = {b"037": "cp037", b"us": "cp037"}
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.-]{1,40})")
_EBCDIC_XML = "<?xm".encode("cp037")
_MARKS = (b"\xff\xfe", b"\xfe\xff")


def recode(text: bytes, charset: bytes) -> bytes | None:
    """The text in UTF-8, if `charset`, its beginning or its XML declaration say that it is not like ASCII."""
    codec = _codec(charset) or _seen(text)
    if codec is None:
        return None
    return text.decode(codec, "replace").encode(errors="replace")


def recode_each(texts: Sequence[bytes], charset: bytes) -> list[bytes]:
    """Each of them in UTF-8, of a charset that is unlike ASCII; together where each byte is a character."""
    codec = _codec(charset)
    if codec is None:
        return list(texts)
    if codec.startswith("cp"):
        recoded = b"\0".join(texts).decode(codec, "replace").encode().split(b"\0")
        if len(recoded) == len(texts):
            return recoded
    return [text.decode(codec, "replace").encode(errors="replace") for text in texts]


def is_unlike_ascii(charset: bytes) -> bool:
    """Whether text of this charset is to be recoded, whatever it looks like."""
    return _codec(charset) is not None


@lru_cache(maxsize=64)
def _codec(charset: bytes) -> str | None:
    name = charset.strip().lower().replace(b"_", b"-")
    known = _CODECS.get(name)
    if known is not None:
        return known
    match = _EBCDIC.fullmatch(name)
    if match is None:
        return None
    return _EBCDIC_CODECS.get(match[1], "cp" + match[1].decode())


def _seen(text: bytes) -> str | None:
    """What the first bytes say: a byte order mark, null bytes as in UTF-16 and UTF-32, or a declaration."""
    beginning = text[:4]
    if beginning.startswith(_MARKS) or b"\0" in beginning:
        detected = detect_encoding(beginning)
        return None if detected.startswith("utf-8") else detected
    if beginning == _EBCDIC_XML:
        return "cp037"
    if beginning == b"<?xm":
        match = _XML_ENCODING.match(text)
        return _codec(match[1]) if match else None
    return None

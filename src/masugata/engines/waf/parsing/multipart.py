"""Forms with files: `multipart/form-data` (RFC 7578), as lenient as applications are."""

import re
from binascii import Error, a2b_base64, a2b_qp

import msgspec

from masugata.engines.waf.parsing.content_types import parameters, split_parameters
from masugata.engines.waf.parsing.recoding import recode
from masugata.engines.waf.transformations import url_decode

MAX_PARTS = 300
_BLANKS = b" \t\r\n-"
_PLAIN_FILE = re.compile(
    rb'form-data(?:; ?name="[^"\\]*")?(?:; ?filename="[^"\\]*")(?:; ?filename\*=[^";,\s]+)?', re.IGNORECASE
)
_WORD = re.compile(rb"=\?[\w-]{1,40}\?([bq])\?([^?\s]{1,1024})\?=", re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]+")


class Part(msgspec.Struct, frozen=True):
    """A field or a file; `alternatives` are other readings of the content.

    `is_file` is false of a file whose header some parser could take for that of a field.
    """

    name: bytes
    is_file: bool
    file_names: tuple[bytes, ...]
    content_type: bytes
    content: bytes
    alternatives: tuple[bytes, ...] = ()


class Multipart(msgspec.Struct, frozen=True):
    """`well_formed` unless some parser could read it otherwise: then the raw body must be looked at, too."""

    parts: tuple[Part, ...]
    well_formed: bool


def parse_multipart(body: bytes, boundary: bytes, *, cut: bool) -> Multipart:
    """Parts in order, at most 300; parts within parts are not followed. `cut`: the end is not here."""
    if not boundary:
        return Multipart((), well_formed=False)
    preamble, *pieces = body.split(b"--" + boundary, MAX_PARTS)
    well_formed = bool(pieces) and not preamble.strip(_BLANKS)
    parts: list[Part] = []
    ended = False
    for number, piece in enumerate(pieces):
        if ended or piece.startswith(b"--"):
            ended = True
            well_formed = well_formed and not piece.strip(_BLANKS)
            continue
        part = _part(piece)
        if part is None:
            well_formed = False
            continue
        parts.append(part)
        last = number == len(pieces) - 1
        well_formed = well_formed and (last or piece.endswith(b"\n"))
    return Multipart(tuple(parts), well_formed and (ended or cut) and len(pieces) < MAX_PARTS)


def _part(piece: bytes) -> Part | None:
    """One part between two delimiters; None without a header that names it."""
    piece = piece.lstrip(b" \t")
    lines = b"\r\n" if piece.startswith(b"\r\n") else b"\n"
    head, blank, content = piece.partition(lines * 2)
    if not blank or not head.startswith(lines):
        return None
    headers = _headers(head)
    disposition = headers.get(b"content-disposition")
    if disposition is None:
        return None
    _, found = split_parameters(disposition)
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    names = [
        url_decode.transform(value.replace(b"+", b"%2B")) if key.endswith(b"*") else value
        for key, value in found
        if key.startswith(b"filename") and value
    ]
    names += [words for name in names if (words := _WORD.sub(_word, name)) != name]
    content_type = headers.get(b"content-type", b"")
    return Part(
        next(iter(parameters(found, b"name")), b""),
        len(names) > 0 and _PLAIN_FILE.fullmatch(disposition) is not None,
        tuple(names),
        content_type,
        content,
        _alternatives(content, content_type, headers.get(b"content-transfer-encoding")),
    )


def _alternatives(content: bytes, content_type: bytes, encoding: bytes | None) -> tuple[bytes, ...]:
    """The content as its transfer encoding and its charset have it."""
    charsets = parameters(split_parameters(content_type)[1], b"charset") if content_type else ()
    recoded = recode(content, charsets[0] if charsets else b"")
    transferred = None if encoding is None else _transferred(content, encoding)
    return tuple([text for text in (transferred, recoded) if text])


def _headers(head: bytes) -> dict[bytes, bytes]:
    """Of each name the last; folded lines are joined."""
    if b"\n " in head or b"\n\t" in head:
        head = _FOLD.sub(b" ", head)
    headers: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _word(found: re.Match[bytes]) -> bytes:
    """What an encoded word (RFC 2047) stands for, which Java's parsers read in names of files."""
    if found[1] in b"bB":
        return _transferred(found[2], b"base64") or found[0]
    return a2b_qp(found[2], header=True)


def _transferred(content: bytes, encoding: bytes) -> bytes | None:
    """The content as the (deprecated) transfer encoding has it."""
    try:
        match encoding.strip().lower():
            case b"base64":
                return a2b_base64(content)
            case b"quoted-printable":
                return a2b_qp(content)
            case _:
                return None
    except Error:
        return None

"""Parameters of headers: `Content-Type` and `Content-Disposition` (RFC 9110, section 5.6.6)."""

import re
from functools import lru_cache

import msgspec

from masugata.engines.waf.parsing.recoding import is_unlike_ascii

_PARAMETER = re.compile(
    rb';[ \t]*([^=;"\s]+)[ \t]*=[ \t]*(?:"([^"\\]*+(?>(?:\\.[^"\\]*+)*))"?|([^;]*))', re.DOTALL
)
_REMEMBERED = 128  # bytes of headers that are: other requests send the same

ContentType = tuple[bytes, tuple[tuple[bytes, bytes], ...]]
"""What is sent, in lower case, and its parameters in order: names in lower case, values unquoted."""


class ContentTypes(msgspec.Struct, frozen=True):
    """What the `Content-Type` headers of a request say: of several the first and last, as of charsets.

    `types` has an empty one where there is none. `unlike_ascii` are charsets whose bytes are not ASCII's.
    """

    types: tuple[ContentType, ...]
    charsets: tuple[bytes, ...]
    unlike_ascii: tuple[bytes, ...]


def content_types(headers: tuple[bytes, ...]) -> ContentTypes:
    """What they say."""
    return _known(headers) if sum(map(len, headers)) <= _REMEMBERED else _read(headers)


def _read(headers: tuple[bytes, ...]) -> ContentTypes:
    types = tuple([split_parameters(header) for header in first_and_last(headers) or (b"",)])
    named = [name for _, found in types for name in parameters(found, b"charset")]
    charsets = first_and_last(tuple(named))
    return ContentTypes(types, charsets, tuple([name for name in charsets if is_unlike_ascii(name)]))


_known = lru_cache(maxsize=256)(_read)


def split_parameters(header: bytes) -> ContentType:
    """A value and its parameters."""
    value, semicolon, _ = header.partition(b";")
    if not semicolon:
        return value.strip().lower(), ()
    found = tuple(
        [
            (name.lower(), quoted.replace(b"\\", b"") if quoted else token.strip())
            for name, quoted, token in _PARAMETER.findall(header, len(value))
        ]
    )
    return value.strip().lower(), found


def parameters(found: tuple[tuple[bytes, bytes], ...], name: bytes) -> tuple[bytes, ...]:
    """All parameters of this name: of several, applications take the first or the last."""
    return tuple([value for key, value in found if key == name])


def first_and_last(given: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Of a parameter that is given several times, what applications take."""
    return given[:1] + given[1:][-1:]

"""Parameters of headers: `Content-Type` and `Content-Disposition` (RFC 9110, section 5.6.6)."""

import re

_PARAMETER = re.compile(
    rb';[ \t]*([^=;"\s]+)[ \t]*=[ \t]*(?:"([^"\\]*+(?>(?:\\.[^"\\]*+)*))"?|([^;]*))', re.DOTALL
)
ContentType = tuple[bytes, tuple[tuple[bytes, bytes], ...]]
"""What is sent, in lower case, and its parameters in order: names in lower case, values unquoted."""
UNTYPED: ContentType = (b"", ())


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

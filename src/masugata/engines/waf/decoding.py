"""What a value may become on its way: decoded again and again, until nothing is left to decode."""

from urllib.parse import unquote_to_bytes

DEEPEST = 3


def layers(value: bytes) -> tuple[bytes, ...]:
    """The value and what each decoding makes of it."""
    if b"%" not in value:
        return (value,)
    found = [value]
    while len(found) <= DEEPEST and (decoded := unquote_to_bytes(found[-1])) != found[-1]:
        found.append(decoded)
    return tuple(found)

"""What becomes of a code of 16 bits where there is room for 8."""


def low_byte(digits: bytes) -> bytes:
    """The byte that hexadecimal digits stand for: full-width letters (FF01 to FF5E) become ASCII.

    Of all other codes only the lower byte is left, as AWS documents it.
    """
    code = int(digits, 16)
    if 0xFF01 <= code <= 0xFF5E:
        code -= 0xFEE0
    return bytes([code & 0xFF])

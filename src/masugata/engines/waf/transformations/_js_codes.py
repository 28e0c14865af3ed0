"""Escapes of JavaScript that hold the code of a character."""

from masugata.engines.waf.transformations._escapes import low_byte

CODE = rb"u[0-9a-fA-F]{4}|u\{0{0,8}[0-9a-fA-F]{1,6}\}|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|[0-7]{1,2}"


def decode_code(code: bytes) -> bytes | None:
    """The byte that a code, without its backslash, stands for; None for anything else."""
    if code.isdigit():
        return bytes([int(code, 8)]) if code[:1] < b"8" else None
    digits = code[1:].strip(b"{}")
    return low_byte(digits) if digits and code[:1] in {b"u", b"x"} else None

"""The key derivation function that everything here uses.

Source: NIST SP 800-108r1, section 4.1, counter mode with HMAC-SHA256.
"""

import hmac


def derive(key: bytes, label: bytes, context: bytes) -> bytes:
    """32 bytes derived from `key` for the use that `label` names, in this `context`.

    The label has no zero byte. The length that the fixed input ends with is 256 bits.
    """
    return first_block(key, label + b"\x00" + context + b"\x00\x00\x01\x00")


def first_block(key: bytes, fixed_input: bytes) -> bytes:
    """The first 32 bytes of output, under a counter of 32 bits before the fixed input."""
    # Not `hmac.digest`: it lets other threads in between, which takes longer than all the rest.
    return hmac.new(key, b"\x00\x00\x00\x01" + fixed_input, "sha256").digest()

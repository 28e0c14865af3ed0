"""The key derivation function that everything here uses.

Source: NIST SP 800-108r1, section 4.1, counter mode with HMAC-SHA256.
"""

import hmac


def derive(key: bytes, label: bytes, context: bytes) -> bytes:
    """32 bytes derived from `key` for the use that `label` names, in this `context`.

    One block suffices: counter and length are 32 bits, the length is 256.
    """
    message = b"\x00\x00\x00\x01" + label + b"\x00" + context + b"\x00\x00\x01\x00"
    return hmac.digest(key, message, "sha256")

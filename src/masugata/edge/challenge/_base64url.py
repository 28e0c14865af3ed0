"""Bytes as they go into cookies and addresses."""

import base64
import binascii


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: bytes) -> bytes | None:
    """The bytes, if this is the one way to write them."""
    try:
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return None
    # Characters that are none are left out, and bits behind the end ignored, by what is lenient.
    return data if base64.urlsafe_b64encode(data).rstrip(b"=") == text else None

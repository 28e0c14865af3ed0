"""What an event may show of a request or response."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
# What the models mark as sensitive, and what they should.
_SECRET_MEMBERS = frozenset(
    {
        "AddPrivateKey",
        "AuthenticationCode1",
        "AuthenticationCode2",
        "Base32StringSeed",
        "ContextAssertion",
        "DecodedMessage",
        "EncodedMessage",
        "NewPassword",
        "OldPassword",
        "Password",
        "PrivateKey",
        "QRCodePNG",
        "SAMLAssertion",
        "SecretAccessKey",
        "ServiceCredentialSecret",
        "ServicePassword",
        "SessionToken",
        "TokenCode",
        "TradeInToken",
        "WebIdentityToken",
    }
)
_PRIVATE_KEY = "PRIVATE KEY-----"
_LONGEST_TEXT = 16_384


def redact(value: Any) -> Any:
    """A copy of AWS-shaped data for an event: lowerCamelCase names, secrets hidden, plain JSON types.

    Secrets are known by their member's name, and private keys in PEM wherever somebody put them; a blob is
    never shown.
    """
    if isinstance(value, Mapping):
        return {
            _lower_camel(name): HIDDEN if name in _SECRET_MEMBERS else redact(member)
            for name, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact(member) for member in value]
    if isinstance(value, datetime):
        return value.strftime("%b %-d, %Y, %-I:%M:%S %p")
    if isinstance(value, bytes | bytearray | memoryview):
        return HIDDEN
    if isinstance(value, str) and _PRIVATE_KEY in value:
        return HIDDEN
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return value[:_LONGEST_TEXT] + "…"
    return value


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]

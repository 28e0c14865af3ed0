"""Which members of a request its event shows, where that is not just those that were given.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html
"""

from collections.abc import Mapping
from typing import Any, Final

OMITTED: Final[Mapping[str, frozenset[str]]] = {
    "kms": frozenset(
        {
            "CiphertextBlob",
            "EncryptedKeyMaterial",
            "GrantTokens",
            "ImportToken",
            "Mac",
            "Message",
            "Plaintext",
            "PublicKey",
            "Recipient",
            "SharedSecretCiphertextBlob",
            "Signature",
        }
    ),
}
"""By service, the members that its events leave out: in others they would be there, and hidden."""

_SYMMETRIC: Final = {"EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
_RAW: Final = {"MessageType": "RAW"}
DEFAULTS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("kms", "Decrypt"): _SYMMETRIC,
    ("kms", "Encrypt"): _SYMMETRIC,
    ("kms", "ReEncrypt"): {
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    },
    ("kms", "Sign"): _RAW,
    ("kms", "Verify"): _RAW,
}
"""By operation, what an event shows of members that were not given."""


def shown_request(
    service: str, operation: str, request: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """The members of a request that an event of the operation shows; the secret ones are still in clear."""
    if not request or (omitted := OMITTED.get(service)) is None:
        return request
    given = {name: value for name, value in request.items() if name not in omitted}
    return {**DEFAULTS.get((service, operation), {}), **given}

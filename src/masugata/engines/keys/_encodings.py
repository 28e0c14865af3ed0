"""How keys are written down: one DER form for each spec, and no other is taken.

A parser that takes several forms (explicit curve parameters, compressed points, BER) takes more than it has
to, and one key would have several names. Sources: RFC 5280 (SubjectPublicKeyInfo), RFC 5480 (EC), RFC 8410
(Ed25519), RFC 9881 (ML-DSA), RFC 9935 (ML-KEM), RFC 5208 (PKCS #8).
"""

from collections.abc import Mapping
from typing import Final

IDENTIFIERS: Final[Mapping[str, bytes]] = {
    **dict.fromkeys(("RSA_2048", "RSA_3072", "RSA_4096"), bytes.fromhex("300d06092a864886f70d0101010500")),
    "ECC_NIST_P256": bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107"),
    "ECC_NIST_P384": bytes.fromhex("301006072a8648ce3d020106052b81040022"),
    "ECC_NIST_P521": bytes.fromhex("301006072a8648ce3d020106052b81040023"),
    "ECC_SECG_P256K1": bytes.fromhex("301006072a8648ce3d020106052b8104000a"),
    "ECC_NIST_EDWARDS25519": bytes.fromhex("300506032b6570"),
    "ML_DSA_44": bytes.fromhex("300b0609608648016503040311"),
    "ML_DSA_65": bytes.fromhex("300b0609608648016503040312"),
    "ML_DSA_87": bytes.fromhex("300b0609608648016503040313"),
    "ML_KEM_768": bytes.fromhex("300b0609608648016503040402"),
    "ML_KEM_1024": bytes.fromhex("300b0609608648016503040403"),
}
"""The AlgorithmIdentifier of each asymmetric spec, in DER, with the curve's name."""

PUBLIC_SIZES: Final[Mapping[str, int]] = {
    "ECC_NIST_P256": 65,
    "ECC_NIST_P384": 97,
    "ECC_NIST_P521": 133,
    "ECC_SECG_P256K1": 65,
    "ECC_NIST_EDWARDS25519": 32,
    "ML_DSA_44": 1312,
    "ML_DSA_65": 1952,
    "ML_DSA_87": 2592,
    "ML_KEM_768": 1184,
    "ML_KEM_1024": 1568,
}
"""Bytes of a public key without its wrapping; RSA's come in several lengths."""


def public_bytes_of(spec: str, der: bytes) -> bytes | None:
    """The public key in a SubjectPublicKeyInfo of a spec in `PUBLIC_SIZES`; None if it is anything else."""
    raw = der[-PUBLIC_SIZES[spec] :]
    return raw if _sequence(IDENTIFIERS[spec] + _bit_string(raw)) == der else None


def is_pkcs8_of(spec: str, der: bytes) -> bool:
    """Whether DER begins as a private key of this spec does; the rest is for the parser."""
    if len(der) < 2 or der[0] != 0x30:
        return False
    version = der[2 + max(0, der[1] - 0x80) :]  # the length may have bytes of its own
    return version[:2] == b"\x02\x01" and version[3:].startswith(IDENTIFIERS[spec])


def _sequence(content: bytes) -> bytes:
    return b"\x30" + _length(content) + content


def _bit_string(content: bytes) -> bytes:
    content = b"\x00" + content
    return b"\x03" + _length(content) + content


def _length(content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((size,))
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(digits),)) + digits

"""The metadata of a SAML identity provider: who it is, and which certificates it signs with.

Sources: SAML 2.0 Metadata, sections 2.3 to 2.4; CreateSAMLProvider of the IAM API Reference.
"""

import binascii
from base64 import b64decode
from datetime import datetime
from typing import Any, NamedTuple

from masugata.identity.federation._xml import (
    METADATA,
    PROTOCOL,
    SIGNATURE,
    BadXmlError,
    children,
    moment,
    parse,
    value,
)

_LONGEST_ENTITY_ID = 1024
_MOST_CERTIFICATES = 20
_LEAST_RSA_BITS = 2048


class SamlMetadata(NamedTuple):
    """What counts of a metadata document; certificates are DER, the time is in whole seconds as IAM's are."""

    issuer: str
    certificates: tuple[bytes, ...]
    valid_until: datetime | None


def read_metadata(text: str) -> SamlMetadata:
    """The provider that a metadata document describes; raises ValueError."""
    root = parse(text)
    if root.tag != f"{{{METADATA}}}EntityDescriptor":
        raise BadXmlError("its root is not an EntityDescriptor")
    issuer = root.get("entityID", "")
    if not 1 <= len(issuer) <= _LONGEST_ENTITY_ID or not issuer.isprintable():
        raise BadXmlError("it has no entityID")
    roles = [
        role
        for role in children(root, METADATA, "IDPSSODescriptor")
        if PROTOCOL in role.get("protocolSupportEnumeration", "").split()
    ]
    found = dict.fromkeys(certificate for role in roles for certificate in _signing_certificates(role))
    if not found or len(found) > _MOST_CERTIFICATES:
        raise BadXmlError(f"it has {len(found)} usable signing certificates of an IDPSSODescriptor")
    until = root.get("validUntil")
    return SamlMetadata(issuer, tuple(found), None if until is None else moment(until).replace(microsecond=0))


def _signing_certificates(role: Any) -> list[bytes]:
    found = []
    for descriptor in children(role, METADATA, "KeyDescriptor"):
        if descriptor.get("use", "signing") != "signing":
            continue
        for element in descriptor.iterfind(f".//{{{SIGNATURE}}}X509Certificate"):
            try:
                der = b64decode("".join(value(element).split()), validate=True)
            except binascii.Error as error:
                raise BadXmlError("a certificate is not in Base64") from error
            found.append(_usable(der))
    return found


def _usable(der: bytes) -> bytes:
    """A certificate whose key is strong enough to vouch for anybody; raises ValueError.

    Its dates do not count, as in AWS: it is the account that says for how long the key is trusted.
    """
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415

    try:
        key = x509.load_der_x509_certificate(der).public_key()
    except (x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise BadXmlError(f"a certificate cannot be used: {error}") from error
    strong = isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS
    if not strong and not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadXmlError(
            f"a certificate's key is neither RSA of {_LEAST_RSA_BITS} bits and more nor elliptic"
        )
    return der

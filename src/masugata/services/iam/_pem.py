"""Certificates and keys in PEM, with AWS's errors for what is none.

What reads them is imported where it is used: it would be a sixth of every start, and few servers need it.
"""

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from masugata.errors import AwsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers
    from cryptography.x509 import Certificate

_BEGIN = "-----BEGIN "
_CHAIN_LIMIT = 32
"""Certificates in a chain; checking a signature for each of ten thousand would hold up everybody."""


def malformed_certificate(message: str) -> AwsError:
    """IAM's answer to what is no certificate."""
    return AwsError("MalformedCertificate", message, 400)


def certificate(body: str) -> "Certificate":
    """The one certificate in PEM text; raises MalformedCertificate."""
    try:
        found = _certificates(body)
        if len(found) == 1:
            # Read what is needed later while an unreadable field is still the sender's mistake.
            _ = found[0].public_key(), found[0].not_valid_after_utc
            return found[0]
    except (ValueError, UnsupportedAlgorithm):
        pass
    raise malformed_certificate(
        "Unable to parse certificate. Please ensure the certificate is in PEM format."
    )


def check_chain(leaf: "Certificate", chain: str) -> None:
    """Each certificate of `chain` must have issued the one before; raises MalformedCertificate."""
    try:
        issuers = _certificates(chain)
    except ValueError:
        raise malformed_certificate(
            "Unable to parse certificate chain. Please ensure the chain is in PEM format."
        ) from None
    if len(issuers) > _CHAIN_LIMIT:
        raise malformed_certificate(f"The certificate chain has more than {_CHAIN_LIMIT} certificates.")
    issued = leaf
    for index, issuer in enumerate(issuers):
        try:
            issued.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            raise malformed_certificate(
                "Unable to validate certificate chain. The certificate chain must start with the immediate"
                " signing certificate, followed by any intermediaries in order. The index within the chain of"
                f" the invalid certificate is: {index - 1}"
            ) from None
        issued = issuer


def check_private_key(leaf: "Certificate", private_key: str) -> None:
    """The key must be that of `leaf`, in PEM without a password.

    Raises MalformedCertificate and KeyPairMismatch.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415

    try:
        # To test the primes of a large key would hold up every other thread, for half a minute and more.
        key = serialization.load_pem_private_key(
            private_key.encode(), None, unsafe_skip_rsa_key_validation=True
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise malformed_certificate(
            "Unable to parse private key. Please ensure the key is in PEM format and not encrypted."
        ) from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise malformed_certificate("The private key must be an RSA or ECDSA key.")
    if isinstance(key, RSAPrivateKey) and not _consistent(key.private_numbers()):
        raise malformed_certificate("The numbers of the RSA private key contradict each other.")
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
        raise AwsError("KeyPairMismatch", "The public key certificate and the private key do not match.", 400)


def _certificates(text: str) -> "list[Certificate]":
    """The certificates in PEM text; raises ValueError if there is something else, such as their key.

    The text is kept as it is and shown to whoever may see certificates.
    """
    from cryptography import x509  # noqa: PLC0415

    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except x509.InvalidVersion as error:
        raise ValueError(str(error)) from error
    if text.count(_BEGIN) != len(found):
        raise ValueError("not only certificates")
    return found


def _consistent(key: "RSAPrivateNumbers") -> bool:
    """Whether the numbers fit each other, if the primes are primes (RFC 8017, section 3.2)."""
    p, q, e = key.p, key.q, key.public_numbers.e
    if min(p, q) < 2 or p * q != key.public_numbers.n:
        return False
    exponents = ((key.d, p), (key.dmp1, p), (key.d, q), (key.dmq1, q))
    return all(exponent * e % (prime - 1) == 1 for exponent, prime in exponents) and key.iqmp * q % p == 1

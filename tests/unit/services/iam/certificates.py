"""Keys and certificates that tests make for themselves."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

START = datetime(2026, 11, 1, tzinfo=UTC)


@cache
def rsa_key(bits=2048):
    """An RSA key; the same one for the same size."""
    return rsa.generate_private_key(65537, bits)


def ec_key():
    """A key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate(key, name="shop.example", *, issuer=None, start=START, days=90):
    """A certificate for `key`, signed by itself or by `issuer` (certificate, key)."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name, issuer_key = (subject, key) if issuer is None else (issuer[0].subject, issuer[1])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(issuer_key, hashes.SHA256())
    )


def pem(thing):
    """A certificate or a private key in PEM."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM).decode()
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

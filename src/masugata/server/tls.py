"""TLS for the listener: given files, or a certificate from a local authority made here."""

import ipaddress
import logging
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from masugata.server.credentials_file import alone, write_privately
from masugata.settings import Settings, SettingsError

_log = logging.getLogger(__name__)

_AUTHORITY_YEARS = 10
_AUTHORITY_LEAST_DAYS = 30
_SERVER_DAYS = 397
_SERVER_LEAST_DAYS = 300
_REMEDY = "put the right files back, or delete both for a new authority, which clients must trust anew"


class TlsFiles(NamedTuple):
    """PEM files: certificate chain, private key, and the local authority if there is one."""

    certificate: Path
    key: Path
    authority: Path | None


def tls_files(settings: Settings, now: datetime) -> TlsFiles:
    """The files that `--tls` asks for, made if it says `auto`; raises `SettingsError`."""
    if settings.tls == "auto":
        with alone(settings.data):
            files = _automatic(settings, now)
    else:
        certificate, comma, key = (settings.tls or "").partition(",")
        files = TlsFiles(Path(certificate), Path(key), None)
        if not comma or not files.certificate.is_file() or not files.key.is_file():
            raise SettingsError(f"--tls takes `auto` or two files CERT,KEY, not `{settings.tls}`")
    try:
        # A key under a password would be asked for on the terminal; an empty answer is a refusal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files[:2], password=lambda: b"")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise SettingsError(
            f"`{files.certificate}` and `{files.key}` are not a PEM certificate and its key without a "
            f"password: {reason}"
        ) from error
    return files


def _automatic(settings: Settings, now: datetime) -> TlsFiles:
    """A local authority, made once, and a server certificate, made again if it is old or for other names."""
    folder = settings.data / "tls"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority_file, authority_key_file = folder / "ca.pem", folder / "ca.key"
    found = _load_authority(authority_file, authority_key_file, now)
    if found is None:
        authority_key = ec.generate_private_key(ec.SECP256R1())
        authority = _authority(authority_key, now)
        write_privately(authority_key_file, _pem(authority_key))
        write_privately(authority_file, authority.public_bytes(serialization.Encoding.PEM))
    else:
        authority, authority_key = found
    # Key and certificate are in one file, and it stays: OpenSSL opens it once for each, and a server that
    # starts here at the same time must not put another pair in between.
    server_file = folder / "server.pem"
    names = _names(settings)
    if not _is_good(server_file, authority, names, now):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _server_certificate(key, authority, authority_key, names, now)
        write_privately(server_file, _pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
    return TlsFiles(server_file, server_file, authority_file)


def _is_good(file: Path, authority: x509.Certificate, names: list[x509.GeneralName], now: datetime) -> bool:
    """Whether the file holds a key and its certificate: by this authority, for these names, and not old."""
    try:
        text = file.read_bytes()
        certificate = x509.load_pem_x509_certificate(text)
        key = serialization.load_pem_private_key(text, None)
        certificate.verify_directly_issued_by(authority)
        own = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature, x509.ExtensionNotFound):
        return False
    lasts = certificate.not_valid_after_utc >= now + timedelta(days=_SERVER_LEAST_DAYS)
    return lasts and list(own) == names and key.public_key() == certificate.public_key()


def _load_authority(
    file: Path, key_file: Path, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """The authority that was made before; None if there is none or its time is over."""
    if not file.exists():
        return None  # a key alone has signed nothing that anybody trusts
    try:
        authority = x509.load_pem_x509_certificate(file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"cannot read `{file}` and `{key_file}`; {_REMEDY}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != authority.public_key():
        raise SettingsError(f"`{key_file}` is not the key of `{file}`; {_REMEDY}")
    if authority.not_valid_after_utc < now + timedelta(days=_AUTHORITY_LEAST_DAYS):
        _log.warning("the authority `%s` has expired or is about to: making a new one", file)
        return None
    return authority, key


def _names(settings: Settings) -> list[x509.GeneralName]:
    """What clients may call this server: loopback, this machine, and the allowed hosts."""
    names: list[x509.GeneralName] = []
    for host in dict.fromkeys(
        ("localhost", "127.0.0.1", "::1", settings.host, socket.gethostname(), *settings.allowed_hosts)
    ):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    return names


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "masugata local authority")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(hours=1))
        .not_valid_after(now.astimezone(UTC) + timedelta(days=365 * _AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _server_certificate(
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    now: datetime,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "masugata")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(hours=1))
        .not_valid_after(now.astimezone(UTC) + timedelta(days=_SERVER_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

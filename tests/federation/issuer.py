"""A real OpenID Connect issuer on loopback: TLS, discovery, a key set, and tokens signed at run time."""

import hashlib
import json
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey, Key, RSAKey

AUDIENCE = "sts.amazonaws.com"
SUBJECT = "repo:shop/menu:ref:refs/heads/main"
_RSA = rsa.generate_private_key(65537, 2048)


class Issuer:
    """Serves the discovery document and `/keys`; `documents` and `asked` are the test's to change.

    Use it as a context manager. `host` is what it goes by; its certificate is of an authority of its own.
    """

    def __init__(self, folder: Path, name: str = "localhost") -> None:
        self.authority, self.thumbprint = certificate(folder, name)
        self.key: Key = RSAKey.import_key(_RSA, {"kid": "first", "use": "sig"})
        self.elliptic: Key = ECKey.generate_key("P-256", {"kid": "curved", "use": "sig"})
        self.asked: list[str] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.host = f"localhost:{self._server.server_port}"
        self.url = f"https://{self.host}/realm"
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.documents: dict[str, Any] = {
            "/realm/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/realm/keys": {"keys": [self.public(self.key), self.public(self.elliptic)]},
        }

    def public(self, key: Key) -> dict[str, Any]:
        """A key as the key set shows it."""
        return dict(key.as_dict(private=False))

    def claims(self, now: datetime | None = None, **changed: Any) -> dict[str, Any]:
        """The claims of a good token; a change to None leaves one out."""
        moment = int((now or datetime.now(UTC)).timestamp())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": SUBJECT, "iat": moment, "exp": moment + 600}
        return {name: value for name, value in {**good, **changed}.items() if value is not None}

    def token(self, header: dict[str, Any] | None = None, key: Key | None = None, **changed: Any) -> str:
        """A token with these claims, signed with the issuer's key."""
        return self.sign(json.dumps(self.claims(**changed)), header, key)

    def sign(self, payload: str, header: dict[str, Any] | None = None, key: Key | None = None) -> str:
        """Any payload, signed."""
        protected = {"alg": "RS256", "kid": "first", **(header or {})}
        protected = {name: value for name, value in protected.items() if value is not None}
        registry = jws.JWSRegistry(algorithms=[protected["alg"]], strict_check_header=False)
        return jws.serialize_compact(protected, payload, key or self.key, registry=registry)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            """Answers what the test set."""

            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                if self.path in issuer.answers:
                    issuer.answers[self.path](self)
                    return
                document = issuer.documents.get(self.path)
                body = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(404 if document is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Clients that do not trust the certificate hang up; that is what they are here for."""


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, str]:
    """An authority and a server certificate by it, in `folder`: `authority.pem`, `chain.pem`, `key.pem`.

    Returns the authority's file and its SHA-1 thumbprint.
    """
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    now = datetime.now(UTC)

    def build(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )

    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    key_identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority = (
        build(authority_name, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(key_identifier, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    server = (
        build(server_name, server_key)
        .add_extension(names, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_identifier), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    pem = authority.public_bytes(Encoding.PEM)
    (folder / "authority.pem").write_bytes(pem)
    (folder / "chain.pem").write_bytes(server.public_bytes(Encoding.PEM) + pem)
    (folder / "key.pem").write_bytes(
        server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return folder / "authority.pem", hashlib.sha1(
        authority.public_bytes(Encoding.DER), usedforsecurity=False
    ).hexdigest()

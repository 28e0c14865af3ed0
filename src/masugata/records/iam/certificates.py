"""Certificates: those that sign for a user, and those that servers show."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class SigningCertificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An X.509 certificate that signs for a user; `owner_id` as in `AccessKey`, `body` is PEM.

    `fingerprint` is the SHA-256 of the certificate's DER form, in hexadecimal.
    """

    version: int = 1
    id: str
    owner_id: str
    body: str
    fingerprint: str
    active: bool = True
    upload_date: datetime


class ServerCertificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate with its chain (PEM, as uploaded) and its private key, sealed under the `id`."""

    version: int = 1
    name: str
    path: str = "/"
    id: str
    body: str
    chain: str | None = None
    private_key: bytes
    upload_date: datetime
    expiration: datetime
    tags: tuple[Tag, ...] = ()


SIGNING_CERTIFICATE = Kind(
    "iam",
    "signing-certificate",
    SigningCertificate,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id)],
    references=lambda r: [("owner", r.owner_id), ("fingerprint", r.fingerprint)],
)
SERVER_CERTIFICATE = Kind(
    "iam",
    "server-certificate",
    ServerCertificate,
    key=lambda r: r.name.lower(),
    names=lambda r: [("id", r.id)],
    references=lambda _: (),
)

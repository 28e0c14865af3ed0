"""SSH public keys of users."""

from datetime import datetime

import msgspec

from masugata.records.kind import Kind


class SSHPublicKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A public key of a user, in OpenSSH's form; `fingerprint` is the MD5 of its wire form, colon hex."""

    version: int = 1
    id: str
    owner_id: str
    body: str
    fingerprint: str
    active: bool = True
    upload_date: datetime


SSH_PUBLIC_KEY = Kind(
    "iam",
    "ssh-public-key",
    SSHPublicKey,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id)],
    references=lambda r: [("owner", r.owner_id)],
)

"""All fields of records that the keeper has sealed: what must be sealed anew under a new root key.

What is sealed and not stored, tokens above all, is in `UNSTORED`: nobody can seal it anew, so it is valid as
long as its root key is kept.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from masugata.identity import issuer, mfa, passwords
from masugata.keeper import ACCESS_KEY_PURPOSE, Material
from masugata.keeper.local_materials import MATERIAL_PURPOSE, material_identity
from masugata.records.iam import (
    ACCESS_KEY,
    LOGIN_PROFILE,
    MFA_DEVICE,
    OUTBOUND_FEDERATION,
    SERVER_CERTIFICATE,
    SERVICE_SPECIFIC_CREDENTIAL,
    OutboundFederation,
)
from masugata.records.kind import Kind
from masugata.records.kms import CREDENTIAL_PURPOSE, CUSTOM_KEY_STORE, KEY, KEY_MATERIAL, KeyMaterial
from masugata.records.wafv2 import API_KEY, API_KEY_PURPOSE
from masugata.services.iam import server_certificates, service_specific_credentials
from masugata.store import Records


class Place(NamedTuple):
    """Where a record is."""

    records: Records
    account: str
    region: str


class Sealed(NamedTuple):
    """A sealed secret, and what it is bound to."""

    blob: bytes
    identity: bytes


class SealedField(NamedTuple):
    """A field of a kind of records: how its secrets are found in a record, and put back in their order."""

    kind: Kind[Any]
    field: str
    purpose: str
    find: Callable[[Place, Any], tuple[Sealed, ...]]
    put: Callable[[Any, tuple[bytes, ...]], Any]


def _field(
    kind: Kind[Any], field: str, purpose: str, identity: Callable[[Place, Any], bytes | None]
) -> SealedField:
    """A field that is one secret; empty, or without an identity, it holds none."""

    def find(place: Place, record: Any) -> tuple[Sealed, ...]:
        blob: bytes = getattr(record, field)
        bound_to = identity(place, record) if blob else None
        return () if bound_to is None else (Sealed(blob, bound_to),)

    def put(record: Any, blobs: tuple[bytes, ...]) -> Any:
        return msgspec.structs.replace(record, **{field: blobs[0]})

    return SealedField(kind, field, purpose, find, put)


def _material(place: Place, record: KeyMaterial) -> bytes | None:
    key = place.records.get(KEY, place.account, record.key_id, place.region)
    if key is None:  # what is left of a key that was deleted belongs to nobody
        return None
    return material_identity(Material(place.account, key.id, record.id, key.spec, key.usage, b""))


def _find_issuer_keys(place: Place, record: OutboundFederation) -> tuple[Sealed, ...]:
    return tuple(Sealed(key.secret, issuer.key_identity(place.account, key.id)) for key in record.keys)


def _put_issuer_keys(record: OutboundFederation, blobs: tuple[bytes, ...]) -> OutboundFederation:
    replace = msgspec.structs.replace
    keys = tuple(replace(key, secret=blob) for key, blob in zip(record.keys, blobs, strict=True))
    return replace(record, keys=keys)


SEALED_FIELDS: Final = (
    _field(ACCESS_KEY, "secret", ACCESS_KEY_PURPOSE, lambda _, r: r.id.encode()),
    _field(LOGIN_PROFILE, "hashes", passwords.PURPOSE, lambda _, r: r.owner_id.encode()),
    _field(MFA_DEVICE, "seed", mfa.SEED_PURPOSE, lambda p, r: mfa.seed_identity(p.account, r.path, r.name)),
    SealedField(OUTBOUND_FEDERATION, "keys.secret", issuer.PURPOSE, _find_issuer_keys, _put_issuer_keys),
    _field(SERVER_CERTIFICATE, "private_key", server_certificates.PURPOSE, lambda _, r: r.id.encode()),
    _field(
        SERVICE_SPECIFIC_CREDENTIAL,
        "secret",
        service_specific_credentials.PURPOSE,
        lambda _, r: r.id.encode(),
    ),
    _field(CUSTOM_KEY_STORE, "secret_access_key", CREDENTIAL_PURPOSE, lambda _, r: r.id.encode()),
    _field(KEY_MATERIAL, "sealed", MATERIAL_PURPOSE, _material),
    _field(API_KEY, "sealed", API_KEY_PURPOSE, lambda _, r: r.key.encode()),
)
"""Every field of a record that holds what the keeper sealed."""

UNSTORED: Final[Mapping[str, str]] = {
    "backup": "backups",
    "kms-grant-token": "grant tokens of KMS",
    "kms-import-token": "import tokens of KMS",
    "kms-wrapping-key": "import tokens of KMS",
    "sts-authorization-message": "encoded authorization messages",
    "sts-session-token": "session tokens",
    "trade-in-token": "tokens of approved requests",
}
"""Purposes of what is sealed and given away, and what it is called."""

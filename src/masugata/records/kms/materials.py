"""The material of KMS keys: one record for each that a key has or had, sealed by the keeper."""

from datetime import datetime
from typing import Final

import msgspec

from masugata.records.kind import Kind

AUTOMATIC: Final = "AUTOMATIC"
ON_DEMAND: Final = "ON_DEMAND"


class KeyMaterial(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Material of a key in its Region; multi-Region keys have a copy in each.

    `sealed` is empty where imported material was deleted or has expired. `rotation_date` says when it became
    the current one by a rotation, of the type AUTOMATIC or ON_DEMAND; a key's first material has none.
    The rest is of imported material only.
    """

    version: int = 1
    id: str
    key_id: str
    sealed: bytes
    create_date: datetime
    rotation_date: datetime | None = None
    rotation_type: str = ""
    description: str = ""
    expiration_model: str = ""
    valid_to: datetime | None = None
    pending_rotation: bool = False


KEY_MATERIAL = Kind(
    "kms",
    "key-material",
    KeyMaterial,
    key=lambda r: f"{r.key_id}/{r.id}",
    names=lambda _: [],
    references=lambda r: [("key", r.key_id)],
    secret=True,
)

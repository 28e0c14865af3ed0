"""What an installation's store must do with its root keys: everything that is sealed, sealed anew."""

from masugata.server.root_keys.resealing import BROKEN, Resealed, reseal, secrets_by_root_key
from masugata.server.root_keys.sealed_fields import SEALED_FIELDS, UNSTORED, SealedField

__all__ = [
    "BROKEN",
    "SEALED_FIELDS",
    "UNSTORED",
    "Resealed",
    "SealedField",
    "reseal",
    "secrets_by_root_key",
]

"""Holds key material: seals secrets for storage, derives signing keys, gives neither away."""

from masugata.keeper.errors import (
    InvalidInputError,
    KeeperError,
    KeeperFailedError,
    KeeperUnavailableError,
    RootKeyError,
    RootKeyMissingError,
    SealBrokenError,
    SealedError,
)
from masugata.keeper.file_seal import open_keeper
from masugata.keeper.materials import DataKey, DataKeyPair, Material, Materials, NewMaterial
from masugata.keeper.protocol import ACCESS_KEY_PURPOSE, Keeper, SealableKeeper, SealStatus

__all__ = [
    "ACCESS_KEY_PURPOSE",
    "DataKey",
    "DataKeyPair",
    "InvalidInputError",
    "Keeper",
    "KeeperError",
    "KeeperFailedError",
    "KeeperUnavailableError",
    "Material",
    "Materials",
    "NewMaterial",
    "RootKeyError",
    "RootKeyMissingError",
    "SealBrokenError",
    "SealStatus",
    "SealableKeeper",
    "SealedError",
    "open_keeper",
]

"""Holds key material: seals secrets for storage, derives signing keys, gives neither away."""

from masugata.keeper.errors import (
    InvalidCiphertextError,
    InvalidInputError,
    KeeperError,
    RootKeyError,
    RootKeyMissingError,
    SealBrokenError,
)
from masugata.keeper.file_seal import open_keeper
from masugata.keeper.materials import DataKey, DataKeyPair, Material, Materials, NewMaterial, WrappingKey
from masugata.keeper.protocol import ACCESS_KEY_PURPOSE, Keeper

__all__ = [
    "ACCESS_KEY_PURPOSE",
    "DataKey",
    "DataKeyPair",
    "InvalidCiphertextError",
    "InvalidInputError",
    "Keeper",
    "KeeperError",
    "Material",
    "Materials",
    "NewMaterial",
    "RootKeyError",
    "RootKeyMissingError",
    "SealBrokenError",
    "WrappingKey",
    "open_keeper",
]

"""Holds key material: seals secrets for storage, derives signing keys, gives neither away."""

from masugata.keeper.errors import (
    InvalidCiphertextError,
    InvalidInputError,
    KeeperError,
    KeeperFailedError,
    KeeperUnavailableError,
    RootKeyError,
    RootKeyMissingError,
    SealBrokenError,
    SealedError,
    TooManyAttemptsError,
    WrongSecretError,
)
from masugata.keeper.local_keeper import LocalKeeper
from masugata.keeper.materials import DataKey, DataKeyPair, Material, Materials, WrappingKey
from masugata.keeper.opening import open_keeper
from masugata.keeper.protocol import ACCESS_KEY_PURPOSE, Keeper, SealableKeeper, SealStatus
from masugata.keeper.sealing import root_key_of
from masugata.keeper.seals import default_seal

__all__ = [
    "ACCESS_KEY_PURPOSE",
    "DataKey",
    "DataKeyPair",
    "InvalidCiphertextError",
    "InvalidInputError",
    "Keeper",
    "KeeperError",
    "KeeperFailedError",
    "KeeperUnavailableError",
    "LocalKeeper",
    "Material",
    "Materials",
    "RootKeyError",
    "RootKeyMissingError",
    "SealBrokenError",
    "SealStatus",
    "SealableKeeper",
    "SealedError",
    "TooManyAttemptsError",
    "WrappingKey",
    "WrongSecretError",
    "default_seal",
    "open_keeper",
    "root_key_of",
]

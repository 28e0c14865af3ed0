"""Holds key material: seals secrets for storage, derives signing keys, gives neither away."""

from masugata.keeper.errors import KeeperError, RootKeyError, RootKeyMissingError, SealBrokenError
from masugata.keeper.file_seal import open_keeper
from masugata.keeper.protocol import ACCESS_KEY_PURPOSE, Keeper

__all__ = [
    "ACCESS_KEY_PURPOSE",
    "Keeper",
    "KeeperError",
    "RootKeyError",
    "RootKeyMissingError",
    "SealBrokenError",
    "open_keeper",
]

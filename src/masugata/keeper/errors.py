"""What can go wrong with key material."""

from masugata.engines.keys import InvalidCiphertextError, InvalidInputError
from masugata.errors import MasugataError

__all__ = [
    "InvalidCiphertextError",
    "InvalidInputError",
    "KeeperError",
    "RootKeyError",
    "RootKeyMissingError",
    "SealBrokenError",
]


class KeeperError(MasugataError):
    """Root of the keeper's errors."""


class SealBrokenError(KeeperError):
    """A sealed blob was not made by this keeper for this purpose and identity, or was changed."""


class RootKeyError(KeeperError):
    """The root key cannot be used; the text says what to do."""


class RootKeyMissingError(RootKeyError):
    """There is no root key where one is needed to open what was sealed before."""


class SealedError(KeeperError):
    """The root keys are not open, so nothing that is sealed can be used until somebody opens them."""

    def __init__(
        self, message: str = "masugata is sealed: `masugata keys unseal` opens its root keys"
    ) -> None:
        super().__init__(message)


class WrongSecretError(RootKeyError):
    """What was given does not open the root keys; whether it or the file is wrong, nobody can tell."""


class TooManyAttemptsError(RootKeyError):
    """Somebody has tried too often within a minute to open the root keys."""


class KeeperUnavailableError(KeeperError):
    """The keeper did not answer in time; the request can be made again."""


class KeeperFailedError(KeeperError):
    """The keeper failed at what it was asked; its log has the place, and nothing of what was asked."""
